// In: whole sequences on a GPU. Out: all their steps, and what flows back, by cuDNN; masked ones, but those of which each sample's first
// steps count, and where cuDNN is not there, by own kernels, a step at a time (whole_steps.gpu.cc).
//
// cuDNN is told how many steps count, so the host reads the mask; a step that is to be one graph cannot, and takes the own kernels. It
// gives zeros behind them, where Keras' CPU repeats the last output: this repeats it, too, and what flows into those steps flows into the last
// that counts.
//
// What cuDNN reserves for a gradient has a size of its own, so the gradient begins with the forward pass once more and reads nothing
// of `kept`. A NaN in front of `kept` says so to the CPU's gradient.
#include "train/layers/recurrent/whole.gpu.h"

#include <limits>

#include "engine/device/cuda/capture.h"
#include "engine/device/cuda/dnn.h"
#include "engine/device/cuda/library.h"
#include "engine/device/cuda/launch.h"
#include "engine/op/place.h"
#include "engine/ops/moves.gpu.h"
#include "engine/ops/sequence_launch.h"
#include "ninefold/device.h"
#include "train/layers/recurrent/whole_inputs.h"

namespace ninefold::keras::whole {

std::vector<Packed> packed(bool lstm, int64_t units, const cuda::DnnRecurrentSizes& sizes) {
  const int gates = lstm ? 4 : 3;
  std::vector<Packed> all;
  for (int keras = 0; keras < gates; ++keras) {
    const int dnn = !lstm && keras < 2 ? 1 - keras : keras;   // GRU: r comes before z
    for (int state = 0; state < 2; ++state) {
      const int at = dnn + state * gates;
      all.push_back({state ? Packed::recurrent_kernel : Packed::kernel, keras * units, sizes.matrix[at]});
      if (sizes.bias[at] >= 0) all.push_back({Packed::bias, (state * gates + keras) * units, sizes.bias[at]});
    }
  }
  return all;
}

std::vector<int32_t> lengths_of(std::span<const bool> mask, int64_t batch, int64_t steps, bool time_major) {
  std::vector<int32_t> lengths(static_cast<size_t>(batch));
  for (int64_t b = 0; b < batch; ++b) {
    const auto counts = [&](int64_t t) { return mask[static_cast<size_t>(time_major ? t * batch + b : b * steps + t)]; };
    int64_t n = 0;
    while (n < steps && counts(n)) ++n;
    for (int64_t t = n; t < steps; ++t)
      if (counts(t)) return {};
    if (n == 0) return {};
    lengths[static_cast<size_t>(b)] = static_cast<int32_t>(n);
  }
  return lengths;
}

bool two_ends_suffice(int flows, bool outputs_flow) { return flows + (outputs_flow ? 1 : 0) <= 2; }

namespace {

using ops::fill_run;
using ops::move_run;
using ops::move_strided;

constexpr DType kNumber = DType::f32;

// One call of cuDNN and the memory around it.
class Sequences {
 public:
  Sequences(KernelCtx& k, bool lstm, bool training) : k_(k), lstm_(lstm), in_(lstm ? lstm_in : gru_in) {
    const Shape &x = k.shape(in_.x), &u = k.shape(in_.recurrent_kernel);
    const bool major = k.flag("time_major");
    const cpu::SequenceSpec s = spec_of(k, x, u[0]);
    what_ = {lstm, s.batch, s.steps, s.in, s.units, major, training, device::tensor_float_32()};
    backwards_ = s.backwards;
    all_outputs_ = s.all_outputs;
    if (s.batch * s.steps * s.in * s.units == 0 || s.batch * s.units > std::numeric_limits<int32_t>::max()) return;
    if (k.shape(in_.mask).size() > 0 && (backwards_ || s.zero_masked || cuda::Session::of(k.device()) || !read_mask())) return;
    layer_ = cuda::dnn_layer(k.device(), what_);
  }
  bool taken() const { return layer_.has_value(); }

  bool forward() {
    start();
    r_.hy = k_.out<void>(2);
    r_.cy = lstm_ ? k_.out<void>(3) : nullptr;
    const Tensor y = all_outputs_ ? Tensor() : outputs();
    r_.y = all_outputs_ ? k_.out<void>(1) : y.impl()->data;
    if (!cuda::dnn_run(k_.device(), what_, *layer_, r_)) return false;
    move_run(k_, kNumber, k_.out<void>(0), r_.hy, state());
    if (!all_outputs_) move_run(k_, kNumber, k_.out<void>(1), r_.hy, state());
    else if (masked()) keep_rows(k_.out<float>(1), k_.out<float>(1), what_.units, k_.out<float>(2));
    const int kept = lstm_ ? 4 : 3;
    if (k_.out(kept).size() > 0) ops::fill_number(k_, kNumber, k_.out<void>(kept), std::numeric_limits<double>::quiet_NaN(), 1);
    return true;
  }

