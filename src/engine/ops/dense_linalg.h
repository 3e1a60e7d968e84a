// In: one dense matrix, row-major, of double or complex<double>. Out: its factors. Plain algorithms, no BLAS.
#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace ninefold::linalg {

template <class S>
struct Matrix {
  Matrix(int64_t rows, int64_t columns) : rows(rows), columns(columns), data(static_cast<size_t>(rows * columns)) {}
  S& operator()(int64_t i, int64_t j) { return data[static_cast<size_t>(i * columns + j)]; }
  const S& operator()(int64_t i, int64_t j) const { return data[static_cast<size_t>(i * columns + j)]; }
  int64_t rows, columns;
  std::vector<S> data;
};
template <class S> Matrix<S> identity(int64_t n);
template <class S> Matrix<S> adjoint(const Matrix<S>& a);
template <class S> Matrix<S> product(const Matrix<S>& a, const Matrix<S>& b);

// L of L L^H = a, of which the lower triangle is read. NaN where a is not positive definite.
template <class S> Matrix<S> cholesky(const Matrix<S>& a);
// x of op(a) x = b, a triangular.
template <class S> Matrix<S> triangular_solve(const Matrix<S>& a, const Matrix<S>& b, bool lower, bool adjoint);

// P a = L U with partial pivoting; L has ones on its diagonal.
template <class S>
struct Lu {
  explicit Lu(Matrix<S> a);
  Matrix<S> solve(const Matrix<S>& b) const;
  bool singular() const;
  Matrix<S> lu;
  std::vector<int64_t> order;   // row i of L U is row order[i] of a
  bool odd = false;             // an odd number of rows were swapped
};

// Householder's Q R: R's diagonal has the sign that avoids cancellation, as LAPACK's and TensorFlow's.
template <class S>
struct Qr {
  Qr(const Matrix<S>& a, bool full);
  Matrix<S> q, r;
};

// Of a symmetric matrix, of which the lower triangle is read: eigenvalues upwards, vectors in columns (Jacobi).
struct Eigh {
  explicit Eigh(const Matrix<double>& a);
  std::vector<double> values;
  Matrix<double> vectors;
};
// a = U diag(s) V^T, s downwards (one-sided Jacobi). Signs of pairs of columns are not determined.
struct Svd {
  Svd(const Matrix<double>& a, bool full);
  std::vector<double> s;
  Matrix<double> u, v;
};

}  // namespace ninefold::linalg
