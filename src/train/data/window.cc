// In: elements. Out: elements that are datasets themselves, and what is made of such: window, group_by_window.
#include <deque>
#include <map>

#include "engine/tensor/resource.h"
#include "train/data/stage.h"

namespace ninefold {
namespace data {
namespace {

// What a variant tensor holds of a dataset.
struct DatasetResource : Resource {
  explicit DatasetResource(DatasetPtr d) : dataset(std::move(d)) {}
  const char* kind() const override { return "Dataset"; }
  const DatasetPtr dataset;
};

using Elements = std::shared_ptr<const std::vector<Tensors>>;

// Elements that were read already. `first`, `count`: the leaves that this dataset shows of them.
class ReadDataset : public Dataset {
 public:
  ReadDataset(Structure s, Elements elements, size_t first, size_t count)
      : Dataset(std::move(s)), elements_(std::move(elements)), first_(first), count_(count) {}
  const char* stage() const override { return "_VariantDataset"; }
  int64_t cardinality() const override { return static_cast<int64_t>(elements_->size()); }
  std::unique_ptr<DataIterator> pass(const PlacePtr&) override {
    struct Again : DataIterator {
      std::shared_ptr<ReadDataset> from;
      size_t at = 0;
      bool next(Tensors& out) override {
        if (at >= from->elements_->size()) return false;
        const Tensors& whole = (*from->elements_)[at++];
        const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(from->first_);
        out.assign(begin, begin + static_cast<std::ptrdiff_t>(from->count_));
        return true;
      }
    };
    auto it = std::make_unique<Again>();
    it->from = std::static_pointer_cast<ReadDataset>(shared_from_this());
    return it;
  }

 private:
  Elements elements_;
  size_t first_, count_;
};

DatasetPtr read_before(const Structure& s, std::vector<Tensors> elements) {
  return std::make_shared<ReadDataset>(s, std::make_shared<const std::vector<Tensors>>(std::move(elements)), 0, s.leaves.size());
}

// A dataset of each leaf of the nest: where its tensors lie in an element.
struct Part {
  size_t first, count;
  Structure structure;
};
using Parts = std::vector<Part>;

struct Extent {
  size_t size, shift, stride;
  bool drop;
  size_t reach() const { return (size - 1) * stride + 1; }   // elements from the first to the last of a window
};

class WindowDataset : public Stage {
 public:
  WindowDataset(DatasetPtr input, Structure s, Parts parts, Extent e)
      : Stage(std::move(input), std::move(s)), parts_(std::move(parts)), extent_(e) {}
  const char* stage() const override { return "WindowDataset"; }
  int64_t cardinality() const override {
    const int64_t n = input_->cardinality(), shift = static_cast<int64_t>(extent_.shift);
    if (n < 0) return n;
    if (!extent_.drop) return (n + shift - 1) / shift;
    const int64_t rest = n - static_cast<int64_t>(extent_.reach());
    return rest < 0 ? 0 : rest / shift + 1;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Windows : Over {
      using Over::Over;
      const WindowDataset* of = nullptr;
      std::deque<Tensors> ahead;     // from the first element of the next window on
      bool ended = false;
      bool read(Tensors& element) {
        ended = ended || !input->next(element);
        return !ended;
      }
      bool next(Tensors& out) override {
        const Extent& e = of->extent_;
        Tensors element;
        while (ahead.size() < e.reach() && read(element)) ahead.push_back(std::move(element)), element.clear();
        if (ahead.empty() || (e.drop && ahead.size() < e.reach())) return false;
        auto window = std::make_shared<std::vector<Tensors>>();
        for (size_t i = 0; i < ahead.size() && window->size() < e.size; i += e.stride) window->push_back(ahead[i]);
        out.clear();
        for (const auto& [first, count, structure] : of->parts_)
          out.push_back(to_variant(std::make_shared<ReadDataset>(structure, window, first, count)));
        const size_t gone = std::min(e.shift, ahead.size());
        ahead.erase(ahead.begin(), ahead.begin() + static_cast<std::ptrdiff_t>(gone));
        for (size_t i = gone; i < e.shift && read(element); ++i) element.clear();
        return true;
      }
    };
    auto it = std::make_unique<Windows>(input_->pass(place->below()), shared_from_this());
    it->of = this;
    return it;
  }

