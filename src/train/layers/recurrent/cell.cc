// In: cells. Out: sizes and first values of their states, dropout masks, kernels of gates.
#include "train/layers/recurrent/cell.h"

#include <algorithm>

#include "engine/op/scope.h"
#include "train/layers/call_context.h"
#include "train/layers/nest.h"
#include "train/layers/random.h"

namespace ninefold::keras {

namespace cell {
namespace {

const Cell* own(const Layer& cell) { return dynamic_cast<const Cell*>(&cell); }
Shape shape_of_size(const Value& v) {
  if (const Shape* s = v.get<Shape>()) return *s;
  check(v.get<int64_t>(), Code::type, "the state_size of a cell holds something that is neither an int nor a shape");
  return Shape{*v.get<int64_t>()};
}

}  // namespace

bool is_cell(const Layer& cell) { return own(cell) || cell.overridden("state_size"); }
Value state_size(const Layer& cell) {
  if (const Object::Method* said = cell.overridden("state_size")) return (*said)({}, {});
  const Cell* c = own(cell);
  check(c, Code::value, "The RNN cell should have a `state_size` attribute (tuple of integers, one integer per RNN state). "
        "Received: cell={}", cell.class_name());
  return c->state_size();
}
Value output_size(const Layer& cell) {
  Value size;
  if (const Object::Method* said = cell.overridden("output_size")) size = (*said)({}, {});
  else if (const Cell* c = own(cell)) size = c->output_size();
  if (!size.none()) return size;
  const Value states = state_size(cell);
  const ValueList* list = states.get<ValueList>();
  return list && !list->empty() ? list->front() : states;
}
Value initial_state(const Layer& cell, const Tensor& batch, DType dtype) {
  if (const Object::Method* said = cell.overridden("get_initial_state")) {
    const Value size = batch.symbolic() ? Value(batch) : Value(batch.int_at(0));
    return (*said)({}, {{"inputs", {}}, {"batch_size", size}, {"dtype", dtype}});
  }
  if (const Cell* c = own(cell)) return c->initial_state(batch, dtype);
  return zeros(state_size(cell), batch, dtype);
}
void reset_masks(const Layer& cell) {
  if (const Cell* c = own(cell)) const_cast<Cell*>(c)->reset_masks();
}
std::vector<Shape> flat_sizes(const Value& state_size) {
  std::vector<Shape> out;
  for (const Value& leaf : nest::flatten(state_size)) out.push_back(shape_of_size(leaf));
  return out;
}
Value zeros(const Value& state_size, const Tensor& batch, DType dtype) {
  return nest::map(state_size, [&](const Value& leaf) -> Value {
    Tensors sizes = {batch};
    std::vector<int64_t> known = {batch.symbolic() ? -1 : batch.int_at(0)};
    for (int64_t d : shape_of_size(leaf)) {
      sizes.push_back(Tensor(static_cast<int32_t>(d)));
      known.push_back(d);
    }
    return with_static_shape(op("Fill", {pack_ints(sizes), number(0, dtype)}), Shape(known));
  });
}
ValueList listed(const Value& v) {
  if (const ValueList* list = v.get<ValueList>()) return *list;
  return {v};
}

}  // namespace cell

Value Cell::initial_state(const Tensor& batch, DType dtype) const { return cell::zeros(state_size(), batch, dtype); }

const Tensors& DropoutMasks::of(const Tensor& x, double rate, int count, const Value& training) {
  static const Tensors none;
  if (rate == 0) return none;
  auto [at, fresh] = made_.try_emplace(scope().tracer());
  if (fresh) {
    CallArgs args;
    args.training = resolved_training(training);
    const Tensor ones = op("OnesLike", {x});
    for (int i = 0; i < count; ++i)
      at->second.push_back(if_training(args, [&] { return dropout(ones, rate, {}, std::nullopt); }, [&] { return ones; }));
  }
  return at->second;
}

void GateCell::configure(const std::string& class_name, const Schema<CellOptions>& schema, const ValueDict& given) {
  ValueDict rest;
  for (const Entry& e : given) {
    if (e.key == "implementation") options.implementation = As<int64_t>::from(e.value, e.key);
    else if (e.key != "enable_caching_device") rest.push_back(e);   // where parameter servers keep variables
  }
  LayerOf::configure(class_name, schema, rest);
}

void GateCell::ready() {
  check(options.units >= 0, Code::value, "Received an invalid value for argument `units`, expected a positive integer, got {}.",
        options.units);
  options.dropout = std::clamp(options.dropout, 0.0, 1.0);
  options.recurrent_dropout = std::clamp(options.recurrent_dropout, 0.0, 1.0);
  if (options.recurrent_dropout != 0) options.implementation = 1;   // each gate has a mask of its own
}

ValueDict GateCell::config() const {
  ValueDict out = LayerOf::config();
  if (by_gates()) out.push_back({"implementation", options.implementation});
  return out;
}

void GateCell::add_kernels(const Value& input_shape, int gates, const Shape& bias, std::shared_ptr<Initializer> bias_initializer) {
  const CellOptions& o = options;
  const Shape in = nest::shape(input_shape, name());
  kernel_ = add_weight({.name = "kernel", .shape = {in.dim(-1), gates * o.units}, .initializer = o.kernel_initializer,
                        .regularizer = o.kernel_regularizer, .constraint = o.kernel_constraint});
  recurrent_kernel_ = add_weight({.name = "recurrent_kernel", .shape = {o.units, gates * o.units},
                                  .initializer = o.recurrent_initializer, .regularizer = o.recurrent_regularizer,
                                  .constraint = o.recurrent_constraint});
  if (o.use_bias)
    bias_ = add_weight({.name = "bias", .shape = bias, .initializer = std::move(bias_initializer),
                        .regularizer = o.bias_regularizer, .constraint = o.bias_constraint});
  set_built(true);
}

std::pair<Tensors, bool> GateCell::states_of(const CallArgs& args) const {
  Value given;
  if (!args.further.empty()) given = args.further[0];
  for (const Entry& e : args.named)
    if (e.key == "states") given = e.value;
  check(!given.none(), Code::type, "call() missing 1 required positional argument: 'states'");
  Tensors out;
  for (const Value& s : nest::flatten(given)) out.push_back(nest::tensor(s, name()));
  return {out, given.get<ValueList>() != nullptr};
}

Tensor GateCell::gate(const Tensor& w, int64_t gate, int64_t count) const {
  std::vector<int64_t> begin(static_cast<size_t>(w.rank())), size(begin.size(), -1);
  begin.back() = gate * options.units;
  size.back() = count * options.units;
  return op("Slice", {w, ints(begin), ints(size)});
}

Schema<CellOptions> cell_fields(CellKind kind) {
  using O = CellOptions;
  Schema<O> s;
  s.required("units", &O::units).field("activation", &O::activation);
  if (kind != CellKind::simple) s.field("recurrent_activation", &O::recurrent_activation);
  s.field("use_bias", &O::use_bias).field("kernel_initializer", &O::kernel_initializer)
      .field("recurrent_initializer", &O::recurrent_initializer).field("bias_initializer", &O::bias_initializer);
  if (kind == CellKind::lstm) s.field("unit_forget_bias", &O::unit_forget_bias);
  s.field("kernel_regularizer", &O::kernel_regularizer).field("recurrent_regularizer", &O::recurrent_regularizer)
      .field("bias_regularizer", &O::bias_regularizer).field("kernel_constraint", &O::kernel_constraint)
      .field("recurrent_constraint", &O::recurrent_constraint).field("bias_constraint", &O::bias_constraint)
      .field("dropout", &O::dropout).field("recurrent_dropout", &O::recurrent_dropout);
  if (kind == CellKind::gru) s.field("reset_after", &O::reset_after);
  return s;
}

}  // namespace ninefold::keras
