// In: elements. Out: batches of them along a new first axis, and back.
#include "train/data/stage.h"

namespace ninefold {
namespace data {
namespace {

class BatchDataset : public Stage {
 public:
  BatchDataset(DatasetPtr input, Structure s, int64_t size, bool drop)
      : Stage(std::move(input), std::move(s)), size_(size), drop_(drop) {}
  const char* stage() const override { return "BatchDataset"; }
  int64_t cardinality() const override {
    const int64_t n = input_->cardinality();
    return n < 0 ? n : drop_ ? n / size_ : (n + size_ - 1) / size_;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Batches : Over {
      using Over::Over;
      int64_t size = 1;
      bool drop = false, ended = false;
      std::vector<int64_t> numbers;
      std::vector<std::vector<Tensor>> columns;
      bool next(Tensors& out) override { return !ended && (input->rows() ? gather(out) : collect(out)); }
      // Whole rows of a source that holds them all: their numbers are gathered at once.
      bool gather(Tensors& out) {
        numbers.clear();
        int64_t row;
        while (static_cast<int64_t>(numbers.size()) < size) {
          if (!input->next_row(row)) {
            ended = true;
            break;
          }
          numbers.push_back(row);
        }
        if (numbers.empty() || (drop && static_cast<int64_t>(numbers.size()) < size)) return false;
        out.clear();
        for (const Tensor& t : *input->rows()) out.push_back(gather_rows(t, numbers));
        return true;
      }
      bool collect(Tensors& out) {
        int64_t count = 0;
        Tensors element;
        for (auto& c : columns) c.clear();
        while (count < size) {
          if (!input->next(element)) {
            ended = true;
            break;
          }
          columns.resize(element.size());
          for (size_t i = 0; i < element.size(); ++i) columns[i].push_back(std::move(element[i]));
          ++count;
        }
        if (count == 0 || (drop && count < size)) return false;
        out.clear();
        for (size_t i = 0; i < columns.size(); ++i) out.push_back(stack_rows(columns[i], "batch", i));
        return true;
      }
    };
    auto it = std::make_unique<Batches>(input_->pass(place->below()), shared_from_this());
    it->size = size_;
    it->drop = drop_;
    return it;
  }

 private:
  int64_t size_;
  bool drop_;
};

class UnbatchDataset : public Stage {
 public:
  using Stage::Stage;
  const char* stage() const override { return "_UnbatchDataset"; }
  int64_t cardinality() const override {
    int64_t rows = -1;
    for (const TensorSpec& s : input_->structure().leaves) rows = std::max(rows, s.shape.rank() > 0 ? s.shape[0] : -1);
    const int64_t n = input_->cardinality();
    return n < 0 ? n : rows < 0 ? kUnknown : n * rows;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Rows : Over {
      using Over::Over;
      Tensors batch;
      int64_t at = 0, count = 0;
      bool next(Tensors& out) override {
        while (at >= count) {
          if (!input->next(batch)) return false;
          at = 0;
          count = batch.at(0).dim(0);
          for (const Tensor& t : batch)
            check(t.rank() > 0 && t.dim(0) == count, Code::invalid_argument,
                  "Input element must have the same batch size in each component.");
        }
        out.clear();
        for (const Tensor& t : batch) out.push_back(row_of(t, at));
        ++at;
        return true;
      }
    };
    return std::make_unique<Rows>(input_->pass(place->below()), shared_from_this());
  }
};

}  // namespace
}  // namespace data

DatasetPtr Dataset::batch(int64_t batch_size, bool drop_remainder) {
  check(batch_size > 0, "Batch size must be greater than zero. [Op:BatchDatasetV2]");
  Structure s = structure_;
  // The axis stays open unless the remainder is dropped, even where the sizes divide: as in TensorFlow.
  for (TensorSpec& leaf : s.leaves)
    if (leaf.shape.known_rank()) leaf.shape = Shape({drop_remainder ? batch_size : -1}).concat(leaf.shape);
  return std::make_shared<data::BatchDataset>(shared_from_this(), std::move(s), batch_size, drop_remainder);
}

DatasetPtr Dataset::unbatch() {
  Structure s = structure_;
  for (TensorSpec& leaf : s.leaves) {
    if (!leaf.shape.known_rank()) continue;
    check(leaf.shape.rank() > 0, Code::value, "Cannot unbatch an input with scalar components.");
    leaf.shape = leaf.shape.slice(1, leaf.shape.rank());
  }
  return std::make_shared<data::UnbatchDataset>(shared_from_this(), std::move(s));
}

}  // namespace ninefold
