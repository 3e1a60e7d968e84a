// In: every vector target this machine runs. Out: all give the words of the plain Philox and the
// normals of glibc's logf, sinf and cosf, over all 2^23 arguments that each can get.
#include "engine/ops/random/vector.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cstring>
#include <vector>

namespace ninefold::rng {
namespace {

// Runs the body once a target, and gives the choice back.
template <class Body>
void on_every_target(const Body& body) {
  const int64_t all = hwy::SupportedTargets();
  for (int bit = 0; bit < 62; ++bit) {
    const int64_t target = int64_t{1} << bit;
    if (!(all & target)) continue;
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    SCOPED_TRACE(hwy::TargetName(target));
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

TEST(random_vector, words_are_those_of_the_plain_generator) {
  const Philox bases[] = {Philox::from_seeds(3, 4), {5, ~0ull - 7, 0}, {~0ull, ~0ull - 30, ~0ull},
                          {1, ~0ull, 2}};
  on_every_target([&] {
    for (const Philox& base : bases)
      for (int64_t blocks : {0, 1, 7, 8, 9, 31, 64, 101}) {
        std::vector<uint32_t> got(static_cast<size_t>(4 * blocks + 1), 0xabcdef01u);
        vec::words(base, blocks, got.data());
        Words want(base);
        EXPECT_EQ(got.back(), 0xabcdef01u);  // nothing is written past the end
        got.pop_back();
        for (uint32_t word : got) ASSERT_EQ(word, want());
      }
  });
}

TEST(random_vector, strides_carry) {
  const Philox base = {5, ~0ull - 700, 0};
  on_every_target([&] {
    std::vector<float> got(4 * 40), one(4);
    vec::normal_f32(base, 40, 256, got.data());
    for (uint64_t i = 0; i < 40; ++i) {
      vec::normal_f32(base.at(256 * i), 1, 1, one.data());
      EXPECT_EQ(std::memcmp(one.data(), got.data() + 4 * i, 16), 0) << i;
    }
  });
}

// One hash of all results stands for glibc 2.36's: newer C libraries may round differently.
TEST(random_vector, normals_are_those_of_glibc) {
  constexpr uint32_t count = 1u << 23, part = 1u << 12;
  on_every_target([&] {
    uint64_t hash = 0xcbf29ce484222325u;
    std::vector<uint32_t> words(2 * part);
    std::vector<float> out(2 * part);
    for (uint32_t first = 0; first < count; first += part) {
      for (uint32_t i = 0; i < part; ++i) words[2 * i] = words[2 * i + 1] = first + i;
      vec::normal_of_words(words.data(), part / 2, out.data());
      for (float v : out) {
        uint32_t bits;
        std::memcpy(&bits, &v, 4);
        hash = (hash ^ bits) * 0x100000001b3u;
      }
    }
    EXPECT_EQ(hash, 0xfdd73056371e0abu);
  });
}

}  // namespace
}  // namespace ninefold::rng
