// In: the dataset before. Out: the base of stages, and of their iterators: rows go through where they may.
#pragma once

#include "train/data/element.h"
#include "train/data/place.h"

namespace ninefold::data {

class Stage : public Dataset {
 public:
  Stage(DatasetPtr input, Structure s) : Dataset(std::move(s)), input_(std::move(input)) {}
  explicit Stage(DatasetPtr input) : Dataset(input->structure()), input_(std::move(input)) {}
  int64_t cardinality() const override { return input_->cardinality(); }

 protected:
  DatasetPtr input_;
};

// An iterator over another one. `hold` keeps the dataset, so that iterators outlive their pipeline.
struct Over : DataIterator {
  Over(std::unique_ptr<DataIterator> i, DatasetPtr h) : input(std::move(i)), hold(std::move(h)) {}
  std::unique_ptr<DataIterator> input;
  DatasetPtr hold;
};
// One whose elements are some of its input's, unchanged: it chooses, which to hand on.
struct Choosing : Over {
  using Over::Over;
  const Tensors* rows() const override { return input->rows(); }
};

}  // namespace ninefold::data