 private:
  Parts parts_;
  Extent extent_;
};

class GroupByWindowDataset : public Stage {
 public:
  GroupByWindowDataset(DatasetPtr input, Structure s, Traced key, WindowReducer reduce, WindowSize size)
      : Stage(std::move(input), std::move(s)), key_(std::move(key)), reduce_(std::move(reduce)), size_(std::move(size)) {}
  const char* stage() const override { return "_GroupByWindowDataset"; }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Group {
      size_t size = 0;
      std::vector<Tensors> elements;
    };
    struct Groups : Over {
      using Over::Over;
      const GroupByWindowDataset* of = nullptr;
      FunctionRef key;
      PlacePtr place;                          // of every dataset that the reducer makes
      std::map<int64_t, Group> groups;         // at the end of the input they are reduced in this order
      std::unique_ptr<DataIterator> inner;
      bool ended = false;
      void reduce(std::map<int64_t, Group>::iterator at) {
        const auto [number, group] = std::move(*at);
        groups.erase(at);
        inner = of->reduce_(Tensor(number), read_before(of->input_->structure(), group.elements))->pass(place);
      }
      bool next(Tensors& out) override {
        for (;;) {
          if (inner && inner->next(out)) return true;
          inner.reset();
          Tensors element;
          if (!ended && input->next(element)) {
            const int64_t number = key->call(element).at(0).item<int64_t>();
            const auto at = groups.try_emplace(number).first;
            if (at->second.size == 0) {
              const int64_t size = of->size_(Tensor(number));
              check(size > 0, Code::invalid_argument, "Window size must be greater than zero, but got {}.", size);
              at->second.size = static_cast<size_t>(size);
            }
            at->second.elements.push_back(std::move(element));
            if (at->second.elements.size() == at->second.size) reduce(at);
            continue;
          }
          ended = true;
          if (groups.empty()) return false;
          reduce(groups.begin());
        }
      }
    };
    auto it = std::make_unique<Groups>(input_->pass(place->below()), shared_from_this());
    it->of = this;
    it->key = place->function(key_.function);
    it->place = place->below(1);
    return it;
  }

 private:
  Traced key_;
  WindowReducer reduce_;
  WindowSize size_;
};

}  // namespace

Tensor to_variant(const DatasetPtr& dataset) {
  return resource_tensor(std::make_shared<DatasetResource>(dataset), DType::variant);
}
DatasetPtr from_variant(const Tensor& t) {
  check(!t.symbolic(), Code::unimplemented, "tf.data: a dataset that is an element cannot be read within a traced function; "
        "flat_map, interleave and group_by_window hand it to functions that run as they are");
  return resource_as<DatasetResource>(t, "from_variant").dataset;
}

}  // namespace data

DatasetPtr Dataset::window(int64_t size, WindowOptions options, const std::vector<size_t>& leaves) {
  const int64_t shift = options.shift == 0 ? size : options.shift;
  check(size > 0, Code::invalid_argument, "Window size must be greater than zero. [Op:WindowDataset]");
  check(shift > 0, Code::invalid_argument, "Window shift must be greater than zero. [Op:WindowDataset]");
  check(options.stride > 0, Code::invalid_argument, "Window stride must be greater than zero. [Op:WindowDataset]");
  data::Parts parts;
  Structure s;
  size_t at = 0;
  for (size_t count : leaves.empty() ? std::vector<size_t>(structure_.leaves.size(), 1) : leaves) {
    Structure part;
    ValueList numbers;
    for (size_t i = 0; i < count; ++i) {
      part.leaves.push_back(structure_.leaves.at(at + i));
      numbers.push_back(static_cast<int64_t>(i));
    }
    part.nest = std::move(numbers);
    parts.push_back({at, count, std::move(part)});
    s.leaves.push_back({{}, DType::variant, ""});
    at += count;
  }
  check(at == structure_.leaves.size(), Code::value, "window: elements have {} leaves, the parts {}", structure_.leaves.size(), at);
  if (leaves.empty()) {
    s.nest = structure_.nest;
  } else {
    ValueList numbers;
    for (size_t i = 0; i < leaves.size(); ++i) numbers.push_back(static_cast<int64_t>(i));
    s.nest = std::move(numbers);
  }
  return std::make_shared<data::WindowDataset>(
      shared_from_this(), std::move(s), std::move(parts),
      data::Extent{static_cast<size_t>(size), static_cast<size_t>(shift), static_cast<size_t>(options.stride), options.drop_remainder});
}

DatasetPtr Dataset::group_by_window(const ElementFunction& key, const WindowReducer& reduce, const WindowSize& size) {
  data::Traced f = data::trace_element("Dataset_group_by_window", structure_, key);
  const bool fits = f.result.leaves.size() == 1 && f.result.leaves[0].dtype == DType::i64 && f.result.leaves[0].shape.rank() <= 0;
  check(fits, Code::value, "Invalid `key_func`. `key_func` must return a single `tf.int64` scalar tensor but got {} of them: "
        "dtype {}, shape {}.", f.result.leaves.size(), f.result.leaves.empty() ? "none" : name_of(f.result.leaves[0].dtype),
        f.result.leaves.empty() ? "()" : f.result.leaves[0].shape.tuple());
  // The form of the result is that of an empty window's dataset.
  const DatasetPtr like = reduce(Tensor(int64_t{0}), data::read_before(structure_, {}));
  return std::make_shared<data::GroupByWindowDataset>(shared_from_this(), like->structure(), std::move(f), reduce, size);
}

}  // namespace ninefold
