// In: whole sequences on a GPU that cuDNN does not take: masked in any way, or where it is not there. Out: all their steps, and what
// flows back, by own kernels around a product with the state a step. Nothing is asked of the host, so a graph may hold it.
//
// Formulas: Hochreiter and Schmidhuber 1997 with forget gates; Cho et al. 2014 with the reset gate behind its product, as Keras has it.
#include <algorithm>
#include <limits>

#include "engine/device/cuda/launch.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/sequence_launch.h"
#include "engine/tensor/accelerator.h"
#include "ninefold/device.h"
#include "train/layers/recurrent/whole.gpu.h"
#include "train/layers/recurrent/whole_inputs.h"

namespace ninefold::keras::whole {
namespace {

constexpr DType kFloats = DType::f32;

class OwnSteps {
 public:
  OwnSteps(KernelCtx& k, bool lstm)
      : k_(k), lstm_(lstm), in_(lstm ? lstm_in : gru_in), s_(spec_of(k, k.shape(in_.x), k.shape(in_.recurrent_kernel)[0])),
        gates_((lstm ? 4 : 3) * s_.units), rows_(s_.batch * s_.steps), state_(s_.batch * s_.units) {
    if (k.shape(in_.mask).size() > 0) mask_ = on_device(k.in(in_.mask), k.device());
  }

  void forward() {
    run(k_.out<float>(2), lstm_ ? k_.out<float>(3) : nullptr, k_.out<float>(0), k_.out<float>(1), false);
    const int kept = lstm_ ? 4 : 3;
    if (k_.out(kept).size() > 0) ops::fill_number(k_, kFloats, k_.out<void>(kept), std::numeric_limits<double>::quiet_NaN(), 1);
  }

  void back() {
    const Tensor h = floats(state_), c = floats(state_), last = floats(state_), outputs = floats(s_.all_outputs ? state_ * s_.steps : state_);
    run(at(h), at(c), at(last), at(outputs), true);    // once more, as cuDNN's: what it keeps has a size of its own
    const auto flow = [&](int i) { return k_.shape(in_.count + 1 + i).size() > 0 ? k_.in<float>(in_.count + 1 + i) : nullptr; };
    const Tensor to_inputs = floats(rows_ * gates_), to_state = lstm_ ? to_inputs : floats(rows_ * gates_);
    const Tensor now = floats(s_.batch * gates_), product = floats(state_), held = floats(state_), past = floats(state_);
    zero(at(held), state_);
    begin(at(past), flow(2));
    float* const dc = lstm_ ? k_.out<float>(in_.c) : nullptr;
    if (lstm_) begin(dc, flow(3));
    const float *all = s_.all_outputs ? flow(1) : nullptr, *one = s_.all_outputs ? nullptr : flow(1);
    for (int64_t step = s_.steps - 1; state_ && step >= 0; --step) {
      const bool first = step + 1 == s_.steps;
      cuda::StepBack b{step_rows(step), at(kept_), lstm_ ? at(old_c_) : nullptr, at(old_h_), all ? all + out_row(step) * s_.units : first ? one : nullptr,
                       all ? out_apart() : s_.units, first ? flow(0) : nullptr, first ? nullptr : at(product), at(past), dc, at(held),
                       at(to_inputs), at(to_state), at(now)};
      cuda::launch(k_.device(), lstm_ ? "lstm_step_back" : "gru_step_back", cuda::threads_for(state_), b);
      multiply(at(now), k_.in<float>(in_.recurrent_kernel), at(product), s_.batch, s_.units, gates_, false, true);
    }
    const cuda::JoinEnds sum{{nullptr, s_.batch, 0, s_.units, 0}, k_.out<float>(in_.h), {at(past), at(product), nullptr}, nullptr};
    if (state_) cuda::launch(k_.device(), "join_ends", cuda::threads_for(state_), sum);
    const Tensor ones = floats(std::max<int64_t>(rows_, 1));
    ops::fill_number(k_, kFloats, at(ones), 1, ones.size());
    float* const bias = k_.out<float>(in_.bias);
    multiply(at(ones), at(to_inputs), bias, 1, gates_, rows_, false, false);
    if (!lstm_) multiply(at(ones), at(to_state), bias + gates_, 1, gates_, rows_, false, false);
    if (k_.flag("needs_x")) multiply(at(to_inputs), k_.in<float>(in_.kernel), k_.out<float>(0), rows_, s_.in, gates_, false, true);
    multiply(k_.in<float>(in_.x), at(to_inputs), k_.out<float>(in_.kernel), s_.in, gates_, rows_, true, false);
    multiply(at(old_h_), at(to_state), k_.out<float>(in_.recurrent_kernel), s_.units, gates_, rows_, true, false);
  }

