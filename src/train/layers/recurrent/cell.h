// In: cells of any kind, C++ or Python. Out: what a loop over steps asks of them.
#pragma once

#include <map>

#include "train/layers/layer_of.h"

namespace ninefold::keras {

// What a cell written in C++ says; one written in Python says it through overrides of the same names.
class Cell {
 public:
  virtual ~Cell() = default;
  virtual Value state_size() const = 0;    // an int, a shape, or a nest of them: one a state, without the batch
  virtual Value output_size() const = 0;
  // A nest of zeros like state_size, unless the cell begins otherwise.
  virtual Value initial_state(const Tensor& batch, DType dtype) const;
  virtual void reset_masks() {}            // a layer's call begins or ends: dropout masks are drawn anew
};

namespace cell {

bool is_cell(const Layer& cell);
Value state_size(const Layer& cell);
Value output_size(const Layer& cell);      // the first state's size where the cell does not say
Value initial_state(const Layer& cell, const Tensor& batch, DType dtype);
void reset_masks(const Layer& cell);
// The sizes of all states, one after another, each as a shape without the batch.
std::vector<Shape> flat_sizes(const Value& state_size);
// Zeros [batch, size...] for each leaf of a nest of sizes; `batch` is an int32 scalar.
Value zeros(const Value& state_size, const Tensor& batch, DType dtype);
// A list as it is; anything else as a list of one.
ValueList listed(const Value& v);

}  // namespace cell

// The masks of a cell's dropout: one set for all steps of a call. A trace within the call (the body of a loop) has
// masks of its own, as in Keras, whose random ops then draw at every step.
class DropoutMasks {
 public:
  void reset() { made_.clear(); }
  // `count` masks like x; empty if the rate is 0.
  const Tensors& of(const Tensor& x, double rate, int count, const Value& training);

 private:
  std::map<const void*, Tensors> made_;    // by the trace they belong to; null: eager
};

// SimpleRNNCell, GRUCell and LSTMCell: kernels for a number of gates, side by side.
class GateCell : public LayerOf<CellOptions>, public Cell {
 public:
  // Keywords that no signature shows are taken first: implementation.
  void configure(const std::string& class_name, const Schema<CellOptions>& schema, const ValueDict& given);
  void configure(const std::string& class_name, const Schema<CellOptions>& schema, CellOptions given) {
    LayerOf::configure(class_name, schema, std::move(given));
  }
  void adopt(CellOptions given) { options = std::move(given), ready(); }   // of the layer around it
  ValueDict config() const override;
  Value state_size() const override { return options.units; }
  Value output_size() const override { return options.units; }
  void reset_masks() override { masks_.reset(), recurrent_masks_.reset(); }
  // The masks of the inputs of a whole layer, all steps at once.
  const Tensors& input_masks(const Tensor& x, int count, const Value& training) {
    return masks_.of(x, options.dropout, count, training);
  }
  const Variable& kernel() const { return kernel_; }
  const Variable& recurrent_kernel() const { return recurrent_kernel_; }
  const Variable& bias() const { return bias_; }

 protected:
  void ready() override;
  std::vector<std::string> call_parameters() const override { return {"inputs", "states", "training"}; }
  virtual bool by_gates() const { return false; }   // True iff `implementation` means something
  void add_kernels(const Value& input_shape, int gates, const Shape& bias, std::shared_ptr<Initializer> bias_initializer);
  // The states of a call, and whether they came as a list.
  std::pair<Tensors, bool> states_of(const CallArgs& args) const;
  const Tensors& recurrent_masks(const Tensor& h, int count, const Value& training) {
    return recurrent_masks_.of(h, options.recurrent_dropout, count, training);
  }
  // Columns [gate * units, ...) of a kernel or bias.
  Tensor gate(const Tensor& w, int64_t gate, int64_t count = 1) const;
  Tensor activated(const Tensor& x) const { return options.activation ? (*options.activation)(x) : x; }
  Tensor recurrently_activated(const Tensor& x) const {
    return options.recurrent_activation ? (*options.recurrent_activation)(x) : x;
  }
  Variable kernel_, recurrent_kernel_, bias_;

 private:
  DropoutMasks masks_, recurrent_masks_;
};

// The fields that cells share, in Keras' order.
enum class CellKind { simple, gru, lstm };
Schema<CellOptions> cell_fields(CellKind kind);

}  // namespace ninefold::keras
