// In: a cell and what to return. Out: the layer that runs it over the steps of a sequence.
#pragma once

#include "train/layers/recurrent/cell.h"
#include "train/layers/recurrent/loop.h"

namespace ninefold::keras {

// What RNN, SimpleRNN, GRU and LSTM have in common; a subclass gives the cell and may run the steps its own way.
class RnnCore : public RecurrentLayer {
 public:
  void arrange(Value& inputs, CallArgs& args) override;
  void build(const Value& input_shape) override;
  Value call(const Value& inputs, const CallArgs& args) override;
  Value compute_mask(const Value& inputs, const Value& mask) override;
  Value compute_output_shape(const Value& input_shape) override;
  LayerPtr cell() const override { return cell_; }
  Value states() const override;
  void reset_states(const Value& states) override;
  Value initial_state(const Tensor& inputs) const override;

  struct Flags { NINEFOLD_SEQUENCE_OPTIONS; };
  Flags flags;
  size_t constant_count = 0;  // how many tensors at the end of a list of inputs are constants

 protected:
  // The steps of `inputs`, without what surrounds them: states, ragged rows, what is returned.
  virtual Looped run(const Value& inputs, const ValueList& initial, const Value& training, const ValueList& constants,
                     const LoopOptions& options);
  std::vector<std::string> call_parameters() const override { return {"inputs", "mask", "training", "initial_state"}; }
  template <class O> void take_flags(const O& o) {
    flags = {o.return_sequences, o.return_state, o.go_backwards, o.stateful, o.time_major, o.unroll, o.zero_output_for_mask};
    stateful = o.stateful;
    supports_masking = true;
  }
  void write_flags(ValueDict& out) const;
  // The layer's config with these flags and with what a schema says of its options.
  template <class O> ValueDict config_of(const Schema<O>& schema, const O& options) const {
    ValueDict out = Layer::config(), own;
    write_flags(out);
    schema.write(options, own);
    for (const Entry& e : own)
      if (!Value(out).find(e.key)) out.push_back(e);
    return out;
  }
  LayerPtr cell_;

 private:
  Value padded(const Value& inputs, const Value& mask, Tensor& lengths) const;
  Tensor counted_steps(const Tensor& lengths, const Tensor& x) const;
  Value rows_of_steps(const Tensor& y, const Tensor& lengths) const;
  ValueList first_states(const Value& inputs, const Value& given) const;
  void check_state_sizes(const ValueList& given) const;
  int64_t batch_size() const;
  Value states_;              // of stateful layers: variables in the form of the cell's state_size
};

// Options that no signature shows: taken out of the keywords, or put among a config's.
template <class O>
ValueDict hidden_options(const ValueDict& given, O& options, size_t* constants) {
  ValueDict rest;
  Value length, dim, shape;
  for (const Entry& e : given) {
    if (e.key == "zero_output_for_mask") options.zero_output_for_mask = As<bool>::from(e.value, e.key);
    else if (e.key == "num_constants") *constants = static_cast<size_t>(As<int64_t>::from(e.value, e.key));
    else if (e.key == "input_length") length = e.value;
    else if (e.key == "input_dim") dim = e.value;
    else if (e.key != "enable_caching_device") rest.push_back(e);
    if (e.key == "input_shape") shape = e.value;
  }
  if (shape.none() && (!dim.none() || !length.none())) rest.push_back({"input_shape", ValueList{length, dim}});
  return rest;
}

// The layer of a gate cell: its options are the cell's and the sequence's.
class GateRnn : public LayerOf<RecurrentOptions, RnnCore> {
 public:
  using Base = LayerOf<RecurrentOptions, RnnCore>;
  void configure(const std::string& class_name, const Schema<RecurrentOptions>& schema, const ValueDict& given);
  void configure(const std::string& class_name, const Schema<RecurrentOptions>& schema, RecurrentOptions given);
  ValueDict config() const override;

 protected:
  virtual const char* cell_class() const = 0;
  virtual bool by_gates() const { return true; }   // True iff `implementation` means something
  GateCell& gate_cell() const { return static_cast<GateCell&>(*cell_); }
  void ready() override;

 private:
  ValueDict cell_common_;     // dtype and trainable, as the cell gets them
};
Schema<RecurrentOptions> recurrent_fields(CellKind kind);

}  // namespace ninefold::keras
