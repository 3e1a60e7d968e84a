// In: every op, dtype, size and operand form. Out: instruction sets against each other and runs against
// single elements; and the exact cases of integers.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "engine/device/cpu/elementwise.h"
#include "engine/op/elementwise/fused.h"
#include "engine/op/elementwise/kernels.h"

namespace ninefold::elementwise {
namespace {

const int all_dtypes[] = {dt_float, dt_double, dt_int32, dt_uint8, dt_int16, dt_int8, dt_complex64, dt_int64, dt_bool,
                          dt_bfloat16, dt_uint16, dt_complex128, dt_half, dt_uint32, dt_uint64};

// Random elements with the values that break things among them.
std::vector<char> values(int dtype, int64_t n, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<char> bytes(n * element_size(dtype) + 64, 0x5a);
  const double real[] = {0, -0.0, 1, -1, 1e-40, -1e-40, INFINITY, -INFINITY, NAN, 88.5, -104, 1e30, 0.5};
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t r = random();
    const double d = r % 8 == 0 ? real[(r >> 8) % 13] : (double(r >> 11) * 0x1p-53 - 0.5) * 20;
    const auto put = [&](auto v, int64_t at) { std::memcpy(bytes.data() + at * sizeof v, &v, sizeof v); };
    switch (dtype) {
      case dt_float: put(static_cast<float>(d), i); break;
      case dt_double: put(d, i); break;
      case dt_complex64: put(static_cast<float>(d), 2 * i), put(static_cast<float>(int(r >> 40) % 7), 2 * i + 1); break;
      case dt_complex128: put(d, 2 * i), put(double(int(r >> 40) % 7), 2 * i + 1); break;
      case dt_bool: put(static_cast<uint8_t>(r >> 63), i); break;
      case dt_half: case dt_bfloat16: {
        const float f = static_cast<float>(d);
        narrow(dtype, bytes.data() + 2 * i, &f, 1);
        break;
      }
      default: {
        // Extremes, small numbers, zeros: all bits of the dtype, or few.
        const uint64_t v = r % 8 == 0 ? random() : r % 8 == 1 ? uint64_t(1) << (element_size(dtype) * 8 - 1)
                           : r % 8 == 2 ? ~uint64_t(0) : (r >> 16) % 9;
        std::memcpy(bytes.data() + i * element_size(dtype), &v, element_size(dtype));
      }
    }
  }
  return bytes;
}

bool same_or_close(int dtype, const char* a, const char* b, int64_t n) {
  const size_t size = element_size(dtype);
  if (std::memcmp(a, b, n * size) == 0) return true;
  const auto close = [](auto x, auto y) {
    if (std::isnan(x) || std::isnan(y)) return std::isnan(x) && std::isnan(y);
    const auto tol = std::numeric_limits<decltype(x)>::epsilon() * 4;
    return x == y || std::fabs(x - y) <= tol * std::fmax(std::fabs(x), std::fabs(y)) ||
           std::fabs(x - y) <= 8 * std::numeric_limits<decltype(x)>::denorm_min();
  };
  for (int64_t i = 0; i < n * (dtype == dt_complex64 || dtype == dt_complex128 ? 2 : 1); ++i) {
    if (dtype == dt_float || dtype == dt_complex64) {
      float x, y;
      std::memcpy(&x, a + 4 * i, 4), std::memcpy(&y, b + 4 * i, 4);
      if (!close(x, y)) return false;
    } else if (dtype == dt_double || dtype == dt_complex128) {
      double x, y;
      std::memcpy(&x, a + 8 * i, 8), std::memcpy(&y, b + 8 * i, 8);
      if (!close(x, y)) return false;
    } else if (dtype == dt_half || dtype == dt_bfloat16) {
      uint16_t x, y;
      std::memcpy(&x, a + 2 * i, 2), std::memcpy(&y, b + 2 * i, 2);
      const uint16_t infinite = dtype == dt_half ? 0x7c00 : 0x7f80;
      const bool nan_x = (x & 0x7fff) > infinite, nan_y = (y & 0x7fff) > infinite;
      if (nan_x || nan_y ? nan_x != nan_y : std::abs(int(x) - int(y)) > 1) return false;
    } else if (std::memcmp(a + i * size, b + i * size, size) != 0) {
      return false;
    }
  }
  return true;
}

// Integer powers of wild exponents are not what this table is about.
bool skip(const Body& b, int dtype) { return std::string(b.name) == "Pow" && element_size(dtype) == 8 && dtype != dt_double && dtype != dt_complex64; }

TEST(Kernels, EveryOpDtypeSizeAndForm) {
  for (const Body& b : bodies()) {
    for (int dtype : all_dtypes) {
      if (!b.supports(dtype) || skip(b, dtype)) continue;
      for (int64_t n : {0, 1, 7, 511, 512, 513, 1023, 1024, 1025}) {
        std::vector<char> in[3];
        const void* at[3];
        for (int k = 0; k < b.operands; ++k) {
          in[k] = values(b.operand_dtype(k, dtype), n + 1, 31 * k + n);
          at[k] = in[k].data();
        }
        const int out = b.out_dtype(dtype);
        const size_t size = element_size(out);
        for (int form = 0; form < 1 << b.operands; ++form) {  // a bit says that an operand is a scalar
          if (n > 600 && form) continue;
          uint8_t step[3];
          for (int k = 0; k < 3; ++k) step[k] = !(form >> k & 1);
          std::vector<char> whole(n * size + 64, 0x77), single(n * size + 64, 0x77);
          const Fault bad = b.run(dtype, whole.data(), at, n, step);
          Fault any = false;
          for (int64_t i = 0; i < n; ++i) {
            const void* one[3];
            for (int k = 0; k < b.operands; ++k)
              one[k] = in[k].data() + step[k] * i * element_size(b.operand_dtype(k, dtype));
            any = b.run(dtype, single.data() + i * size, one, 1) || any;
          }
          EXPECT_EQ(bad, any) << b.name << " dtype " << dtype;
          EXPECT_TRUE(same_or_close(out, whole.data(), single.data(), n))
              << b.name << " dtype " << dtype << " n " << n << " scalars " << form;
          for (int guard = 0; guard < 64; ++guard)
            ASSERT_EQ(whole[n * size + guard], 0x77) << b.name << " dtype " << dtype << " wrote past " << n;
          for (Isa isa : {Isa::sse4, Isa::avx2}) {
            if (!simd::has_isa(isa)) continue;
            find_body(b.name, isa)->run(dtype, single.data(), at, n, step);
            EXPECT_TRUE(same_or_close(out, whole.data(), single.data(), n))
                << b.name << " dtype " << dtype << " n " << n << " " << simd::isa_name(isa);
          }
        }
      }
    }
  }
}

struct IntRow { const char* op; int64_t x, y, want; bool fault; };
constexpr int64_t low = std::numeric_limits<int32_t>::min(), high = std::numeric_limits<int32_t>::max();
const IntRow int_rows[] = {
    {"FloorDiv", -7, 2, -4, false}, {"FloorDiv", 7, -2, -4, false}, {"FloorDiv", low, -1, low, false},
    {"FloorDiv", 1, 0, 0, true}, {"FloorMod", -7, 2, 1, false}, {"FloorMod", 7, -2, -1, false},
    {"FloorMod", low, -1, 0, false}, {"FloorMod", 1, 0, 0, true}, {"TruncateDiv", -7, 2, -3, false},
    {"TruncateMod", -7, 2, -1, false}, {"Mod", 1, 0, 0, true}, {"Div", -7, 2, -3, false},
    {"Pow", 2, 31, low, false}, {"Pow", 3, 3, 27, false}, {"Pow", 2, -1, 1, true}, {"Pow", 0, 0, 1, false},
    {"AddV2", high, 1, low, false}, {"Mul", high, high, 1, false}, {"Sub", low, 1, high, false},
    {"LeftShift", 1, 40, low, false}, {"LeftShift", 1, -1, 1, false}, {"RightShift", low, 40, -1, false},
    {"BitwiseXor", 6, 3, 5, false}, {"Maximum", low, high, high, false}, {"SquaredDifference", 3, 7, 16, false},
};
TEST(Kernels, IntegerRows) {
  for (const IntRow& row : int_rows) {
    const int32_t x = static_cast<int32_t>(row.x), y = static_cast<int32_t>(row.y);
    int32_t z = 0;
    const void* in[] = {&x, &y};
    EXPECT_EQ(body(row.op).run(dt_int32, &z, in, 1), row.fault) << row.op << " " << x << " " << y;
    EXPECT_EQ(z, row.want) << row.op << " " << x << " " << y;
  }
  EXPECT_STREQ(body("FloorMod").fault_text, "Integer division by zero");
  EXPECT_STREQ(body("Pow").fault_text, "Integers to negative integer powers are not allowed");
}

struct BroadcastRow { std::vector<int64_t> out, a, b; };
const BroadcastRow broadcasts[] = {
    {{}, {}, {}}, {{5}, {5}, {5}}, {{5}, {}, {5}}, {{3, 5}, {3, 5}, {5}}, {{3, 5}, {3, 1}, {5}},
    {{1000, 10}, {1000, 10}, {10}}, {{1000, 10}, {1000, 1}, {1000, 10}}, {{7, 200}, {7, 1}, {1, 200}},
    {{4, 3, 5}, {4, 1, 5}, {3, 1}}, {{4, 3, 200}, {1, 3, 1}, {4, 1, 200}}, {{2, 3, 2, 3, 2, 3, 2, 3}, {1, 3, 1, 3, 1, 3, 1, 3}, {2, 1, 2, 1, 2, 1, 2, 1}},
    {{0, 5}, {0, 5}, {5}}, {{3, 0}, {3, 1}, {1, 0}}, {{1, 1}, {1}, {1, 1}}, {{600, 2, 3}, {600, 2, 3}, {2, 1}},
};
TEST(Broadcast, RowsAgainstIndexing) {
  const Body& sub = body("Sub");
  for (const BroadcastRow& row : broadcasts) {
    const auto count = [](const std::vector<int64_t>& s) { int64_t n = 1; for (int64_t d : s) n *= d; return n; };
    std::vector<float> a(count(row.a)), b(count(row.b)), got(count(row.out) + 1, -77), want(count(row.out));
    for (size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i) * 3;
    for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i) * 1000;
    const auto at = [&](const std::vector<int64_t>& s, int64_t flat) {
      int64_t index = 0, stride = 1;
      for (size_t i = 0; i < row.out.size(); ++i) {
        const int64_t coordinate = flat % row.out[row.out.size() - 1 - i];
        flat /= row.out[row.out.size() - 1 - i];
        if (i >= s.size()) continue;
        const int64_t own = s[s.size() - 1 - i];
        if (own != 1) index += coordinate * stride;
        stride *= own;
      }
      return index;
    };
    for (size_t i = 0; i < want.size(); ++i) want[i] = a[at(row.a, i)] - b[at(row.b, i)];
    const cpu::Broadcast plan(row.out, {row.a, row.b});
    const void* in[] = {a.data(), b.data()};
    const int64_t cuts[] = {0, plan.units() / 3, plan.units() / 2, plan.units()};
    for (int part = 0; part < 3; ++part)
      plan.run(cuts[part], cuts[part + 1], 4, {4, 4}, got.data(), in,
               [&](void* o, const void* const* i, int64_t n, const uint8_t* s) { sub.run(dt_float, o, i, n, s); });
    EXPECT_EQ(got.back(), -77);
    got.pop_back();
    EXPECT_EQ(got, want) << testing::PrintToString(row.out) << testing::PrintToString(row.a);
  }
}

