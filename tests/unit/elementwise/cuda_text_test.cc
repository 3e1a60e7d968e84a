// In: ops. Out: their CUDA text. That it computes what the CPU does is tests/unit/cuda's business; that nvcc takes it, the
// build's (cmake/cuda.cmake).
#include <gtest/gtest.h>

#include <string>

#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/elementwise/kernels.h"

namespace ninefold::elementwise {
namespace {

TEST(CudaText, Softsign) {
  EXPECT_EQ(cuda_source("Softsign", dt_float),
            "NF_KERNEL(Softsign_float, Elementwise) {\n"
            "  typedef float T;\n"
            "  for (int64_t i = nf_thread(); i < p.elements; i += nf_threads()) {\n"
            "    const Places<1> at(p, i);\n"
            "    const T x0 = load<T>(p, 0, at.in[0]);\n"
            "    const T v0 = fabs(x0);\n"
            "    const T v1 = v0 + T(1);\n"
            "    const T v2 = x0 / v1;\n"
            "    store(p, i, v2);\n  }\n}\n");
  EXPECT_EQ(cuda_source("BitwiseAnd", dt_float), "");
  EXPECT_NE(cuda_source("AddV2", dt_int32).find("wrap_add(x0, x1)"), std::string::npos);
  EXPECT_NE(cuda_source("SelectV2", dt_bool).find("const bool x0 = load<bool>(p, 0, at.in[0]);"), std::string::npos);
}

TEST(CudaText, EveryOpOfNumbersHasOne) {
  std::string all;
  for (const CudaFile& f : cuda_files()) all += f.kernels;
  for (const Body& b : bodies())
    for (int d : {dt_float, dt_double, dt_int32, dt_int64, dt_uint64, dt_bool}) {
      if (!b.loop[d]) continue;
      EXPECT_FALSE(cuda_source(b.name, d).empty()) << b.name << " " << d;
      EXPECT_NE(all.find("NF_KERNEL(" + cuda_kernel(b.name, d) + ", "), std::string::npos) << cuda_kernel(b.name, d);
    }
}

}  // namespace
}  // namespace ninefold::elementwise
