// In: complex tensors, or their parts. Out: the other.
#include <complex>

#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/operands.h"
#include "engine/ops/string_pairs.h"

namespace ninefold::ops {
namespace {

Tensor complex_of(const Tensor& real, const Tensor& imag) {
  return op("Complex", {real, imag}, {{"Tout", real.dtype() == DType::f64 ? DType::c128 : DType::c64}});
}
Tensor part(const char* name, const Tensor& t) { return op(name, {t}, {{"Tout", real_part_of(t.dtype())}}); }

// The bodies make real parts; TensorFlow names their dtype in an attribute.
Op part_record(const char* name, const char* input, const char* output, Elementwise::Gradient grad) {
  Op r = elementwise_record(name, {std::string(input) + ": T"}, grad);
  r.outputs = {std::string(output) + ": Tout"};
  r.attrs = {"T: {complex64, complex128} = complex64", "Tout: {float, double} = float"};
  r.shape = [](ShapeCtx& c) {
    c.check(c.type("Tout") == real_part_of(c.dtype(0)), "the output of {} input is {}, not {}", name_of(c.dtype(0)),
            name_of(real_part_of(c.dtype(0))), name_of(c.type("Tout")));
    c.same_as_input();
  };
  r.in_place = false;
  r.stops_gradient = false;
  return r;
}
const Elementwise real(part_record("Real", "input", "output", [](GradCtx& g) { g.to(0, complex_of(g.dy(), op("ZerosLike", {g.dy()}))); }));
const Elementwise imag(part_record("Imag", "input", "output", [](GradCtx& g) { g.to(0, complex_of(op("ZerosLike", {g.dy()}), g.dy())); }));
const Elementwise angle(part_record("Angle", "input", "output", [](GradCtx& g) {
  const Tensor re = part("Real", g.in(0)), im = part("Imag", g.in(0)), zero = op("ZerosLike", {g.dy()});
  g.to(0, -(complex_of(g.dy(), zero) * op("Reciprocal", {complex_of(im, re)})));
}));
const Elementwise complex_abs(part_record("ComplexAbs", "x", "y", [](GradCtx& g) {
  g.to(0, complex_of(g.dy(), op("ZerosLike", {g.dy()})) * op("Sign", {g.in(0)}));
}));

const Op complex_op = {
    .name = "Complex", .inputs = {"real: T", "imag: T"}, .outputs = {"out: Tout"},
    .attrs = {"T: {float, double} = float", "Tout: {complex64, complex128} = complex64"}, .doc = "real + i imag.",
    .shape = [](ShapeCtx& c) {
      c.check(c.dtype(0) == real_part_of(c.type("Tout")), "parts of {} make no {}", name_of(c.dtype(0)), name_of(c.type("Tout")));
      shapes::broadcast(c);
    },
    .grad = [](GradCtx& g) {
      if (g.needs(0)) g.to_broadcast(0, part("Real", g.dy()));
      if (g.needs(1)) g.to_broadcast(1, part("Imag", g.dy()));
    },
    .elementwise = true,
};
NINEFOLD_REGISTER(complex_op);
template <class T>
void complex_cpu(KernelCtx& k) {
  const Shape& to = k.out(0).shape();
  for (int64_t i = 0, n = to.size(); i < n; ++i)
    k.out<std::complex<T>>(0)[i] = {k.in<T>(0)[broadcast_index(i, k.shape(0), to)], k.in<T>(1)[broadcast_index(i, k.shape(1), to)]};
}
NINEFOLD_KERNEL(complex_op, "CPU", Kernel{complex_cpu<float>}, DType::f32);
NINEFOLD_KERNEL(complex_op, "CPU", Kernel{complex_cpu<double>}, DType::f64);

// ---- public functions ----

const Function complex_function = {
    .names = {"tf.complex", "tf.dtypes.complex"}, .signature = "(real: T, imag: T, name: str = None)",
    .doc = "real + i imag, of float32 or float64 parts.",
    .body = [](Args& a) -> Value {
      const Tensor re = operand(a, "real"), im = operand(a, "imag");
      check(re.dtype() == im.dtype() && (re.dtype() == DType::f32 || re.dtype() == DType::f64), Code::type,
            "The `real` and `imag` components have incorrect types: {} {}. They must be consistent, and one of [tf.float32, tf.float64]",
            name_of(re.dtype()), name_of(im.dtype()));
      return complex_of(re, im);
    },
};
NINEFOLD_REGISTER(complex_function);
const Function conj_function = {
    .names = {"tf.math.conj"}, .signature = "(x: T, name: str = None)", .doc = "The complex conjugate; real tensors as they are.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "x");
      check(is_numeric(x.dtype()) || x.dtype() == DType::variant, Code::type, "Expected numeric or variant tensor, got dtype tf.{}.", name_of(x.dtype()));
      return conj(x);
    },
};
NINEFOLD_REGISTER(conj_function);
const Function real_function = {
    .names = {"tf.math.real"}, .signature = "(input: T, name: str = None)", .doc = "The real part; real tensors as they are.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input");
      return is_complex(x.dtype()) ? part("Real", x) : x;
    },
};
NINEFOLD_REGISTER(real_function);
const Function imag_function = {
    .names = {"tf.math.imag"}, .signature = "(input: T, name: str = None)", .doc = "The imaginary part; zeros of real tensors.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input");
      return is_complex(x.dtype()) ? part("Imag", x) : op("ZerosLike", {x});
    },
};
NINEFOLD_REGISTER(imag_function);
const Function angle_function = {
    .names = {"tf.math.angle"}, .signature = "(input: T, name: str = None)", .doc = "atan2(imag, real); pi where a real number is negative, else 0.",
    .body = [](Args& a) -> Value {
      const Tensor x = operand(a, "input");
      if (is_complex(x.dtype())) return part("Angle", x);
      return op("SelectV2", {op("Less", {x, op("ZerosLike", {x})}), op("OnesLike", {x}) * number_like(x, 3.14159265358979324), op("ZerosLike", {x})});
    },
};
NINEFOLD_REGISTER(angle_function);

}  // namespace
}  // namespace ninefold::ops
