// In: a model's step and batches. Out: the step's results, from a trace made once a signature.
#pragma once

#include "ninefold/keras.h"

namespace ninefold::keras {

enum class Phase { train, test, predict };

// What a step gave: tensors in the form the model's step returned.
struct StepResult {
  std::shared_ptr<const Value> form;
  Tensors flat;
  Value value() const { return nest_of(*form, flat); }
  static Value nest_of(const Value& form, const Tensors& flat);
};

// train_function, test_function or predict_function. The batch's first dimension is left open, so that the last
// partial batch needs no trace of its own; other dimensions that vary are opened when they do.
class StepFunction {
 public:
  explicit StepFunction(Phase phase) : phase_(phase) {}
  void run(Model& model, const Batch& batch, StepResult& out);
  void clear() { entries_.clear(); }
  // Rows of a whole batch, where the source says: what replicas share evenly. 0: each batch by itself.
  void set_batch_rows(int64_t rows);
  int traces() const { return traces_; }

 private:
  struct Entry {
    Value x, y, sample_weight;            // forms
    std::vector<TensorSpec> specs;        // of the flat tensors
    FunctionRef function;
    std::shared_ptr<const Value> form;
  };
  Entry& entry_for(Model& model, const Batch& batch);
  Value call_step(Model& model, const Value& data) const;
  Value one_step(Model& model, const Value& data) const;
  Phase phase_;
  int64_t batch_rows_ = 0;
  std::vector<Entry> entries_;
  Tensors arguments_;
  int traces_ = 0;
};

// x, (x,), (x, y) or (x, y, sample_weight), as train_step gets them; and back.
Value packed_data(const Batch& batch);
Batch unpacked_data(const Value& data);

}  // namespace ninefold::keras
