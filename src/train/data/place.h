// In: a pipeline that runs. Out: where its stages keep what lives as long as the whole pipeline's iterator.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

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

  // What a late dataset is in this pipeline; null if nothing was said. Said before the passes below begin.
  void bind(const Dataset* late, DatasetPtr truth);
  DatasetPtr bound(const Dataset* late);

  // ---- what a checkpoint keeps of an iterator ----
  // Where a shuffle's generator stands: its key and counter at the beginning, and how many words it has given.
  struct Draws {
    uint64_t key = 0, low = 0, high = 0, drawn = 0;
    bool same_generator(const Draws& d) const { return key == d.key && low == d.low && high == d.high; }
  };
  // By the place's path: "", "0.", "0.1."; several where datasets that a stage makes have generators of their own.
  using States = std::map<std::string, std::vector<Draws>>;
  // A shuffle's pass begins, its generator stands at `now`. The first time that a restored iterator meets this generator, this
  // gives where it has to stand instead.
  std::optional<Draws> begin(const Draws& now);
  // Something that the stage does has a state that no checkpoint holds: the op of that name.
  void stateful(const std::string& op);
  void collect(States& states, std::string& stateful, const std::string& path = {});
  void give(const States& states, const std::string& path = {});   // before the first pass begins

 private:
  std::mutex mutex_;   // guards what follows: stages run in threads of their own
  std::vector<PlacePtr> below_;
  std::shared_ptr<graph::Streams> streams_;
  std::vector<Draws> began_;
  std::map<const Dataset*, DatasetPtr> bound_;   // of this place and those below
  States given_;                            // of this place and those below
  std::string stateful_, path_;
};

}  // namespace ninefold::data
