// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.linalg. Out: calls of their records.
#include "ninefold/functions/linalg.h"

#include "engine/ops/functions/call.h"

namespace ninefold::linalg {

Tensor adjoint(const Value& matrix) {
  static const Function& f = named("tf.linalg.adjoint");
  return tensor_of(f, {matrix, Value()});
}

Tensor band_part(const Value& input, const Ints& num_lower, const Ints& num_upper) {
  static const Function& f = named("tf.linalg.band_part");
  return tensor_of(f, {input, num_lower.value, num_upper.value, Value()});
}

Tensor cholesky(const Value& input) {
  static const Function& f = named("tf.linalg.cholesky");
  return tensor_of(f, {input, Value()});
}

Tensor cholesky_solve(const Value& chol, const Value& rhs) {
  static const Function& f = named("tf.linalg.cholesky_solve");
  return tensor_of(f, {chol, rhs, Value()});
}

Tensor cross(const Value& a, const Value& b) {
  static const Function& f = named("tf.linalg.cross");
  return tensor_of(f, {a, b, Value()});
}

Tensor det(const Value& input) {
  static const Function& f = named("tf.linalg.det");
  return tensor_of(f, {input, Value()});
}

Tensor diag(const Value& diagonal, const DiagOptions& options) {
  static const Function& f = named("tf.linalg.diag");
  return tensor_of(f, {diagonal, "diag", options.k.value, options.num_rows.value, options.num_cols.value,
    options.padding_value, options.align});
}

Tensor diag_part(const Value& input, const DiagPartOptions& options) {
  static const Function& f = named("tf.linalg.diag_part");
  return tensor_of(f, {input, "diag_part", options.k.value, options.padding_value, options.align});
}

Tensors eigh(const Value& tensor) {
  static const Function& f = named("tf.linalg.eigh");
  return tensors_of(f, {tensor, Value()});
}

Tensor eigvalsh(const Value& tensor) {
  static const Function& f = named("tf.linalg.eigvalsh");
  return tensor_of(f, {tensor, Value()});
}

Tensor expm(const Value& input) {
  static const Function& f = named("tf.linalg.expm");
  return tensor_of(f, {input, Value()});
}

Tensor global_norm(const Value& t_list) {
  static const Function& f = named("tf.linalg.global_norm");
  return tensor_of(f, {t_list, Value()});
}

Tensor inv(const Value& input, const InvOptions& options) {
  static const Function& f = named("tf.linalg.inv");
  return tensor_of(f, {input, options.adjoint, Value()});
}

Tensor logdet(const Value& matrix) {
  static const Function& f = named("tf.linalg.logdet");
  return tensor_of(f, {matrix, Value()});
}

Tensor logm(const Value& input) {
  static const Function& f = named("tf.linalg.logm");
  return tensor_of(f, {input, Value()});
}

Tensor lstsq(const Value& matrix, const Value& rhs, const LstsqOptions& options) {
  static const Function& f = named("tf.linalg.lstsq");
  return tensor_of(f, {matrix, rhs, options.l2_regularizer, options.fast, Value()});
}

Tensors lu(const Value& input, const LuOptions& options) {
  static const Function& f = named("tf.linalg.lu");
  return tensors_of(f, {input, options.output_idx_type, Value()});
}

Tensor lu_matrix_inverse(const Value& lower_upper, const Value& perm, const LuMatrixInverseOptions& options) {
  static const Function& f = named("tf.linalg.lu_matrix_inverse");
  return tensor_of(f, {lower_upper, perm, options.validate_args, Value()});
}

Tensor lu_reconstruct(const Value& lower_upper, const Value& perm, const LuReconstructOptions& options) {
  static const Function& f = named("tf.linalg.lu_reconstruct");
  return tensor_of(f, {lower_upper, perm, options.validate_args, Value()});
}

Tensor lu_solve(const Value& lower_upper, const Value& perm, const Value& rhs,
    const LuSolveOptions& options) {
  static const Function& f = named("tf.linalg.lu_solve");
  return tensor_of(f, {lower_upper, perm, rhs, options.validate_args, Value()});
}

Tensor matrix_rank(const Value& a, const MatrixRankOptions& options) {
  static const Function& f = named("tf.linalg.matrix_rank");
  return tensor_of(f, {a, options.tol, options.validate_args, Value()});
}

Tensor matrix_transpose(const Value& a, const MatrixTransposeOptions& options) {
  static const Function& f = named("tf.linalg.matrix_transpose");
  return tensor_of(f, {a, "matrix_transpose", options.conjugate});
}

Tensor matvec(const Value& a, const Value& b, const MatvecOptions& options) {
  static const Function& f = named("tf.linalg.matvec");
  return tensor_of(f, {a, b, options.transpose_a, options.adjoint_a, options.a_is_sparse, options.b_is_sparse,
    Value()});
}

Tensors normalize(const Value& tensor, const NormalizeOptions& options) {
  static const Function& f = named("tf.linalg.normalize");
  return tensors_of(f, {tensor, options.ord, options.axis, Value()});
}

Tensor pinv(const Value& a, const PinvOptions& options) {
  static const Function& f = named("tf.linalg.pinv");
  return tensor_of(f, {a, options.rcond, options.validate_args, Value()});
}

Tensors qr(const Value& input, const QrOptions& options) {
  static const Function& f = named("tf.linalg.qr");
  return tensors_of(f, {input, options.full_matrices, Value()});
}

Tensor set_diag(const Value& input, const Value& diagonal, const SetDiagOptions& options) {
  static const Function& f = named("tf.linalg.set_diag");
  return tensor_of(f, {input, diagonal, "set_diag", options.k.value, options.align});
}

Tensors slogdet(const Value& input) {
  static const Function& f = named("tf.linalg.slogdet");
  return tensors_of(f, {input, Value()});
}

Tensor solve(const Value& matrix, const Value& rhs, const SolveOptions& options) {
  static const Function& f = named("tf.linalg.solve");
  return tensor_of(f, {matrix, rhs, options.adjoint, Value()});
}

Value svd(const Value& tensor, const SvdOptions& options) {
  static const Function& f = named("tf.linalg.svd");
  return value_of(f, {tensor, options.full_matrices, options.compute_uv, Value()});
}

Tensor tensor_diag(const Value& diagonal) {
  static const Function& f = named("tf.linalg.tensor_diag");
  return tensor_of(f, {diagonal, Value()});
}

Tensor tensor_diag_part(const Value& input) {
  static const Function& f = named("tf.linalg.tensor_diag_part");
  return tensor_of(f, {input, Value()});
}

Tensor trace(const Value& x) {
  static const Function& f = named("tf.linalg.trace");
  return tensor_of(f, {x, Value()});
}

Tensor triangular_solve(const Value& matrix, const Value& rhs, const TriangularSolveOptions& options) {
  static const Function& f = named("tf.linalg.triangular_solve");
  return tensor_of(f, {matrix, rhs, options.lower, options.adjoint, Value()});
}

Tensor tridiagonal_solve(const Value& diagonals, const Value& rhs, const TridiagonalSolveOptions& options) {
  static const Function& f = named("tf.linalg.tridiagonal_solve");
  return tensor_of(f, {diagonals, rhs, options.diagonals_format, options.transpose_rhs, options.conjugate_rhs,
    Value(), options.partial_pivoting, options.perturb_singular});
}

}  // namespace ninefold::linalg
