# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.linalg for editors and checkers.
from typing import Any, Sequence

from . import Tensor

TensorLike = Any

def adjoint(matrix: TensorLike, name: str | None = ...) -> Tensor:
    """The conjugate transpose of each matrix."""

def band_part(input: TensorLike, num_lower: Any, num_upper: Any, name: str | None = ...) -> Tensor:
    """Matrices with zeros outside num_lower diagonals below and num_upper above the main one; negative: all of them."""

def cholesky(input: TensorLike, name: str | None = ...) -> Tensor:
    """L of L L^H = input; NaN where it is not positive definite."""

def cholesky_solve(chol: TensorLike, rhs: TensorLike, name: str | None = ...) -> Tensor:
    """x of A x = rhs, given chol = tf.linalg.cholesky(A)."""

def cross(a: TensorLike, b: TensorLike, name: str | None = ...) -> Tensor:
    """The cross product of vectors of three."""

def det(input: TensorLike, name: str | None = ...) -> Tensor:
    """The determinant of each matrix."""

def diag(diagonal: TensorLike, name: str = ..., k: Any = ..., num_rows: Any = ..., num_cols: Any = ..., padding_value: TensorLike = ..., align: str = ...) -> Tensor:
    """Matrices with the given diagonals, k (or k[0] to k[1]) of them, and padding_value elsewhere."""

def diag_part(input: TensorLike, name: str = ..., k: Any = ..., padding_value: TensorLike = ..., align: str = ...) -> Tensor:
    """The diagonals k (or k[0] to k[1]) of matrices; shorter ones are filled up with padding_value."""

def eig(tensor: TensorLike, name: str | None = ...) -> list[Tensor]:
    """Complex eigenvalues, by rising absolute value, and eigenvectors, in columns, of any square matrices."""

def eigh(tensor: TensorLike, name: str | None = ...) -> list[Tensor]:
    """Eigenvalues, upwards, and eigenvectors, in columns, of Hermitian matrices; both of the matrices' dtype."""

def eigvals(tensor: TensorLike, name: str | None = ...) -> Tensor:
    """Complex eigenvalues, by rising absolute value, of any square matrices."""

def eigvalsh(tensor: TensorLike, name: str | None = ...) -> Tensor:
    """Eigenvalues, upwards, of Hermitian matrices."""

def einsum(equation: str, *inputs: Any, name: str | None = ...) -> Tensor:
    """Sums of products over labelled axes: "ij,jk->ik" is a matrix product, "ii->i" a diagonal, "..." any axes in front. Without "->" the labels that occur once are kept, in alphabetical order."""

def expm(input: TensorLike, name: str | None = ...) -> Tensor:
    """The matrix exponential: 1 + A + A^2 / 2 + ..."""

def eye(num_rows: Any, num_columns: Any = ..., batch_shape: Any = ..., dtype: Any = ..., name: str | None = ...) -> Tensor:
    """Matrices with ones on the diagonal and zeros elsewhere; batch_shape of them."""

def global_norm(t_list: Sequence[TensorLike], name: str | None = ...) -> Tensor:
    """sqrt(sum of the squares of all elements of all tensors of the list); None counts nothing."""

def inv(input: TensorLike, adjoint: bool = ..., name: str | None = ...) -> Tensor:
    """The inverse of each matrix, or of its adjoint; a singular one raises InvalidArgumentError."""

def l2_normalize(x: TensorLike, axis: Any = ..., epsilon: float = ..., name: str | None = ..., dim: Any = ...) -> Tensor:
    """x / sqrt(max(sum(x^2), epsilon)) over axis (None: all). dim is the old name of axis."""

def logdet(matrix: TensorLike, name: str | None = ...) -> Tensor:
    """The logarithm of the determinant of positive definite matrices, from their Cholesky factors."""

def logm(input: TensorLike, name: str | None = ...) -> Tensor:
    """The principal logarithm of complex matrices."""

def lstsq(matrix: TensorLike, rhs: TensorLike, l2_regularizer: float = ..., fast: bool = ..., name: str | None = ...) -> Tensor:
    """x of least |matrix x - rhs|^2 + l2_regularizer |x|^2, by Cholesky factors of the normal equations."""

def lu(input: TensorLike, output_idx_type: Any = ..., name: str | None = ...) -> list[Tensor]:
    """(L and U in one matrix, without L's ones; p): row i of L U is row p[i] of input."""

def lu_matrix_inverse(lower_upper: TensorLike, perm: Any, validate_args: bool = ..., name: str | None = ...) -> Tensor:
    """The inverse of A, as tf.linalg.lu gives it."""

