// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.math.special. Out: calls of their records.
#include "ninefold/functions/math_special.h"

#include "engine/ops/functions/call.h"

namespace ninefold::math::special {

Tensor bessel_j0(const Value& x) {
  static const Function& f = named("tf.math.special.bessel_j0");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_j1(const Value& x) {
  static const Function& f = named("tf.math.special.bessel_j1");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_k0(const Value& x) {
  static const Function& f = named("tf.math.special.bessel_k0");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_k0e(const Value& x) {
  static const Function& f = named("tf.math.special.bessel_k0e");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_k1(const Value& x) {
  static const Function& f = named("tf.math.special.bessel_k1");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_k1e(const Value& x) {
  static const Function& f = named("tf.math.special.bessel_k1e");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_y0(const Value& x) {
  static const Function& f = named("tf.math.special.bessel_y0");
  return tensor_of(f, {x, Value()});
}

Tensor bessel_y1(const Value& x) {
  static const Function& f = named("tf.math.special.bessel_y1");
  return tensor_of(f, {x, Value()});
}

Tensor dawsn(const Value& x) {
  static const Function& f = named("tf.math.special.dawsn");
  return tensor_of(f, {x, Value()});
}

Tensor expint(const Value& x) {
  static const Function& f = named("tf.math.special.expint");
  return tensor_of(f, {x, Value()});
}

Tensor spence(const Value& x) {
  static const Function& f = named("tf.math.special.spence");
  return tensor_of(f, {x, Value()});
}

}  // namespace ninefold::math::special