 private:
  static float* at(const Tensor& t) { return static_cast<float*>(t.impl()->data); }
  Tensor floats(int64_t n) const { return empty_on(k_.device(), kFloats, Shape{n}); }
  void zero(float* to, int64_t n) const {
    if (n) ops::fill_run(k_, kFloats, to, nullptr, n);
  }
  void begin(float* to, const float* from) const {
    if (!from) return zero(to, state_);
    if (state_) ops::move_run(k_, kFloats, to, from, state_);
  }
  // C[m, n] = A B, k deep.
  void multiply(const float* a, const float* b, float* c, int64_t m, int64_t n, int64_t k, bool turn_a, bool turn_b) const {
    if (m * n == 0) return;
    if (k == 0) return zero(c, m * n);
    cuda::Gemm g{};
    g.dtype = static_cast<int>(kFloats);
    g.m = m, g.n = n, g.k = k, g.batch = 1;
    g.transpose_a = turn_a, g.transpose_b = turn_b;
    g.tensor_float = device::tensor_float_32();
    g.a = a, g.b = b, g.c = c;
    cuda::gemm(k_.device(), g);
  }
  // Rows of inputs and masks: of the sequence's own order; of outputs: in the order in which they are made.
  int64_t row(int64_t time) const { return s_.time_major ? time * s_.batch : time; }
  cuda::StepRows step_rows(int64_t step) const {
    return {mask_.defined() ? static_cast<const bool*>(mask_.impl()->data) : nullptr, s_.batch, s_.units,
            row(s_.backwards ? s_.steps - 1 - step : step), s_.time_major ? 1 : s_.steps, s_.zero_masked};
  }
  int64_t out_row(int64_t step) const { return row(step); }
  int64_t out_apart() const { return s_.time_major ? s_.units : s_.steps * s_.units; }

  void run(float* h, float* c, float* last, float* outputs, bool keep) {
    const Tensor inputs = floats(rows_ * gates_), state = floats(s_.batch * gates_);
    if (keep) {
      kept_ = floats(rows_ * 4 * s_.units), old_h_ = floats(state_ * s_.steps);
      if (lstm_) old_c_ = floats(state_ * s_.steps);
    }
    multiply(k_.in<float>(in_.x), k_.in<float>(in_.kernel), at(inputs), rows_, gates_, s_.in, false, false);
    begin(h, k_.in<float>(in_.h));
    if (lstm_) begin(c, k_.in<float>(in_.c));
    zero(last, state_);
    for (int64_t step = 0; state_ && step < s_.steps; ++step) {
      multiply(h, k_.in<float>(in_.recurrent_kernel), at(state), s_.batch, gates_, s_.units, false, false);
      float* const output = s_.all_outputs ? outputs + out_row(step) * s_.units : step + 1 == s_.steps ? outputs : nullptr;
      const cuda::StepForward f{step_rows(step), at(inputs), at(state), k_.in<float>(in_.bias), h, c, last, output,
                                s_.all_outputs ? out_apart() : s_.units, keep ? at(kept_) : nullptr, keep && lstm_ ? at(old_c_) : nullptr,
                                keep ? at(old_h_) : nullptr};
      cuda::launch(k_.device(), lstm_ ? "lstm_step" : "gru_step", cuda::threads_for(state_), f);
    }
  }

  KernelCtx& k_;
  const bool lstm_;
  const In in_;
  const cpu::SequenceSpec s_;
  const int64_t gates_, rows_, state_;
  Tensor mask_, kept_, old_c_, old_h_;
};

}  // namespace

void forward_by_steps(KernelCtx& k, bool lstm) { OwnSteps(k, lstm).forward(); }
void back_by_steps(KernelCtx& k, bool lstm) { OwnSteps(k, lstm).back(); }

}  // namespace ninefold::keras::whole
