// In: what fit, evaluate and predict were given. Out: epochs of batches, as Keras' DataHandler counts them.
#pragma once

#include "ninefold/keras.h"
#include "train/fit/witness.h"

namespace ninefold::keras {

struct HandlerOptions {
  const char* who = "fit";
  Value batch_size = {}, steps = {};
  int64_t initial_epoch = 0, epochs = 1;
  Value shuffle = false;
  Value class_weight = {};
};

class Handler {
 public:
  Handler(const Value& x, const Value& y, const Value& sample_weight, const HandlerOptions& options);
  void begin();                          // the first pass
  void begin_epoch();
  void end_epoch() { source_->end_epoch(); }
  // Runs `step(index, batch)` for each batch of an epoch until the data or the steps end, or it says false.
  // `witness`: who is told of the time it takes; null: nobody.
  void run(const std::function<bool(int64_t, const Batch&)>& step, Witness* witness = nullptr);
  int64_t steps() const { return steps_; }          // an epoch; -1: not known yet
  bool ran_out() const { return ran_out_; }
  const HandlerOptions& options() const { return options_; }

 private:
  HandlerOptions options_;
  BatchSourcePtr source_;
  int64_t asked_ = -1, steps_ = -1;
  bool ran_out_ = false;
};

int verbosity(const Value& verbose, const char* who);

}  // namespace ninefold::keras
