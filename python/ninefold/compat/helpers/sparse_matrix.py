# In: sparse matrices, or batches of them. Out: CSRSparseMatrix and the products that packages make with it.
import ninefold as tf


class CSRSparseMatrix:
    """A sparse matrix [rows, columns], or a batch of them, made of a SparseTensor or a dense tensor."""

    def __init__(self, value, indices=None, name=None):
        self._sparse = value if isinstance(value, tf.SparseTensor) else \
            value._sparse if isinstance(value, CSRSparseMatrix) else tf.sparse.from_dense(value)

    dtype = property(lambda self: self._sparse.dtype)
    shape = property(lambda self: self._sparse.shape)

    def to_dense(self):
        return tf.sparse.to_dense(tf.sparse.reorder(self._sparse))

    def to_sparse_tensor(self):
        return self._sparse

    def conj(self):
        return CSRSparseMatrix(tf.sparse.map_values(tf.math.conj, self._sparse))

    def hermitian_transpose(self):
        return self.conj().transpose()

    def transpose(self):
        rank = len(self.shape)
        return CSRSparseMatrix(tf.sparse.transpose(self._sparse, [*range(rank - 2), rank - 1, rank - 2]))


def _dense(x):
    return x.to_dense() if isinstance(x, CSRSparseMatrix) else tf.convert_to_tensor(x)


def matmul(a, b, transpose_a=False, transpose_b=False, adjoint_a=False, adjoint_b=False, name=None):
    """a @ b: a tensor if one of them is dense, else a CSRSparseMatrix."""
    if not isinstance(a, CSRSparseMatrix) and not isinstance(b, CSRSparseMatrix):
        return tf.matmul(a, b, transpose_a, transpose_b, adjoint_a, adjoint_b)
    if isinstance(a, CSRSparseMatrix) and not isinstance(b, CSRSparseMatrix) and len(a.shape) == 2 and not transpose_a \
            and not transpose_b:
        return tf.sparse.sparse_dense_matmul(a._sparse, b, adjoint_a, adjoint_b)
    product = tf.matmul(_dense(a), _dense(b), transpose_a, transpose_b, adjoint_a, adjoint_b)
    return CSRSparseMatrix(product) if isinstance(a, CSRSparseMatrix) and isinstance(b, CSRSparseMatrix) else product


def from_dense(dense, name=None):
    return CSRSparseMatrix(dense)
