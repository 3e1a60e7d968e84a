// In: narrow dtypes. Out: their conversion loops for one instruction set.
#include "engine/op/elementwise/tiles.h"

#include "base/float16.h"
#include "base/simd/num.h"

namespace ninefold::elementwise::NINEFOLD_ISA {
namespace {

template <class From, class To>
void plain(void* to, const void* from, int64_t n) {
  auto* y = static_cast<To*>(to);
  auto* x = static_cast<const From*>(from);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<To>(x[i]);
}

template <class From, class To, To (*convert)(From)>
void by(void* to, const void* from, int64_t n) {
  auto* y = static_cast<To*>(to);
  auto* x = static_cast<const From*>(from);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = convert(x[i]);
}

template <class Narrow, class Wide>
void integers(TileTable& t, int dtype) {
  t.widen[dtype] = plain<Narrow, Wide>;
  t.narrow[dtype] = plain<Wide, Narrow>;
}

}  // namespace

void add_tiles(TileTable& t) {
  integers<int8_t, int32_t>(t, dt_int8);
  integers<uint8_t, int32_t>(t, dt_uint8);
  integers<int16_t, int32_t>(t, dt_int16);
  integers<uint16_t, int32_t>(t, dt_uint16);
  integers<uint32_t, int64_t>(t, dt_uint32);
  t.widen[dt_half] = by<uint16_t, float, half_to_float>;
  t.narrow[dt_half] = by<float, uint16_t, float_to_half>;
  t.widen[dt_bfloat16] = by<uint16_t, float, bfloat16_to_float>;
  t.narrow[dt_bfloat16] = by<float, uint16_t, float_to_bfloat16>;
}

}  // namespace ninefold::elementwise::NINEFOLD_ISA
