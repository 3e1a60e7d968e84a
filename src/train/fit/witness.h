// In: when a training asks for a batch, when it has one. Out: a file of facts about it, for `ninefold doctor`.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace ninefold::keras {

class Model;
struct Batch;

// The doctor links no engine: it reads what this writes, where the variable NINEFOLD_TRAINING_FACTS names a folder
// (the workstation's environments set it). A training that nobody asks about has no witness; one that has takes the
// time twice a step, and every second looks at some of the model's numbers and replaces a small file.
class Witness {
 public:
  // Null where nobody asked.
  static std::unique_ptr<Witness> of(Model& model);
  ~Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  // Between the calls `asks` and `has` a training waits for its input, between `has` and `asks` it computes.
  void asks() {
    const Clock::time_point now = Clock::now();
    if (computes_) computed_ += now - since_;
    since_ = now;
    computes_ = false;
  }
  void has(const Batch& batch) {
    const Clock::time_point now = Clock::now();
    waited_ += now - since_;
    since_ = now;
    computes_ = true;
    ++steps_;
    if (now >= next_) tell(batch, now);
  }
  // What comes next is neither: an epoch's end, validation.
  void pauses() { asks(); }

 private:
  using Clock = std::chrono::steady_clock;
  Witness(Model& model, std::string path);
  void tell(const Batch& batch, Clock::time_point now);
  double denormals() const;

  Model& model_;
  std::string path_;                    // empty: it cannot be written
  Clock::time_point since_{}, next_;    // since_: when the present phase began
  Clock::duration waited_{}, computed_{};   // since the file was written
  std::int64_t steps_ = 0;
  bool computes_ = false;
  bool warm_ = false;                   // the first steps trace and fill buffers: nobody is told of them
};

}  // namespace ninefold::keras
