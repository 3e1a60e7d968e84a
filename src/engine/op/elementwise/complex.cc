// In: the family files. Out: their loops for complex64 and complex128, by std::complex, an element a time.
// Compiled once, for the baseline: std::complex is made of library templates.
#include <complex>

#include "base/simd/num.h"

namespace ninefold::simd::generic {

template <class T>
concept Complex = !std::is_arithmetic_v<T>;

#define NF_COMPLEX(name) \
  template <Complex T>   \
  inline Num<T> name(Num<T> x) { return std::name(x.v); }
NF_COMPLEX(sqrt) NF_COMPLEX(exp) NF_COMPLEX(log) NF_COMPLEX(sin) NF_COMPLEX(cos) NF_COMPLEX(tan)
NF_COMPLEX(asin) NF_COMPLEX(acos) NF_COMPLEX(atan) NF_COMPLEX(sinh) NF_COMPLEX(cosh) NF_COMPLEX(tanh)
NF_COMPLEX(asinh) NF_COMPLEX(acosh) NF_COMPLEX(atanh) NF_COMPLEX(conj)
#undef NF_COMPLEX
template <Complex T>
inline auto abs(Num<T> x) { return Num(std::abs(x.v)); }
template <Complex T>
inline auto angle(Num<T> x) { return Num(std::arg(x.v)); }
template <Complex T>
inline auto real(Num<T> x) { return Num(x.v.real()); }
template <Complex T>
inline auto imag(Num<T> x) { return Num(x.v.imag()); }
template <Complex T>
inline Num<T> sign(Num<T> x) { return x.v == T(0) ? T(0) : x.v / std::abs(x.v); }
template <Complex T>
inline Num<T> pow(Num<T> x, Num<T> y) { return std::pow(x.v, y.v); }

}  // namespace ninefold::simd::generic

#include "engine/op/elementwise/activations.h"
#include "engine/op/elementwise/binary_math.h"
#include "engine/op/elementwise/bitwise.h"
#include "engine/op/elementwise/compare.h"
#include "engine/op/elementwise/families.h"
#include "engine/op/elementwise/instantiate.h"
#include "engine/op/elementwise/unary_math.h"
#include "engine/op/elementwise/unary_special.h"

namespace ninefold::elementwise {
namespace generic {

template <> inline constexpr int dtype_of<isa::Num<std::complex<float>>> = dt_complex64;
template <> inline constexpr int dtype_of<isa::Num<std::complex<double>>> = dt_complex128;

struct InstantiateComplex {
  Instantiate real;
  template <class Kinds, class F, class... Bad>
  void operator()(const char* name, const char* formula, Kinds, F, Bad...) const {
    if constexpr (Kinds::complexes) {
      real.one<Kinds, F, NoFault, isa::Num<std::complex<float>>>(name, formula, "");
      real.one<Kinds, F, NoFault, isa::Num<std::complex<double>>>(name, formula, "");
    }
  }
};

}  // namespace generic

void add_complex(const Sink& sink) {
  const generic::InstantiateComplex all{{sink}};
#define NINEFOLD_ADD(family) family(all);
  NINEFOLD_FAMILIES(NINEFOLD_ADD)
#undef NINEFOLD_ADD
}

}  // namespace ninefold::elementwise