  bool back() {
    // What flows into the last state, however it left: as the state, as the last output, as the only one.
    std::vector<const void*> ends;
    const auto flow = [&](int i) { return k_.shape(in_.count + 1 + i).size() > 0 ? k_.in<void>(in_.count + 1 + i) : nullptr; };
    for (const void* d : {flow(2), flow(0), all_outputs_ ? nullptr : flow(1)})
      if (d) ends.push_back(d);
    const void* const all = all_outputs_ ? flow(1) : nullptr;
    if (!masked() && !two_ends_suffice(static_cast<int>(ends.size()), all != nullptr)) return false;
    start();
    Tensor joined;
    if (masked()) {                          // where a sample ends is its own
      joined = states();
      cuda::JoinEnds j{rows(what_.units), static_cast<float*>(joined.impl()->data), {}, static_cast<const float*>(all)};
      for (size_t i = 0; i < ends.size(); ++i) j.ends[i] = static_cast<const float*>(ends[i]);
      cuda::launch(k_.device(), "join_ends", cuda::threads_for(state()), j);
      ends = {joined.impl()->data};
    }
    const Tensor y = outputs(), hy = states(), cy = states(), dy = outputs(), dx = inputs();
    const Tensor reserve = empty_on(k_.device(), DType::u8, Shape{static_cast<int64_t>(layer_->sizes.reserve)});
    r_.reserve = layer_->sizes.reserve ? reserve.impl()->data : nullptr;
    r_.y = y.impl()->data, r_.hy = hy.impl()->data, r_.cy = lstm_ ? cy.impl()->data : nullptr;
    if (!cuda::dnn_run(k_.device(), what_, *layer_, r_)) return false;

    r_.back = true;
    r_.dy = all;
    if (all && masked()) {
      keep_rows(static_cast<float*>(dy.impl()->data), static_cast<const float*>(all), what_.units, nullptr);
      r_.dy = dy.impl()->data;
    }
    if (!all) {
      fill_run(k_, kNumber, dy.impl()->data, nullptr, dy.size());
      r_.dy = dy.impl()->data;
      if (ends.size() > 1) {
        const int64_t shape[] = {what_.batch, what_.units};
        const int64_t to[] = {what_.time_major ? what_.units : what_.steps * what_.units, 1}, from[] = {what_.units, 1};
        const int64_t last = (what_.steps - 1) * (what_.time_major ? what_.batch * what_.units : what_.units);
        move_strided(k_, kNumber, shape, ops::element(kNumber, dy.impl()->data, last), to, ends[1], from);
      }
    }
    r_.dhy = ends.empty() ? nullptr : ends[0];
    r_.dcy = lstm_ ? flow(3) : nullptr;
    r_.dhx = k_.out<void>(in_.h);
    r_.dcx = lstm_ ? k_.out<void>(in_.c) : nullptr;
    const bool wanted = k_.flag("needs_x");
    r_.dx = wanted && !backwards_ ? k_.out<void>(0) : dx.impl()->data;
    const Tensor dweights = weights();
    fill_run(k_, kNumber, dweights.impl()->data, nullptr, dweights.size());
    r_.dweights = dweights.impl()->data;
    if (!cuda::dnn_run(k_.device(), what_, *layer_, r_)) return false;
    if (wanted && backwards_) turn(k_.out<void>(0), dx.impl()->data);
    if (wanted && masked()) keep_rows(k_.out<float>(0), k_.out<float>(0), what_.in, nullptr);
    pack(dweights, true);
    return true;
  }

