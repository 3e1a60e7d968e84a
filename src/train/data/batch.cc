// In: elements: tensors, or the parts of ragged and sparse tensors. Out: batches of them along a new first axis, and back.
#include "base/timeline.h"
#include "train/data/composites.h"

namespace ninefold {
namespace data {
namespace {

class BatchDataset : public Stage {
 public:
  // Without forms all leaves are tensors.
  BatchDataset(DatasetPtr input, Structure s, int64_t size, bool drop, ElementForms forms = {})
      : Stage(std::move(input), std::move(s)), size_(size), drop_(drop), forms_(std::move(forms)) {}
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
      const ElementForms* forms = nullptr;
      std::vector<int64_t> numbers;
      std::vector<Tensors> elements;
      bool next(Tensors& out) override {
        const timeline::Span span(timeline::info, timeline::Kind::input, "Iterator::Batch");
        return !ended && (input->rows() && forms->empty() ? gather(out) : collect(out));
      }
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
        elements.clear();
        for (Tensors element; static_cast<int64_t>(elements.size()) < size;) {
          if (!input->next(element)) {
            ended = true;
            break;
          }
          elements.push_back(std::move(element));
          element.clear();
        }
        if (elements.empty() || (drop && static_cast<int64_t>(elements.size()) < size)) return false;
        if (!forms->empty()) {
          out = batch_of(*forms, elements);
          return true;
        }
        out.clear();
        for (size_t i = 0; i < elements[0].size(); ++i) {
          Tensors column;
          for (Tensors& element : elements) column.push_back(std::move(element.at(i)));
          out.push_back(stack_rows(column, "batch", i));
        }
        return true;
      }
    };
    auto it = std::make_unique<Batches>(input_->pass(place->below()), shared_from_this());
    it->size = size_;
    it->drop = drop_;
    it->forms = &forms_;
    return it;
  }

 private:
  int64_t size_;
  bool drop_;
  ElementForms forms_;
};

class UnbatchDataset : public Stage {
 public:
  UnbatchDataset(DatasetPtr input, Structure s, ElementForms forms = {}, int64_t rows = kUnknown)
      : Stage(std::move(input), std::move(s)), forms_(std::move(forms)), rows_(rows) {}
  const char* stage() const override { return rows_ < 0 ? "_UnbatchDataset" : "TensorSliceDataset"; }
  int64_t cardinality() const override {
    if (!forms_.empty()) return rows_;
    int64_t rows = -1;
    for (const TensorSpec& s : input_->structure().leaves) rows = std::max(rows, s.shape.rank() > 0 ? s.shape[0] : -1);
    const int64_t n = input_->cardinality();
    return n < 0 ? n : rows < 0 ? kUnknown : n * rows;
  }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Rows : Over {
      using Over::Over;
      const ElementForms* forms = nullptr;
      Tensors batch;
      int64_t at = 0, count = 0;
      bool next(Tensors& out) override {
        while (at >= count) {
          if (!input->next(batch)) return false;
          at = 0;
          if (!forms->empty()) {
            count = rows_of(*forms, batch);
            continue;
          }
          count = batch.at(0).dim(0);
          for (const Tensor& t : batch)
            check(t.rank() > 0 && t.dim(0) == count, Code::invalid_argument,
                  "Input element must have the same batch size in each component.");
        }
        out.clear();
        if (!forms->empty()) out = row_of(*forms, batch, at);
        else for (const Tensor& t : batch) out.push_back(row_of(t, at));
        ++at;
        return true;
      }
    };
    auto it = std::make_unique<Rows>(input_->pass(place->below()), shared_from_this());
    it->forms = &forms_;
    return it;
  }

 private:
  ElementForms forms_;
  int64_t rows_;
};

}  // namespace

DatasetPtr batch_composites(const DatasetPtr& input, const ElementForms& forms, int64_t batch_size, bool drop_remainder) {
  check(batch_size > 0, "Batch size must be greater than zero. [Op:BatchDatasetV2]");
  return std::make_shared<BatchDataset>(input, batched(input->structure(), forms, drop_remainder ? batch_size : -1), batch_size, drop_remainder, forms);
}
DatasetPtr unbatch_composites(const DatasetPtr& input, const ElementForms& forms, int64_t rows) {
  return std::make_shared<UnbatchDataset>(input, unbatched(input->structure(), forms), forms, rows);
}

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
