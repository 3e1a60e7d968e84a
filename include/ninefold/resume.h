// In: a dataset. Out: a pass over it that a checkpoint can hold.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ninefold/data.h"

namespace ninefold::data {

// A pass whose state is how many elements were drawn and where the generators of its shuffles stood when it began: restored,
// it begins so again and goes as far, as quickly as the pipeline runs. One thread at a time.
class NINEFOLD_API ResumablePass {
 public:
  explicit ResumablePass(DatasetPtr from);
  ~ResumablePass();
  bool next(Tensors& element);   // flat; false at the end, and ever after
  // Raises FailedPreconditionError for a pipeline whose functions have a state that no file holds (random ops, variables,
  // Python), as TensorFlow does.
  std::vector<std::string> state();
  // Raises NotFoundError if the state is another pipeline's, UnimplementedError if it is TensorFlow's, DataLossError for a
  // damaged one.
  void restore(const std::vector<std::string>& state);

 private:
  static constexpr const char* kKind = "ninefold iterator 1";
  DatasetPtr from_;
  PlacePtr place_;
  std::unique_ptr<DataIterator> pass_;
  uint64_t drawn_ = 0;
  std::optional<std::pair<bool, Tensors>> ahead_;   // drawn by state(), not yet by next()
};

}  // namespace ninefold::data
