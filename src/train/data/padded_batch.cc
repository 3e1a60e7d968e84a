// In: elements whose sizes may differ. Out: batches of them: padded at the ends of their axes to one shape.
#include <algorithm>
#include <cstring>

#include "train/data/stage.h"

namespace ninefold {
namespace data {
namespace {

// A tensor of that shape, every element of which is `value`.
Tensor filled(const Tensor& value, const Shape& shape) {
  const auto n = static_cast<size_t>(shape.size());
  if (value.dtype() == DType::string) return Tensor::of_strings(shape, std::vector<std::string>(n, *value.as<std::string>()));
  Tensor out = Tensor::empty(value.dtype(), shape);
  const size_t each = size_of(value.dtype());
  char* to = static_cast<char*>(out.writable());
  for (size_t i = 0; i < n; ++i) std::memcpy(to + i * each, value.data(), each);
  return out;
}

// `t` into the low corner of row `row` of `out`: runs along the last axis are copied at once.
void place_in(const Tensor& t, Tensor& out, int64_t row) {
  const int rank = t.rank();
  const int64_t run = rank > 0 ? t.dim(rank - 1) : 1;
  if (t.size() == 0) return;
  std::vector<int64_t> index(static_cast<size_t>(std::max(0, rank - 1)), 0);
  for (int64_t from = 0; from < t.size(); from += run) {
    int64_t to = row;
    for (int axis = 0; axis < rank; ++axis) to = to * out.dim(axis + 1) + (axis + 1 < rank ? index[static_cast<size_t>(axis)] : 0);
    if (t.dtype() == DType::string) {
      std::copy(t.as<std::string>() + from, t.as<std::string>() + from + run, static_cast<std::string*>(out.writable()) + to);
    } else {
      const size_t each = size_of(t.dtype());
      std::memcpy(static_cast<char*>(out.writable()) + static_cast<size_t>(to) * each,
                  static_cast<const char*>(t.data()) + static_cast<size_t>(from) * each, static_cast<size_t>(run) * each);
    }
    for (size_t axis = index.size(); axis-- > 0;) {
      if (++index[axis] < t.dim(static_cast<int>(axis))) break;
      index[axis] = 0;
    }
  }
}

Tensor padded(const std::vector<Tensors>& elements, size_t component, const Shape& shape, const Tensor& value) {
  std::vector<int64_t> sizes(shape.begin(), shape.end());
  for (const Tensors& element : elements) {
    const Tensor& t = element.at(component);
    check(t.rank() == shape.rank(), Code::invalid_argument,
          "All elements in a batch must have the same rank as the padded shape for component{}: expected rank {} but got element "
          "with rank {}", component, shape.rank(), t.rank());
    for (int axis = 0; axis < t.rank(); ++axis) {
      int64_t& size = sizes[static_cast<size_t>(axis)];
      check(shape[axis] < 0 || t.dim(axis) <= shape[axis], Code::data_loss,
            "Attempted to pad to a smaller size than the input element.");
      size = std::max(size, t.dim(axis));
    }
  }
  Tensor out = filled(value, Shape({static_cast<int64_t>(elements.size())}).concat(Shape(sizes)));
  for (size_t i = 0; i < elements.size(); ++i) place_in(elements[i].at(component), out, static_cast<int64_t>(i));
  return out;
}

class PaddedBatchDataset : public Stage {
 public:
  PaddedBatchDataset(DatasetPtr input, Structure s, int64_t size, PaddedBatchOptions options)
      : Stage(std::move(input), std::move(s)), size_(size), options_(std::move(options)) {}
  const char* stage() const override { return "PaddedBatchDataset"; }
  int64_t cardinality() const override {
    const int64_t n = input_->cardinality();
    return n < 0 ? n : options_.drop_remainder ? n / size_ : (n + size_ - 1) / size_;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Batches : Over {
      using Over::Over;
      const PaddedBatchDataset* of = nullptr;
      bool ended = false;
      bool next(Tensors& out) override {
        std::vector<Tensors> elements;
        const auto size = static_cast<size_t>(of->size_);
        for (Tensors element; !ended && elements.size() < size; element.clear()) {
          ended = !input->next(element);
          if (!ended) elements.push_back(std::move(element));
        }
        if (elements.empty() || (of->options_.drop_remainder && elements.size() < size)) return false;
        out.clear();
        for (size_t i = 0; i < of->options_.shapes.size(); ++i)
          out.push_back(padded(elements, i, of->options_.shapes[i], of->options_.values[i]));
        return true;
      }
    };
    auto it = std::make_unique<Batches>(input_->pass(place->below()), shared_from_this());
    it->of = this;
    return it;
  }

 private:
  int64_t size_;
  PaddedBatchOptions options_;
};

Tensor zero(DType dtype) {
  if (dtype == DType::string) return Tensor::of_strings({}, {""});
  Tensor out = Tensor::empty(dtype, {});
  std::memset(out.writable(), 0, out.bytes());
  return out;
}

}  // namespace
}  // namespace data

DatasetPtr Dataset::padded_batch(int64_t batch_size, const PaddedBatchOptions& options) {
  check(batch_size > 0, Code::invalid_argument, "Batch size must be greater than zero. [Op:PaddedBatchDatasetV2]");
  PaddedBatchOptions o = options;
  Structure s = structure_;
  const size_t n = s.leaves.size();
  if (o.shapes.empty())
    for (const TensorSpec& leaf : s.leaves) o.shapes.push_back(leaf.shape);
  if (o.values.empty())
    for (const TensorSpec& leaf : s.leaves) o.values.push_back(data::zero(leaf.dtype));
  check(o.shapes.size() == n && o.values.size() == n, Code::value,
        "padded_batch: elements have {} components, but there are {} padded shapes and {} padding values", n, o.shapes.size(), o.values.size());
  for (size_t i = 0; i < n; ++i) {
    TensorSpec& leaf = s.leaves[i];
    const Shape& shape = o.shapes[i];
    check(shape.known_rank(), Code::value, "You must provide `padded_shapes` argument because component {} has unknown rank.", i);
    bool fits = !leaf.shape.known_rank() || leaf.shape.rank() == shape.rank();
    for (int axis = 0; fits && leaf.shape.known_rank() && axis < shape.rank(); ++axis)
      fits = shape[axis] < 0 || leaf.shape[axis] <= shape[axis];
    check(fits, Code::value, "The padded shape {} is not compatible with the shape {} of the corresponding input component.",
          shape.tuple(), leaf.shape.tuple());
    check(o.values[i].rank() == 0, Code::value, "Invalid `padding_values`. `padding_values` values should be scalars, but got {}.",
          o.values[i].shape().tuple());
    check(o.values[i].dtype() == leaf.dtype, Code::type, "Invalid `padding_values`. `padding_values` values type <dtype: '{}'> does not "
          "match type <dtype: '{}'> of the corresponding input component.", name_of(o.values[i].dtype()), name_of(leaf.dtype));
    leaf.shape = Shape({o.drop_remainder ? batch_size : -1}).concat(shape);
  }
  return std::make_shared<data::PaddedBatchDataset>(shared_from_this(), std::move(s), batch_size, std::move(o));
}

}  // namespace ninefold
