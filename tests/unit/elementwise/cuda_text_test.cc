// In: ops. Out: their CUDA text, compiled by nvcc where nvcc is there.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "engine/op/elementwise/cuda_text.h"
#include "engine/op/elementwise/kernels.h"

namespace ninefold::elementwise {
namespace {

TEST(CudaText, Softsign) {
  EXPECT_EQ(cuda_source("Softsign", dt_float),
            "extern \"C\" __global__ void Softsign_float(const float* in0, float* out, long long n) {\n"
            "  typedef float T;\n"
            "  const long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;\n"
            "  if (i >= n) return;\n"
            "  const T v0 = fabs(in0[i]);\n"
            "  const T v1 = v0 + T(1);\n"
            "  const T v2 = in0[i] / v1;\n"
            "  out[i] = v2;\n}\n");
  EXPECT_EQ(cuda_source("BitwiseAnd", dt_float), "");
}

TEST(CudaText, EveryFloatOpCompiles) {
  std::string all;
  for (const Body& b : bodies()) {
    if (!b.loop[dt_float]) continue;
    EXPECT_FALSE(cuda_source(b.name, dt_float).empty()) << b.name;
    all += cuda_source(b.name, dt_float) + cuda_source(b.name, dt_double);
  }
  const char* nvcc = std::getenv("NVCC") ? std::getenv("NVCC") : "/usr/local/cuda/bin/nvcc";
  if (!std::ifstream(nvcc)) GTEST_SKIP() << "no nvcc at " << nvcc << "; set NVCC to compile the kernels, too";
  const std::string base = testing::TempDir() + "ninefold_cuda_text";
  std::ofstream(base + ".cu") << all;
  EXPECT_EQ(std::system((std::string(nvcc) + " -arch=sm_90 -ptx -o " + base + ".ptx " + base + ".cu").c_str()), 0);
}

}  // namespace
}  // namespace ninefold::elementwise