 private:
  int64_t state() const { return what_.batch * what_.units; }
  bool masked() const { return !lengths_.empty(); }
  // Whether each sample's first steps count, and only they.
  bool read_mask() {
    const Tensor& mask = k_.in(in_.mask);
    const auto n = static_cast<size_t>(mask.size());
    const auto bytes = std::make_unique<bool[]>(n);
    if (on_host(mask)) std::copy_n(mask.as<bool>(), n, bytes.get());
    else static_cast<Accelerator&>(k_.device()).download(bytes.get(), mask.impl()->data, n);
    lengths_ = lengths_of({bytes.get(), n}, what_.batch, what_.steps, what_.time_major);
    mask_ = on_device(mask, k_.device());
    r_.lengths = lengths_.data();
    return masked();
  }
  cuda::MaskedRows rows(int64_t columns) const {
    return {static_cast<const bool*>(mask_.impl()->data), what_.batch, what_.steps, columns, what_.time_major != 0};
  }
  void keep_rows(float* to, const float* from, int64_t columns, const float* otherwise) const {
    cuda::launch(k_.device(), "keep_rows", cuda::threads_for(what_.batch * what_.steps * columns), cuda::KeepRows{rows(columns), to, from, otherwise});
  }
  Tensor floats(int64_t n) const { return empty_on(k_.device(), kNumber, Shape{n}); }
  Tensor states() const { return floats(state()); }
  Tensor outputs() const { return floats(state() * what_.steps); }
  Tensor inputs() const { return floats(what_.batch * what_.steps * what_.in); }
  Tensor weights() const { return floats(static_cast<int64_t>(layer_->sizes.weights / sizeof(float))); }

  void start() {
    weights_ = weights();
    pack(weights_, false);
    r_.weights = weights_.impl()->data;
    r_.x = k_.in<void>(in_.x);
    if (backwards_) {
      turned_ = inputs();
      turn(turned_.impl()->data, r_.x);
      r_.x = turned_.impl()->data;
    }
    r_.hx = k_.in<void>(in_.h);
    r_.cx = lstm_ ? k_.in<void>(in_.c) : nullptr;
  }
  // The last step first.
  void turn(void* to, const void* from) const {
    const int64_t outer = what_.time_major ? what_.steps : what_.batch, inner = what_.time_major ? what_.batch : what_.steps;
    const int64_t shape[] = {outer, inner, what_.in}, plain[] = {inner * what_.in, what_.in, 1};
    int64_t back[] = {plain[0], plain[1], 1};
    int64_t& time = back[what_.time_major ? 0 : 1];
    const int64_t last = time * (what_.steps - 1);
    time = -time;
    move_strided(k_, kNumber, shape, to, plain, ops::element(kNumber, from, last), back);
  }
  // Keras' weights among cuDNN's; or what flows into those back among what flows into Keras'.
  void pack(const Tensor& all, bool out) const {
    const int64_t units = what_.units, columns = (lstm_ ? 4 : 3) * units;
    for (const Packed& p : packed(lstm_, units, layer_->sizes)) {
      const int slot = p.from == Packed::kernel ? in_.kernel : p.from == Packed::bias ? in_.bias : in_.recurrent_kernel;
      const int64_t rows = p.from == Packed::bias ? 1 : p.from == Packed::kernel ? what_.in : units;
      const int64_t shape[] = {rows, units}, keras[] = {columns, 1}, dnn[] = {1, rows};
      void* const there = ops::element(kNumber, all.impl()->data, p.dnn);
      if (out) move_strided(k_, kNumber, shape, ops::element(kNumber, k_.out<void>(slot), p.keras), keras, there, dnn);
      else move_strided(k_, kNumber, shape, there, dnn, ops::element(kNumber, k_.in<void>(slot), p.keras), keras);
    }
  }

  KernelCtx& k_;
  const bool lstm_;
  const In in_;
  cuda::DnnRecurrent what_{};
  std::optional<cuda::DnnLayer> layer_;
  cuda::DnnRecurrentRun r_{};
  Tensor weights_, turned_, mask_;
  std::vector<int32_t> lengths_;             // of samples; empty: nothing is masked
  bool backwards_ = false, all_outputs_ = false;
};

template <bool lstm>
void forward_gpu(KernelCtx& k) {
  check_sequences<lstm>(k);
  if (Sequences s(k, lstm, false); !s.taken() || !s.forward()) forward_by_steps(k, lstm);
}
template <bool lstm>
void backward_gpu(KernelCtx& k) {
  if (Sequences s(k, lstm, true); !s.taken() || !s.back()) back_by_steps(k, lstm);
}

const cuda::AtStart whole_start([] {
  add_gpu_kernel("NinefoldLSTM", Kernel{forward_gpu<true>}, {});
  add_gpu_kernel("NinefoldLSTMGrad", Kernel{backward_gpu<true>}, {});
  add_gpu_kernel("NinefoldGRU", Kernel{forward_gpu<false>}, {});
  add_gpu_kernel("NinefoldGRUGrad", Kernel{backward_gpu<false>}, {});
});

}  // namespace
}  // namespace ninefold::keras::whole
