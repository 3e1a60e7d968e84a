// In: an op, tensors, attributes. Out: its results, now (eager) or in the active trace; tapes are told.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/timeline.h"
#include "engine/op/after.h"
#include "engine/op/leak.h"
#include "engine/op/not_allowed.h"
#include "engine/op/place.h"
#include "engine/op/run.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"

namespace ninefold {
namespace {

[[noreturn]] void wrong_dtype(const Op& op, const OpDef& d, const ArgDef& a, size_t input, DType expected, DType got,
                              std::span<const Tensor> parts) {
  if (scope().tracer()) input_mistyped(op, d, a, expected, got, parts);
  fail(Code::invalid_argument,
       "cannot compute {0} as input #{1}(zero-based) was expected to be a {2} tensor but is a {3} tensor [Op:{0}]",
       op.name, input, short_name(expected), short_name(got));
}

// Type and count attributes follow from the inputs; everything is checked against the record.
void infer_attrs(const Op& op, const OpDef& d, std::span<const Tensor> inputs, Attrs& attrs) {
  size_t at = 0;
  std::array<bool, 16> typed{};
  size_t fixed_others = 0;
  for (const ArgDef& a : d.inputs) fixed_others += a.count_attr < 0 && a.list_attr < 0;
  for (const ArgDef& a : d.inputs) {
    int64_t n = 1;
    if (a.count_attr >= 0) {
      Attr& count = attrs[static_cast<size_t>(a.count_attr)];
      if (!std::holds_alternative<int64_t>(count)) {
        check(inputs.size() >= fixed_others, "{}: expected at least {} inputs, got {}", op.name, fixed_others, inputs.size());
        count = static_cast<int64_t>(inputs.size() - fixed_others);
      }
      n = std::get<int64_t>(count);
      const AttrDef& c = d.attrs[static_cast<size_t>(a.count_attr)];
      check(!c.has_minimum || n >= c.minimum, "List argument '{}' to '{}' Op with length {} shorter than minimum length {}.",
            a.name, op.name, n, c.minimum);
    } else if (a.list_attr >= 0) {
      Attr& list = attrs[static_cast<size_t>(a.list_attr)];
      if (!std::holds_alternative<std::vector<DType>>(list)) {
        std::vector<DType> types;
        for (size_t i = at; i < inputs.size(); ++i) types.push_back(inputs[i].dtype());
        list = std::move(types);
      }
      n = static_cast<int64_t>(std::get<std::vector<DType>>(list).size());
    }
    check(n >= 0 && at + static_cast<size_t>(n) <= inputs.size(), "{}: expected {} inputs, got {} [Op:{}]", op.name,
          d.inputs.size(), inputs.size(), op.name);
    const std::span<const Tensor> parts = inputs.subspan(at, static_cast<size_t>(n));
    for (int64_t i = 0; i < n; ++i, ++at) {
      const Tensor& t = inputs[at];
      check(t.defined(), Code::value, "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.");
      if (a.fixed != DType::invalid) {
        if (t.dtype() != a.fixed) wrong_dtype(op, d, a, at, a.fixed, t.dtype(), parts);
      } else if (a.type_attr >= 0) {
        const auto slot = static_cast<size_t>(a.type_attr);
        NINEFOLD_INVARIANT(slot < typed.size());
        if (!typed[slot]) {
          const AttrDef& def = d.attrs[slot];
          if (!def.allowed.empty() && std::find(def.allowed.begin(), def.allowed.end(), t.dtype()) == def.allowed.end())
            scope().tracer() ? input_not_allowed(a, def, t.dtype()) : attr_not_allowed(op, def, short_name(t.dtype()));
          attrs[slot] = t.dtype();
          typed[slot] = true;
        } else if (std::get<DType>(attrs[slot]) != t.dtype()) {
          wrong_dtype(op, d, a, at, std::get<DType>(attrs[slot]), t.dtype(), parts);
        }
      } else if (a.list_attr >= 0) {
        const DType want = std::get<std::vector<DType>>(attrs[static_cast<size_t>(a.list_attr)])[static_cast<size_t>(i)];
        if (t.dtype() != want) wrong_dtype(op, d, a, at, want, t.dtype(), parts);
      }
    }
  }
  check(at == inputs.size(), "{}: expected {} inputs, got {} [Op:{}]", op.name, at, inputs.size(), op.name);
  for (size_t i = 0; i < attrs.size(); ++i)
    check(!std::holds_alternative<std::monostate>(attrs[i]), Code::type, "{}: attribute '{}' is required", op.name, d.attrs[i].name);
}

// What a prepared kernel was prepared for: op, attributes, dtypes and shapes, compared in full. Output shapes
// are part of it: they may follow from values (the sizes that Conv2DBackpropInput is given).
struct Prepared {
  const Op* op = nullptr;
  Attrs attrs;
  std::vector<int64_t> layout;
  std::unique_ptr<KernelState> state;
};

// One place a hash: a collision evicts. A thread each, so that no lock is taken.
std::unique_ptr<KernelState>& prepared_for(const Op& op, const Attrs& attrs, std::span<const Tensor> inputs,
                                           const std::vector<Shape>& outputs) {
  constexpr size_t kPlaces = 512;
  thread_local std::vector<Prepared> places(kPlaces);
  thread_local std::vector<int64_t> layout;
  layout.clear();
  for (const Tensor& t : inputs) {
    layout.push_back(static_cast<int64_t>(t.dtype()) << 32 | t.rank());
    layout.insert(layout.end(), t.shape().begin(), t.shape().end());
  }
  for (const Shape& s : outputs) {
    layout.push_back(s.rank());
    layout.insert(layout.end(), s.begin(), s.end());
  }
  uint64_t h = attrs.hash() ^ reinterpret_cast<uintptr_t>(&op);
  for (int64_t v : layout) h = (h ^ static_cast<uint64_t>(v)) * 0x9E3779B97F4A7C15ull;
  Prepared& p = places[(h >> 32) % kPlaces];
  if (p.op != &op || p.layout != layout || !(p.attrs == attrs)) p = Prepared{&op, attrs, layout, nullptr};
  return p.state;
}

// A kernel on a device, over inputs that lie where it reads them.
Tensors run_on(Device& device, const Kernel& kernel, const Op& op, std::span<const Tensor> inputs, const Attrs& attrs,
               const std::vector<DType>& dtypes, const std::vector<Shape>& shapes, uint64_t* counter) {
  Tensors outputs(dtypes.size());
  for (size_t i = 0; i < outputs.size(); ++i)
    if (shapes[i].fully_known()) outputs[i] = empty_on(device, dtypes[i], shapes[i]);
  std::array<const Tensor*, 8> in_few;
  std::array<Tensor*, 8> out_few;
  std::vector<const Tensor*> in_many;
  std::vector<Tensor*> out_many;
  const Tensor** in = in_few.data();
  Tensor** out = out_few.data();
  if (inputs.size() > in_few.size()) in_many.resize(inputs.size()), in = in_many.data();
  if (outputs.size() > out_few.size()) out_many.resize(outputs.size()), out = out_many.data();
  for (size_t i = 0; i < inputs.size(); ++i) in[i] = &inputs[i];
  for (size_t i = 0; i < outputs.size(); ++i) out[i] = &outputs[i];
  KernelCtx ctx(op, attrs, {in, inputs.size()}, {out, outputs.size()}, device);
  ctx.counter = counter;
  if (kernel.prepare) {
    // A kernel may dispatch other ops, which may evict this one: it is moved back when it is done.
    std::unique_ptr<KernelState> state = std::move(prepared_for(op, attrs, inputs, shapes));
    ctx.prepared = &state;
    KernelRun::run(kernel, ctx);
    prepared_for(op, attrs, inputs, shapes) = std::move(state);
  } else {
    KernelRun::run(kernel, ctx);
  }
  return outputs;
}

void tell(timeline::Span& span, std::span<const Tensor> inputs) {
  span.fact("is_eager", 1);
  if (!timeline::records(timeline::verbose)) return;
  std::string shapes;
  for (const Tensor& t : inputs) shapes += fmt::format("{}{}{}", shapes.empty() ? "" : ";", short_name(t.dtype()), t.shape().str());
  span.fact("shape", shapes);
}

Tensors run_eagerly(const Op& op, std::span<const Tensor> inputs, const Attrs& attrs,
                    const std::vector<DType>& dtypes, const std::vector<Shape>& shapes,
                    uint64_t* counter = nullptr) {
  timeline::Span span(timeline::info, timeline::Kind::op, op.name, op.name);
  if (span) [[unlikely]] tell(span, inputs);
  if (!scope().device && !accelerated() && !placement_is_told.load(std::memory_order_relaxed)) [[likely]] {
    Device& cpu = cpu_device();
    return run_on(cpu, kernel_for(op, attrs, cpu), op, inputs, attrs, dtypes, shapes, counter);
  }
  const Holder holder(op.name.c_str());
  const Place p = place(op, attrs, inputs);
  if (placement_is_told.load(std::memory_order_relaxed)) tell_placement(op, *p.device);
  if (!p.moves_inputs) return run_on(*p.device, *p.kernel, op, inputs, attrs, dtypes, shapes, counter);
  return run_on(*p.device, *p.kernel, op, placed_inputs(op, p, inputs), attrs, dtypes, shapes, counter);
}

std::string (*leak_text)(const Tensor&) = nullptr;   // set while the library is loaded, read afterwards

bool has_values(const Tensor& t) { return t.symbolic() || t.impl()->buffer; }
// Shapes that do not fit are found while a function is traced, before any op runs: a ValueError, in TensorFlow too.
[[noreturn]] void fault_in_trace(const Op& op, std::span<const Tensor> inputs, const Error& e) {
  if (e.code() != Code::invalid_argument) throw;
  std::string text = e.message(), shapes;
  if (const size_t at = text.rfind(" [Op:"); at != std::string::npos) text.resize(at);
  for (const Tensor& t : inputs) shapes += (shapes.empty() ? "" : ", ") + t.shape().str();
  fail(Code::value, "{} for '{{{{node {}}}}} = {}' with input shapes: {}.", text, op.name, op.name, shapes);
}

}  // namespace

void set_leak_text(std::string (*text)(const Tensor&)) { leak_text = text; }

Tensors dispatch(const Op& op, std::span<const Tensor> inputs, Attrs attrs) {
  const OpDef& d = def(op);
  infer_attrs(op, d, inputs, attrs);
  Scope& s = scope();
  Tracer* tracer = s.tracer();
  // A tape keeps only the names of what a record says its gradient does not read (grad_reads).
  // Their shapes may be asked for; in a trace any values of that shape will do.
  for (const Tensor& t : inputs) NINEFOLD_INVARIANT(has_values(t) || op.shape_only);
  Tensors captured;
  if (tracer) {
    for (const Tensor& t : inputs)
      captured.push_back(tracer->owns(t) ? t : tracer->capture(has_values(t) ? t : Tensor::zeros(t.dtype(), t.shape())));
  } else {
    for (const Tensor& t : inputs)
      if (t.symbolic()) [[unlikely]] fail(Code::type, "{}", leak_text(t));
  }
  const std::span<const Tensor> given = tracer ? std::span<const Tensor>(captured) : inputs;
  ShapeCtx shape(op, attrs, given);
  std::vector<DType> dtypes = output_dtypes(op, attrs);
  if (tracer) {
    try {
      op.shape(shape);
    } catch (const Error& e) {
      fault_in_trace(op, given, e);
    }
  } else {
    op.shape(shape);
  }
  shape.outputs().resize(dtypes.size(), Shape::unknown());
  Tensors outputs = tracer ? tracer->emit(op, given, attrs, std::move(dtypes), std::move(shape.outputs()))
                           : run_eagerly(op, given, attrs, dtypes, shape.outputs());
  if (after_op()) [[unlikely]] outputs = heard(op.name, given, std::move(outputs));
  for (size_t i = 0; i < s.recorders.size(); ++i) s.recorders[i]->record(op, attrs, given, outputs);
  return outputs;
}

Tensors run_now(const Op& op, std::span<const Tensor> inputs, const Attrs& attrs, uint64_t* counter) {
  ShapeCtx shape(op, attrs, inputs);
  const std::vector<DType> dtypes = output_dtypes(op, attrs);
  op.shape(shape);
  shape.outputs().resize(dtypes.size(), Shape::unknown());
  return run_eagerly(op, inputs, attrs, dtypes, shape.outputs(), counter);
}

Tensor op(std::string_view name, std::initializer_list<Tensor> inputs, AttrList attrs) {
  const Op& record = find_op(name);
  return dispatch(record, {inputs.begin(), inputs.size()}, Attrs(record, {attrs.begin(), attrs.size()})).at(0);
}

Tensors op_all(std::string_view name, std::span<const Tensor> inputs, std::span<const NamedAttr> attrs) {
  const Op& record = find_op(name);
  return dispatch(record, inputs, Attrs(record, attrs));
}

Tensor operator+(const Tensor& a, const Tensor& b) { return op("AddV2", {a, b}); }
Tensor operator-(const Tensor& a, const Tensor& b) { return op("Sub", {a, b}); }
Tensor operator*(const Tensor& a, const Tensor& b) { return op("Mul", {a, b}); }
Tensor operator/(const Tensor& a, const Tensor& b) { return op("RealDiv", {a, b}); }
Tensor operator-(const Tensor& a) { return op("Neg", {a}); }

}  // namespace ninefold
