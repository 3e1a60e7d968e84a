// In: floats and 16-bit patterns. Out: conversions round to nearest even and invert each other.
#include "base/float16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ninefold {
namespace {

struct Row { float value; uint16_t half, bfloat16; };
const float inf = std::numeric_limits<float>::infinity();
const Row rows[] = {
    {0.0f, 0x0000, 0x0000}, {-0.0f, 0x8000, 0x8000}, {1.0f, 0x3c00, 0x3f80},
    {-2.0f, 0xc000, 0xc000}, {0.1f, 0x2e66, 0x3dcd}, {1.0f / 3, 0x3555, 0x3eab},
    {65504.0f, 0x7bff, 0x4780}, {65519.9f, 0x7bff, 0x4780}, {65520.0f, 0x7c00, 0x4780},
    {1e30f, 0x7c00, 0x714a}, {inf, 0x7c00, 0x7f80}, {-inf, 0xfc00, 0xff80},
    {0x1p-14f, 0x0400, 0x3880}, {0x1p-24f, 0x0001, 0x3380}, {0x1p-25f, 0x0000, 0x3300},
    {0x1.8p-24f, 0x0002, 0x33c0}, {0x1.ffcp-15f, 0x0400, 0x3880}, {0x1.002p+0f, 0x3c00, 0x3f80},
    {0x1.006p+0f, 0x3c02, 0x3f80}, {0x1.01p+0f, 0x3c04, 0x3f80}, {0x1.03p+0f, 0x3c0c, 0x3f82},
    {3.4028235e38f, 0x7c00, 0x7f80},
};

TEST(float16, rounds_to_nearest_even) {
  for (const Row& r : rows) {
    EXPECT_EQ(float_to_half(r.value), r.half) << r.value;
    EXPECT_EQ(float_to_bfloat16(r.value), r.bfloat16) << r.value;
  }
}

TEST(float16, every_pattern_survives_the_way_through_float) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const uint16_t b = static_cast<uint16_t>(bits);
    const float h = half_to_float(b), f = bfloat16_to_float(b);
    if (std::isnan(h)) EXPECT_TRUE(std::isnan(half_to_float(float_to_half(h))));
    else EXPECT_EQ(float_to_half(h), b);
    if (std::isnan(f)) EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(f))));
    else EXPECT_EQ(float_to_bfloat16(f), b);
  }
  EXPECT_EQ(half_to_float(0x0001), 0x1p-24f);
  EXPECT_EQ(half_to_float(0x03ff), 0x1.ff8p-15f);
  EXPECT_EQ(half_to_float(0x7bff), 65504.0f);
}

}  // namespace
}  // namespace ninefold
