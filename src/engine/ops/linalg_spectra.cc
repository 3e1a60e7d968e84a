// In: square matrices, or batches of them. Out: Eig, MatrixSquareRoot, MatrixLogarithm, and what tf.linalg calls them.
#include "base/check.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/matrices.h"
#include "engine/ops/matrix_batches.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

using namespace matrices;

Matrix<Complex> complex_matrix(const Tensor& t, int64_t which) { return load<Complex>(t, which); }
Tensor expanded(const Tensor& t, int axis) { return op("ExpandDims", {t, Tensor(int32_t{axis})}); }

// ---- Eig ----

// With v's columns of length 1: a's gradient is v^-H (diag(de) + F . (v^H dv - v^H v Re(diag(v^H dv)))) v^H, with
// F[i, j] = 1 / conj(e[j] - e[i]) and 0 where i = j.
void eig_gradient(GradCtx& g) {
  const bool vectors = g.flag("compute_v");   // else they are computed now
  const NamedAttr again[] = {{"compute_v", true}, {"Tout", g.out(0).dtype()}};
  const Tensor e = g.out(0), v = vectors ? g.out(1) : op_all("Eig", {&g.in(0), 1}, again).at(1), vh = adjoint_of(v);
  const Tensor eye = pattern(v, 0, 1, 0), others = pattern(v, 1, 0, 1);
  Tensor middle = eye * expanded(g.dy(0), -1);
  if (vectors && g.has_dy(1)) {
    const Tensor f = conj(op("DivNoNan", {others, expanded(e, -2) - expanded(e, -1) + eye}));
    const Tensor inner = times(v, g.dy(1), true);
    const Tensor real = op("Cast", {op("Real", {inner}, {{"Tout", real_part_of(inner.dtype())}})}, {{"DstT", inner.dtype()}});
    middle = middle + f * (inner - times(times(vh, v), eye * real));
  }
  const Tensor full = op("MatrixSolve", {vh, times(middle, vh)});
  g.to(0, full.dtype() == g.in(0).dtype() ? full : op("Cast", {full}, {{"DstT", g.in(0).dtype()}}));
}
const Op eig = {
    .name = "Eig", .inputs = {"input: T"}, .outputs = {"e: Tout", "v: Tout"},
    .attrs = {"compute_v: bool = true", "T: {float, double, complex64, complex128}", "Tout: {complex64, complex128}"},
    .doc = "Eigenvalues, by rising absolute value, and eigenvectors of length 1, in columns, whose phases are not determined.",
    .shape = [](ShapeCtx& c) {
      square(c);
      const Shape outer = batch(c);
      if (!outer.known_rank()) return c.unknown();
      const int64_t n = c.shape(0).dim(-1);
      c.output(0, outer.concat({n}));
      c.output(1, c.flag("compute_v") ? outer.concat({n, n}) : Shape{0});
    },
    .grad = eig_gradient,
};
NINEFOLD_REGISTER(eig);
NINEFOLD_KERNEL(eig, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&](auto, int64_t i) {
    const linalg::Eig f(complex_matrix(k.in(0), i));
    const auto n = static_cast<int64_t>(f.values.size());
    store(k, 0, i * n, f.values.data(), n);
    if (k.flag("compute_v")) store(k, 1, i, f.vectors);
  });
}}));

// ---- MatrixSquareRoot, MatrixLogarithm ----

