// In: the length of an axis. Out: arithmetic with it, done now where it is known, else by the graph when it runs.
#pragma once

#include <optional>

#include "engine/op/scope.h"
#include "engine/ops/array_args.h"

namespace ninefold::ops {

class Extent {
 public:
  Extent(int64_t n) : n_(n) {}
  explicit Extent(const Tensor& scalar);              // an integer of any dtype
  static Extent along(const Tensor& t, int axis);     // negative axes count from the end
  bool known() const { return n_.has_value(); }
  int64_t value() const { return n_.value(); }
  int64_t or_unknown() const { return n_.value_or(-1); }   // as shapes have it
  Tensor tensor() const;                              // int32 []
  Tensor real() const { return cast(tensor(), DType::f64); }

 private:
  std::optional<int64_t> n_;
  Tensor t_;
};

Extent operator+(const Extent& a, const Extent& b);
Extent operator-(const Extent& a, const Extent& b);
Extent operator*(const Extent& a, const Extent& b);
Extent operator/(const Extent& a, const Extent& b);   // floor, as Python divides
Extent operator%(const Extent& a, const Extent& b);
Extent larger(const Extent& a, const Extent& b);
Extent smaller(const Extent& a, const Extent& b);

// Inside, ops run at once although a trace is active, as in tf.init_scope: what is made of numbers becomes a constant.
class AtOnce {
  NoRecording quiet_;
  Pushed<Tracer*> eager_{scope().tracers, nullptr};
};
Tensor vector_of(const std::vector<Extent>& extents); // int32 [n], a constant if all are known
Tensor counted(const Extent& n);                        // 0, 1, ... n - 1, int32
// [frames, length]: where each element of frames that lie `step` apart comes from; a constant if all are known.
Tensor frame_places(const Extent& frames, const Extent& length, const Extent& step);
// ValueError now, or InvalidArgumentError when the graph runs, unless a >= b.
void require_at_least(const Extent& a, const Extent& b, const char* text);
// The last axis cut, or filled with zeros, to n elements.
Tensor fitted(const Tensor& t, const Extent& n);
// t; what `known` says of its shape is known while tracing too (set_shape).
Tensor with_static_shape(const Tensor& t, const Shape& known);

}  // namespace ninefold::ops
