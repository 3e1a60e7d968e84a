// In: rows of eager ops and gradients. Out: whether values, errors and derivatives are as the rows say.
#pragma once

#include <string>
#include <vector>

#include "ninefold/ops.h"

namespace ninefold::testing {

inline Tensor f32(const Shape& s, std::vector<float> v) { return Tensor::of<float>(s, v); }
inline Tensor f64(const Shape& s, std::vector<double> v) { return Tensor::of<double>(s, v); }
inline Tensor i32(const Shape& s, std::vector<int32_t> v) { return Tensor::of<int32_t>(s, v); }
std::vector<double> values(const Tensor& t);   // any numeric dtype

struct ValueRow {
  const char* op;
  Tensors in;
  std::vector<NamedAttr> attrs;
  Shape shape;                      // of output 0
  std::vector<double> want;
  double tolerance = 0;             // absolute; 0: equal
};
void check_values(const std::vector<ValueRow>& rows);

struct ErrorRow {
  const char* op;
  Tensors in;
  std::vector<NamedAttr> attrs;
  Code code;
  const char* says;
};
void check_errors(const std::vector<ErrorRow>& rows);

// The first `wrt` inputs, of float64, are differentiated; output 0 is what is differentiated.
struct GradRow {
  const char* op;
  Tensors in;
  int wrt = 1;
  std::vector<NamedAttr> attrs = {};
};
void check_gradients(const std::vector<GradRow>& rows);

}  // namespace ninefold::testing
