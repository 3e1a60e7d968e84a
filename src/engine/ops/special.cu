// In: tensors of numbers with a fraction, that broadcast. Out: special functions of them, by the CPU's formulas, in double.
#include "engine/ops/elementwise.cuh"
#include "engine/ops/special_rules.h"

namespace {

NF_DEVICE double operand(const Elementwise& p, int k, int64_t at) {
  return (p.in_dtype[k] & 0xff) == kDouble ? load<double>(p, k, at) : static_cast<double>(load<float>(p, k, at));
}
NF_DEVICE void result(const Elementwise& p, int64_t i, double value) {
  if (p.out_dtype == kDouble) store(p, i, value);
  else store(p, i, static_cast<float>(value));
}

#define NF_SPECIAL_OF(operands, name, ...)                                \
  NF_KERNEL(special_##name, Elementwise) {                                \
    for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {    \
      const Places<operands> at(p, i);                                    \
      result(p, i, ninefold::special::__VA_ARGS__);                       \
    }                                                                     \
  }
#define NF_OF_ONE(name, f) NF_SPECIAL_OF(1, name, f(operand(p, 0, at.in[0])))
#define NF_OF_TWO(name, f) NF_SPECIAL_OF(2, name, f(operand(p, 0, at.in[0]), operand(p, 1, at.in[1])))
NF_OF_ONE(Erfinv, erfinv) NF_OF_ONE(Ndtri, ndtri) NF_OF_ONE(Digamma, digamma) NF_OF_TWO(Polygamma, polygamma)
NF_OF_TWO(Zeta, zeta) NF_OF_TWO(IgammaGradA, igamma_grad_a) NF_OF_TWO(RandomGammaGrad, random_gamma_grad)
NF_OF_TWO(Igamma, igamma) NF_OF_TWO(Igammac, igammac)
NF_SPECIAL_OF(3, Betainc, betainc(operand(p, 0, at.in[0]), operand(p, 1, at.in[1]), operand(p, 2, at.in[2])))
NF_OF_ONE(BesselI0, bessel_i0) NF_OF_ONE(BesselI0e, bessel_i0e) NF_OF_ONE(BesselI1, bessel_i1) NF_OF_ONE(BesselI1e, bessel_i1e)
NF_OF_ONE(BesselK0, bessel_k0) NF_OF_ONE(BesselK0e, bessel_k0e) NF_OF_ONE(BesselK1, bessel_k1) NF_OF_ONE(BesselK1e, bessel_k1e)
NF_OF_ONE(BesselJ0, bessel_j0) NF_OF_ONE(BesselJ1, bessel_j1) NF_OF_ONE(BesselY0, bessel_y0) NF_OF_ONE(BesselY1, bessel_y1)
NF_OF_ONE(Dawsn, dawsn) NF_OF_ONE(Expint, expint) NF_OF_ONE(Spence, spence)

}  // namespace
