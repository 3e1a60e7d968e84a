// In: a sequence, states and weights. Out: all steps of an LSTM or GRU as one op, with its gradient. In a GraphDef they
// are calls of the loops that TensorFlow writes.
#include <array>
#include <cmath>

#include "base/check.h"
#include "engine/graph/expansion.h"
#include "engine/graph/function.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/scope.h"
#include "engine/op/shape_ctx.h"
#include "train/layers/recurrent/whole.h"
#include "train/layers/recurrent/whole_inputs.h"
#include "train/layers/words.h"

namespace ninefold::keras::whole {
namespace {

template <bool lstm>
void forward_shape(ShapeCtx& c) {
  constexpr In in = in_of<lstm>();
  c.rank(in.x, 3);
  c.rank(in.recurrent_kernel, 2);
  const bool major = c.flag("time_major");
  const Shape &x = c.shape(in.x), &u = c.shape(in.recurrent_kernel);
  const int64_t batch = x.known_rank() ? x[major ? 1 : 0] : -1, steps = x.known_rank() ? x[major ? 0 : 1] : -1;
  const int64_t units = u.known_rank() ? u[0] : -1;
  const int64_t made = c.flag("return_sequences") ? steps : 1;
  c.output(0, {batch, units});
  c.output(1, major ? Shape{made, batch, units} : Shape{batch, made, units});
  c.output(2, {batch, units});
  if (lstm) c.output(3, {batch, units});
  const int64_t rows = batch < 0 || steps < 0 ? -1 : batch * steps;
  c.output(lstm ? 4 : 3, c.flag("keep") ? Shape{rows, units < 0 ? -1 : cpu::kept_columns(lstm, units)} : Shape{0});
}

template <bool lstm>
void forward_cpu(KernelCtx& k) {
  constexpr In in = in_of<lstm>();
  check_sequences<lstm>(k);
  cpu::SequenceSpec s = spec_of(k, k.shape(in.x), k.shape(in.recurrent_kernel)[0]);
  if (k.shape(in.mask).size() > 0) s.mask = k.in<bool>(in.mask);
  const bool keep = k.flag("keep");
  const size_t own = lstm ? cpu::lstm_scratch(s) : cpu::gru_scratch(s);
  const size_t kept = keep ? 0 : static_cast<size_t>(s.batch * s.steps * cpu::kept_columns(lstm, s.units)) * sizeof(float);
  auto* scratch = static_cast<char*>(k.scratch(own + kept + 64));
  const cpu::SequenceForward f{k.in<float>(in.x), k.in<float>(in.h), lstm ? k.in<float>(lstm_in.c) : nullptr, k.in<float>(in.kernel),
                               k.in<float>(in.recurrent_kernel), k.in<float>(in.bias),
                               keep ? k.out<float>(lstm ? 4 : 3) : reinterpret_cast<float*>(scratch + (own + 63) / 64 * 64),
                               k.out<float>(0), k.out<float>(1), k.out<float>(2), lstm ? k.out<float>(3) : nullptr};
  if (lstm) cpu::lstm_forward(s, f, scratch);
  else cpu::gru_forward(s, f, scratch);
}

template <bool lstm>
void backward_shape(ShapeCtx& c) {
  for (int i = 0; i < in_of<lstm>().mask; ++i) c.output(i, i == 0 && !c.flag("needs_x") ? Shape{0} : c.shape(i));
}
template <bool lstm>
Tensor kept_again(const KernelCtx& k, const cpu::SequenceSpec& s) {
  constexpr In in = in_of<lstm>();
  const auto floats = [](int64_t n) { return empty_on(cpu_device(), DType::f32, Shape{n}); };
  const auto at = [](const Tensor& t) { return static_cast<float*>(t.impl()->data); };
  const int64_t state = s.batch * s.units;
  const Tensor kept = floats(s.batch * s.steps * cpu::kept_columns(lstm, s.units)), last = floats(state), h = floats(state), c = floats(state);
  const Tensor outputs = floats((s.all_outputs ? s.steps : 1) * state);
  const Tensor scratch = floats(static_cast<int64_t>((lstm ? cpu::lstm_scratch(s) : cpu::gru_scratch(s)) / sizeof(float)) + 1);
  const cpu::SequenceForward f{k.in<float>(in.x), k.in<float>(in.h), lstm ? k.in<float>(lstm_in.c) : nullptr, k.in<float>(in.kernel),
                               k.in<float>(in.recurrent_kernel), k.in<float>(in.bias), at(kept), at(last), at(outputs), at(h), at(c)};
  if (lstm) cpu::lstm_forward(s, f, at(scratch));
  else cpu::gru_forward(s, f, at(scratch));
  return kept;
}
template <bool lstm>
void backward_cpu(KernelCtx& k) {
  constexpr In in = in_of<lstm>();
  cpu::SequenceSpec s = spec_of(k, k.shape(in.x), k.shape(in.recurrent_kernel)[0]);
  if (k.shape(in.mask).size() > 0) s.mask = k.in<bool>(in.mask);
  const auto flows = [&](int i) { return k.shape(in.count + 1 + i).size() > 0 ? k.in<float>(in.count + 1 + i) : nullptr; };
  // The forward pass was a GPU's, which keeps nothing (whole.gpu.cc): once more.
  const float* kept = k.in<float>(in.count);
  Tensor again;
  if (k.shape(in.count).size() > 0 && std::isnan(*kept)) {
    again = kept_again<lstm>(k, s);
    kept = static_cast<const float*>(again.impl()->data);
  }
  const cpu::SequenceBackward b{k.in<float>(in.x), k.in<float>(in.kernel), k.in<float>(in.recurrent_kernel), kept,
                                flows(0), flows(1), flows(2), lstm ? flows(3) : nullptr,
                                k.flag("needs_x") ? k.out<float>(0) : nullptr, k.out<float>(in.h), lstm ? k.out<float>(lstm_in.c) : nullptr,
                                k.out<float>(in.kernel), k.out<float>(in.recurrent_kernel), k.out<float>(in.bias)};
  if (lstm) cpu::lstm_backward(s, b, k.scratch(cpu::lstm_backward_scratch(s)));
  else cpu::gru_backward(s, b, k.scratch(cpu::gru_backward_scratch(s)));
}

// ---- as TensorFlow's ops ----

template <bool lstm, class Flag>
Tensors steps_of(const Flag& flag, std::span<const Tensor> in) {
  constexpr In at = in_of<lstm>();
  LoopOptions o{flag("go_backwards"), flag("time_major"), false, flag("zero_output_for_mask"), flag("return_sequences"), {}};
  const Tensor& mask = in[at.mask];
  if (mask.rank() == 2) o.mask = mask;
  const Looped all = (lstm ? lstm_steps : gru_steps)({in.begin(), in.begin() + at.mask}, o);
  Tensors out = {*all.last.get<Tensor>(), *all.outputs.get<Tensor>()};
  for (const Value& s : all.states) out.push_back(*s.get<Tensor>());
  return out;
}
template <bool lstm>
Tensors expand_forward(const Op& op, const Attrs& attrs, std::span<const Tensor> in) {
  Tensors out = steps_of<lstm>([&](const char* name) { return std::get<bool>(attrs.at(op, name)); }, in);
  // Only a gradient reads what is kept, and that one is made of the inputs.
  const int64_t columns = cpu::kept_columns(lstm, in[in_of<lstm>().recurrent_kernel].dim(0));
  out.push_back(Tensor::zeros(DType::f32, std::get<bool>(attrs.at(op, "keep")) ? Shape{0, columns} : Shape{0}));
  return out;
}
// What flows back, of the steps written as a loop.
template <bool lstm, class Flag>
Tensors gradients_of(const Flag& flag, std::span<const Tensor> in) {
  constexpr In at = in_of<lstm>();
  Tensors sources(in.begin(), in.begin() + at.mask);
  GradientTape tape;
  for (const Tensor& s : sources) tape.watch(s);
  const Tensors all = steps_of<lstm>(flag, in);
  Tensors targets, flows;
  for (size_t i = 0; i < all.size(); ++i) {
    const Tensor& d = in[static_cast<size_t>(at.count) + 1 + i];
    if (d.rank() == 1) continue;   // nothing flows there
    targets.push_back(all[i]);
    flows.push_back(d);
  }
  Tensors dx = tape.gradient(targets, sources, flows, Unconnected::zero);
  if (!flag("needs_x")) dx[0] = Tensor::zeros(DType::f32, {0});
  return dx;
}
template <bool lstm>
Tensors expand_backward(const Op& op, const Attrs& attrs, std::span<const Tensor> in) {
  return gradients_of<lstm>([&](const char* name) { return std::get<bool>(attrs.at(op, name)); }, in);
}

// ---- records ----

std::array<NamedAttr, 4> flags_of(const GradCtx& g) {
  return {NamedAttr("time_major", g.flag("time_major")), NamedAttr("go_backwards", g.flag("go_backwards")),
          NamedAttr("zero_output_for_mask", g.flag("zero_output_for_mask")), NamedAttr("return_sequences", g.flag("return_sequences"))};
}

template <bool lstm>
void forward_grad(GradCtx& g) {
  constexpr In in = in_of<lstm>();
  const auto flags = flags_of(g);
  Tensors inputs;
  for (int i = 0; i < in.count; ++i) inputs.push_back(g.in(i));
  Tensor kept;
  if (g.flag("keep")) {
    kept = g.out(lstm ? 4 : 3);
  } else {   // the forward pass did not know that it would be differentiated
    std::vector<NamedAttr> named(flags.begin(), flags.end());
    named.push_back({"keep", true});
    kept = op_all(g.op().name, inputs, named).back();
  }
  inputs.push_back(kept);
  for (int i = 0; i < (lstm ? 4 : 3); ++i) inputs.push_back(g.has_dy(i) ? g.dy(i) : Tensor::zeros(DType::f32, {0}));
  std::vector<NamedAttr> named(flags.begin(), flags.end());
  named.push_back({"needs_x", g.needs(0)});
  const Tensors dx = op_all(lstm ? "NinefoldLSTMGrad" : "NinefoldGRUGrad", inputs, named);
  for (int i = g.needs(0) ? 0 : 1; i < in.mask; ++i) g.to(i, dx[static_cast<size_t>(i)]);
}
// A second derivative goes through the loop.
template <bool lstm>
void backward_grad(GradCtx& g) {
  constexpr In in = in_of<lstm>();
  Tensors inputs, sources;
  std::vector<int> at;
  for (int i = 0; i < g.num_inputs(); ++i) {
    inputs.push_back(g.in(i));
    if (i == in.mask || i == in.count || (i > in.count && g.in(i).rank() == 1)) continue;
    sources.push_back(g.in(i));
    at.push_back(i);
  }
  GradientTape tape;
  for (const Tensor& s : sources) tape.watch(s);
  const Tensors dx = gradients_of<lstm>([&](const char* name) { return g.flag(name); }, inputs);
  Tensors targets, flows;
  for (int i = 0; i < g.num_outputs(); ++i)
    if (g.has_dy(i) && (i > 0 || g.flag("needs_x"))) targets.push_back(dx[static_cast<size_t>(i)]), flows.push_back(g.dy(i));
  const Tensors second = tape.gradient(targets, sources, flows);
  for (size_t i = 0; i < second.size(); ++i)
    if (second[i].defined()) g.to(at[i], second[i]);
}

std::vector<std::string> flags_and(const char* further) {
  return {"time_major: bool = false", "go_backwards: bool = false", "zero_output_for_mask: bool = false",
          "return_sequences: bool = false", std::string(further) + ": bool = false"};
}
Op forward_record(bool lstm, const char* name, const char* doc) {
  Op o{.name = name,
       .inputs = {"x: float", "h: float", "c: float", "kernel: float", "recurrent_kernel: float", "bias: float", "mask: bool"},
       .outputs = {"last: float", "outputs: float", "new_h: float", "new_c: float", "kept: float"},
       .attrs = flags_and("keep"), .doc = doc, .shape = lstm ? forward_shape<true> : forward_shape<false>,
       .grad = lstm ? forward_grad<true> : forward_grad<false>, .foldable = false,
       .grad_reads = {"x", "h", "c", "kernel", "recurrent_kernel", "bias", "mask", "kept"}};
  if (!lstm) {
    o.inputs.erase(o.inputs.begin() + 2);
    o.outputs.erase(o.outputs.begin() + 3);
    o.grad_reads.erase(o.grad_reads.begin() + 2);
  }
  return o;
}
Op backward_record(bool lstm, const char* name, const char* doc) {
  Op o{.name = name,
       .inputs = {"x: float", "h: float", "c: float", "kernel: float", "recurrent_kernel: float", "bias: float", "mask: bool",
                  "kept: float", "d_last: float", "d_outputs: float", "d_h: float", "d_c: float"},
       .outputs = {"dx: float", "dh: float", "dc: float", "d_kernel: float", "d_recurrent_kernel: float", "d_bias: float"},
       .attrs = flags_and("needs_x"), .doc = doc, .shape = lstm ? backward_shape<true> : backward_shape<false>,
       .grad = lstm ? backward_grad<true> : backward_grad<false>, .foldable = false};
  if (!lstm) {
    o.inputs.erase(o.inputs.begin() + 2);
    o.inputs.pop_back();
    o.outputs.erase(o.outputs.begin() + 2);
  }
  return o;
}
const Op lstm_op = forward_record(true, "NinefoldLSTM", "All steps of an LSTM over sequences [batch, steps, n].");
const Op lstm_grad_op = backward_record(true, "NinefoldLSTMGrad", "What flows back through NinefoldLSTM.");
const Op gru_op = forward_record(false, "NinefoldGRU", "All steps of a GRU over sequences [batch, steps, n].");
const Op gru_grad_op = backward_record(false, "NinefoldGRUGrad", "What flows back through NinefoldGRU.");
NINEFOLD_REGISTER(lstm_op);
NINEFOLD_REGISTER(lstm_grad_op);
NINEFOLD_REGISTER(gru_op);
NINEFOLD_REGISTER(gru_grad_op);
NINEFOLD_KERNEL(lstm_op, "CPU", Kernel{forward_cpu<true>});
NINEFOLD_KERNEL(lstm_grad_op, "CPU", Kernel{backward_cpu<true>});
NINEFOLD_KERNEL(gru_op, "CPU", Kernel{forward_cpu<false>});
NINEFOLD_KERNEL(gru_grad_op, "CPU", Kernel{backward_cpu<false>});
const graph::Expands expands[] = {{lstm_op, expand_forward<true>}, {lstm_grad_op, expand_backward<true>},
                                  {gru_op, expand_forward<false>}, {gru_grad_op, expand_backward<false>}};

// True iff the op takes these: float32, and a mask of [batch, steps].
bool takes(const Tensors& in, const LoopOptions& o) {
  for (const Tensor& t : in)
    if (t.dtype() != DType::f32) return false;
  return in[0].rank() == 3 && in[0].dim(o.time_major ? 0 : 1) != 0 && (!o.mask || o.mask.rank() == 2);
}
Looped at_once(const char* name, Tensors in, const LoopOptions& o) {
  in.push_back(o.mask ? cast(o.mask, DType::boolean) : Tensor::zeros(DType::boolean, {0}));
  const bool keep = !scope().recorders.empty() || graph::tapes_outside();
  const NamedAttr named[] = {{"time_major", o.time_major}, {"go_backwards", o.go_backwards},
                             {"zero_output_for_mask", o.zero_output_for_mask}, {"return_sequences", o.all_outputs}, {"keep", keep}};
  const Tensors out = op_all(name, in, named);
  return {out[0], out[1], ValueList(out.begin() + 2, out.end() - 1)};
}

}  // namespace

Looped lstm(const Tensors& in, const LoopOptions& o) { return takes(in, o) ? at_once("NinefoldLSTM", in, o) : lstm_steps(in, o); }
Looped gru(const Tensors& in, const LoopOptions& o) { return takes(in, o) ? at_once("NinefoldGRU", in, o) : gru_steps(in, o); }

}  // namespace ninefold::keras::whole
