// In: a start, an end, a step; indices and a depth. Out: sequences of numbers, and rows with a single one in them.
#include <cmath>

#include "base/float16.h"
#include "base/threads.h"
#include "engine/op/grad_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/moves.h"

namespace ninefold::ops {
namespace {

void check_scalars(const ShapeCtx& c, std::initializer_list<const char*> names) {
  int i = 0;
  // TensorFlow looks at them in its own order: start, limit, delta.
  for (const char* name : names) {
    c.check(!c.shape(i).known_rank() || c.shape(i).rank() == 0, "{} must be a scalar, not shape {}", name, c.shape(i).str());
    ++i;
  }
}

// As C++ streams print a number: six digits.
std::string shown(const Tensor& t) {
  return is_integer(t.dtype()) ? std::to_string(t.int_at(0)) : fmt::format("{:g}", t.float_at(0));
}

// ---- Range ----
const Op range = {
    .name = "Range", .inputs = {"start: Tidx", "limit: Tidx", "delta: Tidx"}, .outputs = {"output: Tidx"},
    .attrs = {"Tidx: {bfloat16, half, float, double, int8, int16, int32, int64, uint16, uint32} = int32"},
    .doc = "start, start + delta, ... as far as limit, which is left out.",
    .shape = [](ShapeCtx& c) {
      check_scalars(c, {"start", "limit", "delta"});
      const Tensor *start = c.value(0), *limit = c.value(1), *delta = c.value(2);
      if (!start || !limit || !delta) return c.output(Shape{-1});
      if (is_integer(c.dtype(0))) {
        const int64_t a = start->int_at(0), b = limit->int_at(0), d = delta->int_at(0);
        c.check(d != 0, "Requires delta != 0: 0");
        c.check(d < 0 || a <= b, "Requires start <= limit when delta > 0: {}/{}", a, b);
        c.check(d > 0 || a >= b, "Requires start >= limit when delta < 0: {}/{}", a, b);
        const uint64_t span = d > 0 ? static_cast<uint64_t>(b) - static_cast<uint64_t>(a) : static_cast<uint64_t>(a) - static_cast<uint64_t>(b);
        const uint64_t step = d > 0 ? static_cast<uint64_t>(d) : 0 - static_cast<uint64_t>(d);
        const uint64_t n = span / step + (span % step != 0);
        c.check(n <= INT64_MAX, "Requires ((limit - start) / delta) <= 9223372036854775807");
        c.output(Shape{static_cast<int64_t>(n)});
      } else {
        const double a = start->float_at(0), b = limit->float_at(0), d = delta->float_at(0);
        c.check(d != 0, "Requires delta != 0: 0");
        c.check(!(d > 0) || a <= b, "Requires start <= limit when delta > 0: {}/{}", shown(*start), shown(*limit));
        c.check(d > 0 || a >= b, "Requires start >= limit when delta < 0: {}/{}", shown(*start), shown(*limit));
        // In the tensor's own precision, as TensorFlow counts.
        const double n = c.dtype(0) == DType::f64 ? std::ceil(std::abs((b - a) / d))
                                                  : static_cast<double>(std::ceil(std::abs((static_cast<float>(b) - static_cast<float>(a)) / static_cast<float>(d))));
        c.check(n < 9.2e18, "Requires ((limit - start) / delta) <= 9223372036854775807");
        c.output(Shape{static_cast<int64_t>(n)});
      }
    },
    .host = {"start", "limit", "delta"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(range);

// TensorFlow adds delta again and again, rounding each time; so must we, to the last bit.
template <class T>
void range_cpu(KernelCtx& k) {
  give_outputs(k);
  T value = *k.in<T>(0);
  const T delta = *k.in<T>(2);
  T* y = k.out<T>(0);
  const int64_t n = k.out(0).size();
  for (int64_t i = 0; i < n; ++i, value = static_cast<T>(value + delta)) y[i] = value;
}
template <float (*widen)(uint16_t), uint16_t (*narrow)(float)>
void range16_cpu(KernelCtx& k) {
  give_outputs(k);
  uint16_t value = *k.in<uint16_t>(0);
  const float delta = widen(*k.in<uint16_t>(2));
  for (int64_t i = 0; i < k.out(0).size(); ++i, value = narrow(widen(value) + delta)) k.out<uint16_t>(0)[i] = value;
}
NINEFOLD_KERNEL(range, "CPU", Kernel{range_cpu<float>}, DType::f32);
NINEFOLD_KERNEL(range, "CPU", Kernel{range_cpu<double>}, DType::f64);
NINEFOLD_KERNEL(range, "CPU", Kernel{range_cpu<int8_t>}, DType::i8);
NINEFOLD_KERNEL(range, "CPU", Kernel{range_cpu<int16_t>}, DType::i16);
NINEFOLD_KERNEL(range, "CPU", Kernel{range_cpu<int32_t>}, DType::i32);
NINEFOLD_KERNEL(range, "CPU", Kernel{range_cpu<int64_t>}, DType::i64);
NINEFOLD_KERNEL(range, "CPU", Kernel{range_cpu<uint16_t>}, DType::u16);
NINEFOLD_KERNEL(range, "CPU", Kernel{range_cpu<uint32_t>}, DType::u32);
NINEFOLD_KERNEL(range, "CPU", (Kernel{range16_cpu<half_to_float, float_to_half>}), DType::f16);
NINEFOLD_KERNEL(range, "CPU", (Kernel{range16_cpu<bfloat16_to_float, float_to_bfloat16>}), DType::bf16);

// ---- OneHot ----
const Op one_hot = {
    .name = "OneHot", .inputs = {"indices: TI", "depth: int32", "on_value: T", "off_value: T"}, .outputs = {"output: T"},
    .attrs = {"axis: int = -1", "T: type", "TI: {uint8, int32, int64} = int64"},
    .doc = "A new axis of length depth, off_value everywhere but on_value where the index says; an index outside "
           "[0, depth) gives off_value alone.",
    .shape = [](ShapeCtx& c) {
      const Shape& s = c.shape(0);
      const int64_t axis = c.integer("axis");
      c.check(!s.known_rank() || (axis >= -1 && axis <= s.rank()), "Expected axis to be -1 or between [0, {}).  But received: {}",
              s.rank() + 1, axis);
      c.check(!c.shape(1).known_rank() || c.shape(1).rank() == 0, "depth must be a scalar, but got: {}", c.shape(1).str());
      c.check(!c.shape(2).known_rank() || c.shape(2).rank() == 0, "on_value must be a scalar, but got: {}", c.shape(2).str());
      c.check(!c.shape(3).known_rank() || c.shape(3).rank() == 0, "off_value must be a scalar, but got: {}", c.shape(3).str());
      const Tensor* depth = c.value(1);
      if (depth) c.check(depth->int_at(0) >= 0, "depth must be non-negative, got: {}", depth->int_at(0));
      if (!s.known_rank()) return c.unknown();
      const int at = static_cast<int>(axis < 0 ? s.rank() : axis);
      c.output(s.slice(0, at).concat({depth ? depth->int_at(0) : -1}).concat(s.slice(at, s.rank())));
    },
    .host = {"depth"}, .stops_gradient = true,
};
NINEFOLD_REGISTER(one_hot);
template <class Index>
void hot_ones(KernelCtx& k, int64_t outer, int64_t depth, int64_t inner) {
  const DType dtype = k.out(0).dtype();
  const Index* at = k.in<Index>(0);
  fill_run(dtype, k.out<void>(0), k.in<void>(3), outer * depth * inner);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i) {
      const auto index = static_cast<int64_t>(at[o * inner + i]);
      if (index >= 0 && index < depth) move_run(dtype, element(dtype, k.out<void>(0), (o * depth + index) * inner + i), k.in<void>(2), 1);
    }
}
void one_hot_cpu(KernelCtx& k) {
  give_outputs(k);
  const Shape& s = k.shape(0);
  const int64_t axis = k.integer("axis");
  const int at = static_cast<int>(axis < 0 ? s.rank() : axis);
  const int64_t outer = s.slice(0, at).size(), inner = s.slice(at, s.rank()).size(), depth = k.out(0).shape()[at];
  if (k.dtype(0) == DType::u8) return hot_ones<uint8_t>(k, outer, depth, inner);
  if (k.dtype(0) == DType::i32) return hot_ones<int32_t>(k, outer, depth, inner);
  hot_ones<int64_t>(k, outer, depth, inner);
}
NINEFOLD_KERNEL(one_hot, "CPU", Kernel{one_hot_cpu});

}  // namespace
}  // namespace ninefold::ops
