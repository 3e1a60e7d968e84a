// In: a pipeline that runs. Out: where its stages keep what lives as long as the whole pipeline's iterator.
#pragma once

#include <mutex>

#include "engine/graph/function.h"
#include "ninefold/data.h"

namespace ninefold::data {

// The place of a stage in a pipeline that runs. It begins with the iterator of the whole, and goes on however
// often the stage itself begins again within it (below a repeat, in each dataset of a flat_map). The random ops
// of a stage's function draw from the streams of its place, as in TensorFlow.
class Place {
 public:
  // Of input i, or of the datasets that the stage makes: the same place at every call.
  PlacePtr below(size_t i = 0);
  // The function with the random streams of this place; itself if it draws no numbers.
  FunctionRef function(const FunctionRef& f);

 private:
  std::mutex mutex_;   // guards what follows: stages run in threads of their own
  std::vector<PlacePtr> below_;
  std::shared_ptr<graph::Streams> streams_;
};

}  // namespace ninefold::data
