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

// Of a Hermitian matrix, of which the lower triangle is read: eigenvalues upwards, vectors in columns (Jacobi).
template <class S>
struct Eigh {
  explicit Eigh(const Matrix<S>& a);
  std::vector<double> values;
  Matrix<S> vectors;
};
// a = U diag(s) V^H, s downwards (one-sided Jacobi). Signs, or phases, of pairs of columns are not determined.
template <class S>
struct Svd {
  Svd(const Matrix<S>& a, bool full);
  std::vector<double> s;
  Matrix<S> u, v;
};

using Complex = std::complex<double>;
// a = Q T Q^H, T upper triangular with the eigenvalues on its diagonal (Hessenberg form, then QR steps with Wilkinson's shifts).
// NaN where a holds numbers that are not finite.
struct Schur {
  explicit Schur(const Matrix<Complex>& a);
  Matrix<Complex> q, t;
};
// Eigenvalues by rising absolute value, eigenvectors of length 1 in columns; of these the phases are not determined.
struct Eig {
  explicit Eig(const Matrix<Complex>& a);
  std::vector<Complex> values;
  Matrix<Complex> vectors;
};
// The principal square root and logarithm.
Matrix<Complex> square_root(const Matrix<Complex>& a);
Matrix<Complex> logarithm(const Matrix<Complex>& a);

}  // namespace ninefold::linalg
