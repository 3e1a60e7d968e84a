// In: tensors. Out: their text, as tf.print and Assert show it; and where printed text goes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ninefold/tensor.h"

namespace ninefold::ops {

// The first and the last `ends` elements of every axis (-1: all), NumPy's brackets, strings quoted: tf.print.
std::string summarized(const Tensor& t, int64_t ends);
// The first `limit` elements, no outer brackets, strings bare: Assert.
std::string first_elements(const Tensor& t, int64_t limit);
// 6 digits, 9 if those are not the number: 0.1, 0.333333343, 1e-07. Double: 15 or 17.
std::string number_text(double v, bool single);
// Bytes outside printable ASCII as \n, \", \303.
std::string escaped(std::string_view s);

}  // namespace ninefold::ops