TEST(Fused, ChainEqualsItsOps) {
  for (int dtype : {dt_float, dt_double, dt_half, dt_bfloat16}) {
    for (auto [rows, columns] : {std::pair<int64_t, int64_t>{1, 1}, {1, 5000}, {300, 7}, {5, 700}, {0, 3}}) {
      Program p;
      const int v = p.input(dtype), bias = p.input(dtype, Layout::row), scale = p.input(dtype, Layout::column);
      const int low = p.input(dtype, Layout::scalar), two = p.constant(dtype, 2);
      const int t = p.apply("Tanh", {p.apply("AddV2", {p.apply("Mul", {v, two}), bias})});
      const int y = p.apply("AddV2", {p.apply("Mul", {t, p.apply("Sigmoid", {v})}), scale});
      const int mask = p.apply("Greater", {y, low});
      p.output(p.apply("SelectV2", {mask, y, low}), dtype);
      p.output(mask);
      p.output(v, dtype);
      p.finish();
      EXPECT_LE(p.buffers(), 10);
      const int64_t n = rows * columns;
      const auto a = values(dtype, n, 3), b = values(dtype, columns, 5), c = values(dtype, rows, 7), d = values(dtype, 1, 30);
      const size_t size = element_size(dtype);
      std::vector<char> out(n * size + 8, 0x33), copy(n * size + 8, 0x33), m(n + 8, 0x33);
      const void* in[] = {a.data(), b.data(), c.data(), d.data()};
      void* to[] = {out.data(), m.data(), copy.data()};
      const int64_t half = rows / 2 * columns;
      fused_run(p, in, to, 0, half, columns), fused_run(p, in, to, half, n, columns);
      EXPECT_EQ(out[n * size], 0x33);
      EXPECT_EQ(m[n], 0x33);
      EXPECT_TRUE(same_or_close(dtype, copy.data(), a.data(), n));
      for (int64_t i = 0; i < n; ++i) {
        // The same, an element at a time in the compute dtype.
        const int wide = compute_dtype(dtype);
        double x[4], r[4];
        const void* one[] = {a.data() + i * size, b.data() + i % columns * size, c.data() + i / columns * size, d.data()};
        for (int k = 0; k < 4; ++k) wide == dtype ? void(std::memcpy(&x[k], one[k], size)) : widen(dtype, &x[k], one[k], 1);
        double constant = 2;
        if (wide == dt_float) { const float f = 2; std::memcpy(&constant, &f, 4); }
        const auto apply = [&](const char* op, double* result, const void* p0, const void* p1 = nullptr, const void* p2 = nullptr) {
          const void* operands[] = {p0, p1, p2};
          body(op).run(wide, result, operands, 1);
        };
        apply("Mul", &r[0], &x[0], &constant), apply("AddV2", &r[0], &r[0], &x[1]), apply("Tanh", &r[0], &r[0]);
        apply("Sigmoid", &r[1], &x[0]), apply("Mul", &r[0], &r[0], &r[1]), apply("AddV2", &r[0], &r[0], &x[2]);
        uint8_t greater;
        const void* operands[] = {&r[0], &x[3]};
        body("Greater").run(wide, &greater, operands, 1);
        apply("SelectV2", &r[2], &greater, &r[0], &x[3]);
        char want[8];
        wide == dtype ? void(std::memcpy(want, &r[2], size)) : narrow(dtype, want, &r[2], 1);
        ASSERT_TRUE(same_or_close(dtype, out.data() + i * size, want, 1)) << "element " << i << " dtype " << dtype;
      }
    }
  }
}

