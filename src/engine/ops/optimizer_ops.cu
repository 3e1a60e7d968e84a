// In: variables, their slots, gradients, hyperparameters, all on the card. Out: the variables one step further, by the
// expressions of the CPU's loops. The rule is the same for all threads of a launch. Rows that stand twice among the
// indices are not told apart, as TensorFlow's GPU kernels do not.
#include "engine/ops/complex.cuh"
#include "engine/ops/optimizer_ops_launch.h"

namespace {

using ninefold::Update;
using ninefold::cuda::Step;
namespace updates = ninefold::updates;

template <Update rule, class T>
NF_DEVICE void elements(const Step& p, const T* constants) {
  constexpr int states = ninefold::kStatesOf<rule>;
  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {
    int64_t at = i;
    if (p.indices) {
      const int64_t row = i / p.each;
      const int64_t index = p.wide ? static_cast<const int64_t*>(p.indices)[row] : static_cast<const int32_t*>(p.indices)[row];
      if (index < 0 || index >= p.rows) continue;
      at = index * p.each + (i - row * p.each);
    }
    T s[ninefold::kUpdateStates] = {};
    for (int k = 0; k < states; ++k) s[k] = load_as<T>(p.states[k], at, p.dtype);
    updates::step<rule>(s, load_as<T>(p.gradient, i, p.dtype), constants);
    for (int k = 0; k < states; ++k) store_as(p.states[k], at, p.dtype, s[k]);
  }
}

template <class T> constexpr bool kIsComplex = false;
template <class R> constexpr bool kIsComplex<Complex<R>> = true;
template <class T, int rule = 0>
NF_DEVICE void step(const Step& p, const T* constants) {
  if constexpr (rule < static_cast<int>(Update::count)) {
    if constexpr (!kIsComplex<T> || ninefold::kTakesComplex<static_cast<Update>(rule)>)
      if (static_cast<int>(p.rule) == rule) return elements<static_cast<Update>(rule)>(p, constants);
    step<T, rule + 1>(p, constants);
  }
}
template <class T>
NF_DEVICE void step_of(const Step& p) {
  if (p.guard && *p.guard != p.wanted) return;
  T scalars[ninefold::kUpdateScalars] = {}, constants[ninefold::kUpdateConstants] = {};
  for (int i = 0; i < p.scalars; ++i) scalars[i] = load_as<T>(p.scalar[i], 0, p.dtype);
  updates::constants(p.kind, p.flag != 0, scalars, constants);
  step(p, constants);
}
NF_KERNEL(optimizer_float, Step) { step_of<float>(p); }
NF_KERNEL(optimizer_double, Step) { step_of<double>(p); }
NF_KERNEL(optimizer_complex64, Step) { step_of<Complex<float>>(p); }
NF_KERNEL(optimizer_complex128, Step) { step_of<Complex<double>>(p); }

}  // namespace
