// In: options of a gate cell and of a sequence. Out: the cell, and the config of the layer around it.
#include "train/layers/recurrent/rnn.h"

namespace ninefold::keras {

void GateRnn::configure(const std::string& class_name, const Schema<RecurrentOptions>& schema, const ValueDict& given) {
  ValueDict rest;
  Value dtype, trainable = true;
  for (const Entry& e : hidden_options(given, options, &constant_count)) {
    if (e.key == "implementation") {
      options.implementation = std::max<int64_t>(1, As<int64_t>::from(e.value, e.key));   // 0 is an old name of 1
      continue;
    }
    if (e.key == "dtype") dtype = e.value;
    if (e.key == "trainable") trainable = e.value;
    rest.push_back(e);
  }
  cell_common_ = {{"trainable", trainable}};
  if (!dtype.none()) cell_common_.push_back({"dtype", dtype});
  Base::configure(class_name, schema, rest);
}
void GateRnn::configure(const std::string& class_name, const Schema<RecurrentOptions>& schema, RecurrentOptions given) {
  cell_common_ = {{"trainable", given.trainable}};
  if (given.dtype != DType::invalid) cell_common_.push_back({"dtype", given.dtype});
  Base::configure(class_name, schema, std::move(given));
}

void GateRnn::ready() {
  RecurrentOptions& o = options;
  check(o.units >= 0, Code::value, "Received an invalid value for argument `units`, expected a positive integer, got {}.", o.units);
  CellOptions c;
  c.units = o.units;
  c.activation = o.activation, c.recurrent_activation = o.recurrent_activation;
  c.use_bias = o.use_bias, c.unit_forget_bias = o.unit_forget_bias, c.reset_after = o.reset_after;
  c.kernel_initializer = o.kernel_initializer, c.recurrent_initializer = o.recurrent_initializer;
  c.bias_initializer = o.bias_initializer;
  c.kernel_regularizer = o.kernel_regularizer, c.recurrent_regularizer = o.recurrent_regularizer;
  c.bias_regularizer = o.bias_regularizer;
  c.kernel_constraint = o.kernel_constraint, c.recurrent_constraint = o.recurrent_constraint;
  c.bias_constraint = o.bias_constraint;
  c.dropout = o.dropout, c.recurrent_dropout = o.recurrent_dropout, c.implementation = o.implementation;
  ValueDict common = cell_common_;
  common.push_back({"units", o.units});
  cell_ = make_layer(cell_class(), common);
  gate_cell().adopt(std::move(c));
  o.dropout = gate_cell().options.dropout, o.recurrent_dropout = gate_cell().options.recurrent_dropout;
  o.implementation = gate_cell().options.implementation;
  track(cell_);
  take_flags(o);
  input_spec = ValueList{ValueDict{{"ndim", 3}}};
}

ValueDict GateRnn::config() const {
  ValueDict out = config_of(schema(), options);
  if (by_gates()) out.push_back({"implementation", options.implementation});
  return out;
}

Schema<RecurrentOptions> recurrent_fields(CellKind kind) {
  using O = RecurrentOptions;
  Schema<O> s;
  s.required("units", &O::units).field("activation", &O::activation);
  if (kind != CellKind::simple) s.field("recurrent_activation", &O::recurrent_activation);
  s.field("use_bias", &O::use_bias).field("kernel_initializer", &O::kernel_initializer)
      .field("recurrent_initializer", &O::recurrent_initializer).field("bias_initializer", &O::bias_initializer);
  if (kind == CellKind::lstm) s.field("unit_forget_bias", &O::unit_forget_bias);
  s.field("kernel_regularizer", &O::kernel_regularizer).field("recurrent_regularizer", &O::recurrent_regularizer)
      .field("bias_regularizer", &O::bias_regularizer).field("activity_regularizer", &O::activity_regularizer)
      .field("kernel_constraint", &O::kernel_constraint).field("recurrent_constraint", &O::recurrent_constraint)
      .field("bias_constraint", &O::bias_constraint).field("dropout", &O::dropout).field("recurrent_dropout", &O::recurrent_dropout)
      .field("return_sequences", &O::return_sequences).field("return_state", &O::return_state)
      .field("go_backwards", &O::go_backwards).field("stateful", &O::stateful);
  if (kind == CellKind::lstm) s.field("time_major", &O::time_major).field("unroll", &O::unroll);
  else s.field("unroll", &O::unroll);
  if (kind == CellKind::gru) s.field("time_major", &O::time_major).field("reset_after", &O::reset_after);
  if (kind == CellKind::simple) s.field("time_major", &O::time_major);   // a keyword in Keras
  return s;
}

}  // namespace ninefold::keras