def lu_reconstruct(lower_upper: TensorLike, perm: Any, validate_args: bool = ..., name: str | None = ...) -> Tensor:
    """The matrix that tf.linalg.lu was given."""

def lu_solve(lower_upper: TensorLike, perm: Any, rhs: TensorLike, validate_args: bool = ..., name: str | None = ...) -> Tensor:
    """x of A x = rhs, A as tf.linalg.lu gives it."""

def matmul(a: TensorLike, b: TensorLike, transpose_a: bool = ..., transpose_b: bool = ..., adjoint_a: bool = ..., adjoint_b: bool = ..., a_is_sparse: bool = ..., b_is_sparse: bool = ..., output_type: Any = ..., name: str | None = ...) -> Tensor:
    """Product of matrices in the last two dimensions; leading ones broadcast. adjoint_*: conjugate and transpose. *_is_sparse are hints that change no value. output_type: the dtype to compute in, for integers."""

def matrix_rank(a: TensorLike, tol: Any = ..., validate_args: bool = ..., name: str | None = ...) -> Tensor:
    """How many singular values are greater than tol: by default epsilon times the greatest and the longer side."""

def matrix_transpose(a: TensorLike, name: str = ..., conjugate: bool = ...) -> Tensor:
    """The last two axes exchanged."""

def matvec(a: TensorLike, b: TensorLike, transpose_a: bool = ..., adjoint_a: bool = ..., a_is_sparse: bool = ..., b_is_sparse: bool = ..., name: str | None = ...) -> Tensor:
    """a b of a matrix and a vector, or batches of them."""

def norm(tensor: TensorLike, ord: Any = ..., axis: Any = ..., keepdims: bool = ..., name: str | None = ...) -> Tensor:
    """The norm of vectors or matrices along axes, of the whole tensor without them."""

def normalize(tensor: TensorLike, ord: Any = ..., axis: Any = ..., name: str | None = ...) -> list[Tensor]:
    """The tensor by its norm, and the norm."""

def pinv(a: TensorLike, rcond: Any = ..., validate_args: bool = ..., name: str | None = ...) -> Tensor:
    """The pseudo-inverse: singular values at most rcond times the greatest count as 0."""

def qr(input: TensorLike, full_matrices: bool = ..., name: str | None = ...) -> list[Tensor]:
    """q and r of q r = input, q with orthonormal columns, r upper triangular."""

def set_diag(input: TensorLike, diagonal: TensorLike, name: str = ..., k: Any = ..., align: str = ...) -> Tensor:
    """Matrices with other values on the diagonals k (or k[0] to k[1])."""

def slogdet(input: TensorLike, name: str | None = ...) -> list[Tensor]:
    """The sign and the logarithm of the absolute value of each determinant."""

def solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = ..., name: str | None = ...) -> Tensor:
    """x of matrix x = rhs [..., n, k]; a singular matrix raises InvalidArgumentError."""

def sqrtm(input: TensorLike, name: str | None = ...) -> Tensor:
    """The principal square root; of real matrices with negative eigenvalues NaN."""

def svd(tensor: TensorLike, full_matrices: bool = ..., compute_uv: bool = ..., name: str | None = ...) -> Any:
    """s, u, v of tensor = u diag(s) v^H, s downwards, real; s alone if compute_uv is False."""

def tensor_diag(diagonal: TensorLike, name: str | None = ...) -> Tensor:
    """A tensor of twice the rank with the elements where both halves of the coordinates agree."""

def tensor_diag_part(input: TensorLike, name: str | None = ...) -> Tensor:
    """The elements where both halves of the coordinates agree."""

def tensordot(a: TensorLike, b: TensorLike, axes: Any, name: str | None = ...) -> Tensor:
    """Sum of products over axes of a and as many of b. axes: n (the last n of a, the first n of b), or [axes of a, axes of b]."""

def trace(x: TensorLike, name: str | None = ...) -> Tensor:
    """The sum of each matrix's main diagonal."""

def triangular_solve(matrix: TensorLike, rhs: TensorLike, lower: bool = ..., adjoint: bool = ..., name: str | None = ...) -> Tensor:
    """x of matrix x = rhs for a triangular matrix, whose other triangle is not read."""

def tridiagonal_solve(diagonals: Any, rhs: Any, diagonals_format: str = ..., transpose_rhs: bool = ..., conjugate_rhs: bool = ..., name: str | None = ..., partial_pivoting: bool = ..., perturb_singular: bool = ...) -> Tensor:
    """x of A x = rhs, A given by its diagonals: [..., 3, n] ('compact'), a list of three ('sequence'), or the matrix."""
