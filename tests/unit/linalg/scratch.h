// In: a byte count. Out: 64-byte aligned scratch with sentinels around it, checked when it ends.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

namespace ninefold::cpu {

class Scratch {
 public:
  explicit Scratch(size_t bytes) : bytes_(bytes) {
    base_ = static_cast<unsigned char*>(std::aligned_alloc(64, (bytes + 191) / 64 * 64));
    std::memset(base_, 0xa5, (bytes + 191) / 64 * 64);
  }
  ~Scratch() {
    for (size_t i = 0; i < 64; ++i) {
      EXPECT_EQ(base_[i], 0xa5) << "scratch written before its begin";
      EXPECT_EQ(base_[64 + bytes_ + i], 0xa5) << "scratch written past its " << bytes_ << " bytes";
      if (::testing::Test::HasFailure()) break;
    }
    std::free(base_);
  }
  void* get() { return base_ + 64; }

 private:
  size_t bytes_;
  unsigned char* base_;
};

template <class T>
std::vector<T> uniform(size_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> real(-1, 1);
  std::vector<T> v(n);
  for (T& x : v) x = T(real(random));
  return v;
}

}  // namespace ninefold::cpu