// d a = s ds + ds s, so that what flows to a solves s^H x + x s^H = dy: a system of n^2 equations, of Kronecker products.
void root_gradient(GradCtx& g) {
  const Tensor s = g.out(), sh = adjoint_of(s), eye = identity_like(s);
  const Extent size = columns_of(s);
  check(size.known(), Code::unimplemented, "MatrixSquareRoot: the gradient needs to know how many rows a matrix has; set its shape");
  const int64_t n = size.value();
  const Tensor outer = op("Slice", {op("Shape", {s}), int_vector({0}), int_vector({s.rank() - 2})});
  const auto shaped = [&](const Tensor& t, const std::vector<int64_t>& tail) {
    const Tensor parts[] = {outer, int_vector(tail), Tensor(int32_t{0})};
    return op("Reshape", {t, op_all("ConcatV2", parts).at(0)});
  };
  const auto kronecker = [&](const Tensor& a, const Tensor& b) {
    return shaped(expanded(expanded(a, -2), -1) * expanded(expanded(b, -2), -4), {n * n, n * n});
  };
  const Tensor both = kronecker(sh, eye) + kronecker(eye, conj(s));
  g.to(0, shaped(op("MatrixSolve", {both, shaped(g.dy(), {n * n, 1})}), {n, n}));
}
const Op root = {
    .name = "MatrixSquareRoot", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = {"T: {double, float, complex64, complex128}"},
    .doc = "The principal square root; of a real matrix with negative eigenvalues NaN.", .shape = same_square,
    .grad = root_gradient,
};
NINEFOLD_REGISTER(root);
NINEFOLD_KERNEL(root, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&]<class S>(S, int64_t i) {
    const Matrix<Complex> found = linalg::square_root(complex_matrix(k.in(0), i));
    if constexpr (std::is_same_v<S, Complex>) {
      store(k, 0, i, found);
    } else {
      double most = 0, beside = 0;
      for (const Complex& x : found.data) most = std::max(most, std::abs(x)), beside = std::max(beside, std::fabs(x.imag()));
      Matrix<double> real(found.rows, found.columns);
      for (size_t j = 0; j < real.data.size(); ++j) real.data[j] = beside > 1e-7 * most ? std::nan("") : found.data[j].real();
      store(k, 0, i, real);
    }
  });
}}));
const Op log = {
    .name = "MatrixLogarithm", .inputs = {"input: T"}, .outputs = {"output: T"}, .attrs = {"T: {complex64, complex128}"},
    .doc = "The principal logarithm.", .shape = same_square,
};
NINEFOLD_REGISTER(log);
NINEFOLD_KERNEL(log, "CPU", (Kernel{[](KernelCtx& k) {
  each_matrix(k, [&](auto, int64_t i) { store(k, 0, i, linalg::logarithm(complex_matrix(k.in(0), i))); });
}}));

// ---- functions ----

Tensors spectrum(const Args& a, bool vectors) {
  const Tensor t = operand(a, "tensor");
  check(is_complex(t.dtype()) || t.dtype() == DType::f32 || t.dtype() == DType::f64, Code::type,
        "{}: expected float32, float64 or complex numbers, got {}", a.function().names[0], name_of(t.dtype()));
  const NamedAttr attrs[] = {{"compute_v", vectors}, {"Tout", real_part_of(t.dtype()) == DType::f64 ? DType::c128 : DType::c64}};
  return op_all("Eig", {&t, 1}, attrs);
}
const Function functions[] = {
    {{"tf.linalg.eig", "tf.eig"}, "(tensor: T, name: str = None)",
     "Complex eigenvalues, by rising absolute value, and eigenvectors, in columns, of any square matrices.",
     [](Args& a) -> Value {
       const Tensors found = spectrum(a, true);
       return ValueList(found.begin(), found.end());
     }, "tensors"},
    {{"tf.linalg.eigvals", "tf.eigvals"}, "(tensor: T, name: str = None)", "Complex eigenvalues, by rising absolute value, of any square matrices.",
     [](Args& a) -> Value { return spectrum(a, false).at(0); }},
    {{"tf.linalg.sqrtm", "tf.matrix_square_root"}, "(input: T, name: str = None)", "The principal square root; of real matrices with negative eigenvalues NaN.",
     [](Args& a) -> Value { return op("MatrixSquareRoot", {operand(a, "input")}); }},
    {{"tf.linalg.logm"}, "(input: T, name: str = None)", "The principal logarithm of complex matrices.",
     [](Args& a) -> Value { return op("MatrixLogarithm", {operand(a, "input")}); }},
};
const std::vector<Registrar> known(std::begin(functions), std::end(functions));

}  // namespace
}  // namespace ninefold::ops
