// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.linalg make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::linalg {

// The conjugate transpose of each matrix.
NINEFOLD_API Tensor adjoint(const Value& matrix);

// Matrices with zeros outside num_lower diagonals below and num_upper above the main one; negative: all of
// them.
NINEFOLD_API Tensor band_part(const Value& input, const Ints& num_lower, const Ints& num_upper);

// L of L L^H = input; NaN where it is not positive definite.
NINEFOLD_API Tensor cholesky(const Value& input);

// x of A x = rhs, given chol = tf.linalg.cholesky(A).
NINEFOLD_API Tensor cholesky_solve(const Value& chol, const Value& rhs);

// The cross product of vectors of three.
NINEFOLD_API Tensor cross(const Value& a, const Value& b);

// The determinant of each matrix.
NINEFOLD_API Tensor det(const Value& input);

// Matrices with the given diagonals, k (or k[0] to k[1]) of them, and padding_value elsewhere.
struct DiagOptions {
  Ints k = 0;
  Ints num_rows = -1;
  Ints num_cols = -1;
  Value padding_value = 0;
  std::string align = "RIGHT_LEFT";
};
NINEFOLD_API Tensor diag(const Value& diagonal, const DiagOptions& options = {});

// The diagonals k (or k[0] to k[1]) of matrices; shorter ones are filled up with padding_value.
struct DiagPartOptions {
  Ints k = 0;
  Value padding_value = 0;
  std::string align = "RIGHT_LEFT";
};
NINEFOLD_API Tensor diag_part(const Value& input, const DiagPartOptions& options = {});

// Eigenvalues, upwards, and eigenvectors, in columns, of Hermitian matrices; both of the matrices' dtype.
NINEFOLD_API Tensors eigh(const Value& tensor);

// Eigenvalues, upwards, of Hermitian matrices.
NINEFOLD_API Tensor eigvalsh(const Value& tensor);

// The matrix exponential: 1 + A + A^2 / 2 + ...
NINEFOLD_API Tensor expm(const Value& input);

// sqrt(sum of the squares of all elements of all tensors of the list); None counts nothing.
NINEFOLD_API Tensor global_norm(const Value& t_list);

// The inverse of each matrix, or of its adjoint; a singular one raises InvalidArgumentError.
struct InvOptions {
  bool adjoint = false;
};
NINEFOLD_API Tensor inv(const Value& input, const InvOptions& options = {});

// The logarithm of the determinant of positive definite matrices, from their Cholesky factors.
NINEFOLD_API Tensor logdet(const Value& matrix);

// The principal logarithm of complex matrices.
NINEFOLD_API Tensor logm(const Value& input);

// x of least |matrix x - rhs|^2 + l2_regularizer |x|^2, by Cholesky factors of the normal equations.
struct LstsqOptions {
  double l2_regularizer = 0.0;
  bool fast = true;
};
NINEFOLD_API Tensor lstsq(const Value& matrix, const Value& rhs, const LstsqOptions& options = {});

// (L and U in one matrix, without L's ones; p): row i of L U is row p[i] of input.
struct LuOptions {
  DType output_idx_type = dtype_named("int32");
};
NINEFOLD_API Tensors lu(const Value& input, const LuOptions& options = {});

// The inverse of A, as tf.linalg.lu gives it.
struct LuMatrixInverseOptions {
  bool validate_args = false;
};
NINEFOLD_API Tensor lu_matrix_inverse(const Value& lower_upper, const Value& perm,
    const LuMatrixInverseOptions& options = {});

// The matrix that tf.linalg.lu was given.
struct LuReconstructOptions {
  bool validate_args = false;
};
NINEFOLD_API Tensor lu_reconstruct(const Value& lower_upper, const Value& perm,
    const LuReconstructOptions& options = {});