// What TensorFlow 2.9.0 gives for counts beyond the bits of the dtype, not of the wider one that is computed in.
TEST(Kernels, ShiftsOfNarrowIntegersClampTheirCounts) {
  const int8_t x[] = {3, -3, -128, 100, 1}, by[] = {17, 9, 7, 31, 127}, left[] = {-128, -128, 0, 0, -128}, right[] = {0, -1, -1, 0, 0};
  const uint32_t ux[] = {3, 3, 1u << 31, 1}, uby[] = {17, 32, 33, 255}, uleft[] = {393216, 2147483648u, 0, 2147483648u}, uright[] = {0, 0, 1, 0};
  int8_t got[5];
  uint32_t ugot[4];
  const void *in[] = {x, by}, *uin[] = {ux, uby};
  for (const auto& [name, want, uwant] : {std::tuple("LeftShift", left, uleft), std::tuple("RightShift", right, uright)}) {
    body(name).run(dt_int8, got, in, 5);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(got[i], want[i]) << name << i;
    body(name).run(dt_uint32, ugot, uin, 4);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(ugot[i], uwant[i]) << name << i;
  }
  const uint8_t repeats[] = {1, 0};
  body("LeftShift").run(dt_int8, got, in, 5, repeats);
  EXPECT_EQ(got[0], -128);
}

}  // namespace
}  // namespace ninefold::elementwise
