// In: special functions (emulated, or on a card). Out: that they give what the CPU gives; and that what both compute with
// (ops/special_rules.h) is right where a function was not taken from the C library.
#include <cmath>

#include "engine/device/cuda/library.h"
#include "engine/op/elementwise/kernels.h"
#include "engine/ops/elementwise_launch.h"
#include "engine/ops/special.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

TEST(Special, BesselKAndExpintAreTheLibrarys) {
  for (double x : {1e-160, 1e-9, 0.01, 0.1, 0.5, 1.0, 1.5, 1.999, 2.0, 2.5, 3.7, 5.0, 8.0, 12.5, 20.0, 33.3, 39.9, 40.1, 90.0}) {
    if (x > 1e-100)
      for (int v : {0, 1}) {
        const double want = std::cyl_bessel_k(v, x) * std::exp(x), got = v == 0 ? special::bessel_k0e(x) : special::bessel_k1e(x);
        EXPECT_NEAR(got / want, 1, 1e-13) << "K" << v << " of " << x;
      }
    EXPECT_NEAR(special::expint(x) / std::expint(x), 1, 1e-13) << x;
  }
  EXPECT_NEAR(special::expint(0.37), std::expint(0.37), 1e-15) << "near the zero";
  EXPECT_EQ(special::expint(0), -INFINITY);
  EXPECT_TRUE(std::isnan(special::expint(-1)));
  EXPECT_EQ(special::expint(INFINITY), INFINITY);
  EXPECT_NEAR(special::spence(7), -3.08994205108800, 1e-12) << "inverted, then reflected";
  EXPECT_EQ(special::spence(INFINITY), -INFINITY);
}

TEST_F(Gpu, SpecialFunctionsGiveWhatTheCpuGives) {
  int tested = 0;
  for (const Op* o : all_ops()) {
    if (!cuda::table()->kernel(("special_" + o->name).c_str(), sizeof(cuda::Elementwise))) continue;
    ++tested;
    const size_t operands = def(*o).inputs.size();
    for (DType d : {DType::f16, DType::bf16, DType::f32, DType::f64}) {
      if (!find_kernel(*o, d, "GPU") || !find_kernel(*o, d, "CPU")) continue;
      for (const Shape& s : {Shape{1023}, Shape{0}, Shape{3, 5, 7}, Shape{}}) {
        Tensors in;
        for (size_t i = 0; i < operands; ++i) {
          const bool repeats = i > 0 && s.rank() == 3;
          in.push_back(some(d, repeats ? (i == 1 ? Shape{5, 1} : Shape{7}) : s));
          // One operand: anything. Several: mostly within their domains, and the special values.
          if (operands > 1) in.back() = on_cpu(find_op("Abs"), {in.back()}, {})[0];
        }
        // Sums of many terms: both sides sum them alike.
        same_on_both(o->name.c_str(), in, {}, d == DType::f64 ? 64 : 1);
        if (HasFatalFailure()) return;
      }
    }
  }
  EXPECT_EQ(tested, 25);
}

}  // namespace
}  // namespace ninefold
