// In: names and signatures of tf.linalg's factorisations. Out: function records over their ops.
#include "base/check.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/operands.h"

namespace ninefold::ops {
namespace {

ValueList list_of(const Tensors& ts) { return ValueList(ts.begin(), ts.end()); }
Tensors all_of(const char* name, const Tensor& in, std::vector<NamedAttr> attrs = {}) {
  return op_all(name, {&in, 1}, attrs);
}

const OpFunction of_one[] = {
    {"Cholesky", {"tf.linalg.cholesky"}, "(input: T, name: str = None)",
     "L of L L^H = input; NaN where it is not positive definite."},
    {"MatrixDeterminant", {"tf.linalg.det"}, "(input: T, name: str = None)", "The determinant of each matrix."},
};
const Function inv = {
    .names = {"tf.linalg.inv"}, .signature = "(input: T, adjoint: bool = False, name: str = None)",
    .doc = "The inverse of each matrix, or of its adjoint; a singular one raises InvalidArgumentError.",
    .body = [](Args& a) -> Value {
      return op("MatrixInverse", {operand(a, "input")}, {{"adjoint", a.flag("adjoint")}});
    },
};
NINEFOLD_REGISTER(inv);
const Function solve = {
    .names = {"tf.linalg.solve"},
    .signature = "(matrix: T, rhs: T, adjoint: bool = False, name: str = None)",
    .doc = "x of matrix x = rhs [..., n, k]; a singular matrix raises InvalidArgumentError.",
    .body = [](Args& a) -> Value {
      return op_all("MatrixSolve", operands(a, {"matrix", "rhs"}),
                    std::initializer_list<NamedAttr>{{"adjoint", a.flag("adjoint")}}).at(0);
    },
};
NINEFOLD_REGISTER(solve);

Tensor triangular(const Tensor& matrix, const Tensor& rhs, bool lower, bool adjoint) {
  return op("MatrixTriangularSolve", {matrix, rhs}, {{"lower", lower}, {"adjoint", adjoint}});
}
const Function triangular_solve = {
    .names = {"tf.linalg.triangular_solve"},
    .signature = "(matrix: T, rhs: T, lower: bool = True, adjoint: bool = False, name: str = None)",
    .doc = "x of matrix x = rhs for a triangular matrix, whose other triangle is not read.",
    .body = [](Args& a) -> Value {
      const Tensors in = operands(a, {"matrix", "rhs"});
      return triangular(in[0], in[1], a.flag("lower"), a.flag("adjoint"));
    },
};
NINEFOLD_REGISTER(triangular_solve);
const Function cholesky_solve = {
    .names = {"tf.linalg.cholesky_solve"}, .signature = "(chol: T, rhs: T, name: str = None)",
    .doc = "x of A x = rhs, given chol = tf.linalg.cholesky(A).",
    .body = [](Args& a) -> Value {
      const Tensors in = operands(a, {"chol", "rhs"});
      return triangular(in[0], triangular(in[0], in[1], true, false), true, true);
    },
};
NINEFOLD_REGISTER(cholesky_solve);

const Function slogdet = {
    .names = {"tf.linalg.slogdet"}, .signature = "(input: T, name: str = None)",
    .doc = "The sign and the logarithm of the absolute value of each determinant.",
    .body = [](Args& a) -> Value { return list_of(all_of("LogMatrixDeterminant", operand(a, "input"))); },
    .result = "tensors",
};
NINEFOLD_REGISTER(slogdet);
const Function logdet = {
    .names = {"tf.linalg.logdet"}, .signature = "(matrix: T, name: str = None)",
    .doc = "The logarithm of the determinant of positive definite matrices, from their Cholesky factors.",
    .body = [](Args& a) -> Value {
      const Tensor chol = op("Cholesky", {operand(a, "matrix")});
      const Tensor logs = op("Log", {*call("tf.linalg.diag_part", {{"input", chol}}).get<Tensor>()});
      const Tensor sum = op("Sum", {logs, int_scalar(-1)});
      const Tensor real = is_complex(sum.dtype()) ? op("Real", {sum}, {{"Tout", real_part_of(sum.dtype())}}) : sum;
      return real * number_like(real, 2);
    },
};
NINEFOLD_REGISTER(logdet);

const Function qr = {
    .names = {"tf.linalg.qr"}, .signature = "(input: T, full_matrices: bool = False, name: str = None)",
    .doc = "q and r of q r = input, q with orthonormal columns, r upper triangular.",
    .body = [](Args& a) -> Value {
      return list_of(all_of("Qr", operand(a, "input"), {{"full_matrices", a.flag("full_matrices")}}));
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(qr);
const Function svd = {
    .names = {"tf.linalg.svd"},
    .signature = "(tensor: T, full_matrices: bool = False, compute_uv: bool = True, name: str = None)",
    .doc = "s, u, v of tensor = u diag(s) v^H, s downwards, real; s alone if compute_uv is False.",
    .body = [](Args& a) -> Value {
      const bool uv = a.flag("compute_uv");
      Tensors all = all_of("Svd", operand(a, "tensor"), {{"compute_uv", uv}, {"full_matrices", a.flag("full_matrices")}});
      if (is_complex(all[0].dtype())) all[0] = op("Real", {all[0]}, {{"Tout", real_part_of(all[0].dtype())}});
      if (!uv) return all[0];
      return list_of(all);
    },
    .result = "value",
};
NINEFOLD_REGISTER(svd);
const Function eigh = {
    .names = {"tf.linalg.eigh"}, .signature = "(tensor: T, name: str = None)",
    .doc = "Eigenvalues, upwards, and eigenvectors, in columns, of Hermitian matrices; both of the matrices' dtype.",
    .body = [](Args& a) -> Value {
      return list_of(all_of("SelfAdjointEigV2", operand(a, "tensor"), {{"compute_v", true}}));
    },
    .result = "tensors",
};
NINEFOLD_REGISTER(eigh);
const Function eigvalsh = {
    .names = {"tf.linalg.eigvalsh"}, .signature = "(tensor: T, name: str = None)",
    .doc = "Eigenvalues, upwards, of Hermitian matrices.",
    .body = [](Args& a) -> Value {
      return all_of("SelfAdjointEigV2", operand(a, "tensor"), {{"compute_v", false}}).at(0);
    },
};
NINEFOLD_REGISTER(eigvalsh);

}  // namespace
}  // namespace ninefold::ops