// x of A x = rhs, A as tf.linalg.lu gives it.
struct LuSolveOptions {
  bool validate_args = false;
};
NINEFOLD_API Tensor lu_solve(const Value& lower_upper, const Value& perm, const Value& rhs,
    const LuSolveOptions& options = {});

// How many singular values are greater than tol: by default epsilon times the greatest and the longer
// side.
struct MatrixRankOptions {
  Value tol = {};
  bool validate_args = false;
};
NINEFOLD_API Tensor matrix_rank(const Value& a, const MatrixRankOptions& options = {});

// The last two axes exchanged.
struct MatrixTransposeOptions {
  bool conjugate = false;
};
NINEFOLD_API Tensor matrix_transpose(const Value& a, const MatrixTransposeOptions& options = {});

// a b of a matrix and a vector, or batches of them.
struct MatvecOptions {
  bool transpose_a = false;
  bool adjoint_a = false;
  bool a_is_sparse = false;
  bool b_is_sparse = false;
};
NINEFOLD_API Tensor matvec(const Value& a, const Value& b, const MatvecOptions& options = {});

// The tensor by its norm, and the norm.
struct NormalizeOptions {
  Value ord = "euclidean";
  Value axis = {};
};
NINEFOLD_API Tensors normalize(const Value& tensor, const NormalizeOptions& options = {});

// The pseudo-inverse: singular values at most rcond times the greatest count as 0.
struct PinvOptions {
  Value rcond = {};
  bool validate_args = false;
};
NINEFOLD_API Tensor pinv(const Value& a, const PinvOptions& options = {});

// q and r of q r = input, q with orthonormal columns, r upper triangular.
struct QrOptions {
  bool full_matrices = false;
};
NINEFOLD_API Tensors qr(const Value& input, const QrOptions& options = {});

// Matrices with other values on the diagonals k (or k[0] to k[1]).
struct SetDiagOptions {
  Ints k = 0;
  std::string align = "RIGHT_LEFT";
};
NINEFOLD_API Tensor set_diag(const Value& input, const Value& diagonal, const SetDiagOptions& options = {});

// The sign and the logarithm of the absolute value of each determinant.
NINEFOLD_API Tensors slogdet(const Value& input);

// x of matrix x = rhs [..., n, k]; a singular matrix raises InvalidArgumentError.
struct SolveOptions {
  bool adjoint = false;
};
NINEFOLD_API Tensor solve(const Value& matrix, const Value& rhs, const SolveOptions& options = {});

// s, u, v of tensor = u diag(s) v^H, s downwards, real; s alone if compute_uv is False.
struct SvdOptions {
  bool full_matrices = false;
  bool compute_uv = true;
};
NINEFOLD_API Value svd(const Value& tensor, const SvdOptions& options = {});

// A tensor of twice the rank with the elements where both halves of the coordinates agree.
NINEFOLD_API Tensor tensor_diag(const Value& diagonal);

// The elements where both halves of the coordinates agree.
NINEFOLD_API Tensor tensor_diag_part(const Value& input);

// The sum of each matrix's main diagonal.
NINEFOLD_API Tensor trace(const Value& x);

// x of matrix x = rhs for a triangular matrix, whose other triangle is not read.
struct TriangularSolveOptions {
  bool lower = true;
  bool adjoint = false;
};
NINEFOLD_API Tensor triangular_solve(const Value& matrix, const Value& rhs,
    const TriangularSolveOptions& options = {});

// x of A x = rhs, A given by its diagonals: [..., 3, n] ('compact'), a list of three ('sequence'), or the
// matrix.
struct TridiagonalSolveOptions {
  std::string diagonals_format = "compact";
  bool transpose_rhs = false;
  bool conjugate_rhs = false;
  bool partial_pivoting = true;
  bool perturb_singular = false;
};
NINEFOLD_API Tensor tridiagonal_solve(const Value& diagonals, const Value& rhs,
    const TridiagonalSolveOptions& options = {});

}  // namespace ninefold::linalg
