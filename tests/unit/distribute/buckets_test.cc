// In: sizes of gradients. Out: which travel together, at which places, in which order, and when they can begin.
#include <gtest/gtest.h>

#include <random>

#include "train/distribute/buckets.h"

namespace ninefold::distribute {
namespace {

constexpr DType f = DType::f32, d = DType::f64, h = DType::f16;

struct BucketRow {
  const char* what;
  std::vector<Part> parts;
  Packing how;
  std::vector<Bucket> want;
};
TEST(Buckets, HoldTheLastGradientsFirst) {
  const BucketRow rows[] = {
      {"nothing", {}, {}, {}},
      {"one", {{f, 3}}, {}, {{f, {0}, {0}, 3, 1}}},
      {"all in one, the last first", {{f, 1}, {f, 2}, {f, 3}}, {}, {{f, {2, 1, 0}, {0, 3, 5}, 6, 3}}},
      {"a limit that fits exactly", {{f, 1}, {f, 2}, {f, 3}}, {.bytes = 20}, {{f, {2, 1}, {0, 3}, 5, 2}, {f, {0}, {0}, 1, 3}}},
      {"a byte less", {{f, 1}, {f, 2}, {f, 3}}, {.bytes = 19}, {{f, {2}, {0}, 3, 1}, {f, {1, 0}, {0, 2}, 3, 3}}},
      {"one above the limit is alone", {{f, 1}, {f, 100}, {f, 1}}, {.bytes = 8},
       {{f, {2}, {0}, 1, 1}, {f, {1}, {0}, 100, 2}, {f, {0}, {0}, 1, 3}}},
      {"bytes, not elements", {{h, 5}, {h, 5}}, {.bytes = 20}, {{h, {1, 0}, {0, 5}, 10, 2}}},
      {"a dtype a bucket, whole ones first", {{f, 1}, {d, 2}, {f, 3}, {d, 4}}, {}, {{d, {3, 1}, {0, 4}, 6, 3}, {f, {2, 0}, {0, 3}, 4, 4}}},
      {"an empty one travels along", {{f, 2}, {f, 0}, {f, 1}}, {}, {{f, {2, 1, 0}, {0, 1, 1}, 3, 3}}},
      {"only empty ones", {{f, 0}, {f, 0}}, {.packs = 2}, {{f, {1, 0}, {0, 0}, 0, 2}}},
      {"0 packs: each by itself", {{f, 1}, {f, 1}}, {.packs = 0}, {{f, {1}, {0}, 1, 1}, {f, {0}, {0}, 1, 2}}},
      {"1 pack", {{f, 9}, {f, 1}}, {.bytes = 4, .packs = 1}, {{f, {1, 0}, {0, 1}, 10, 2}}},
      {"2 packs", {{f, 4}, {f, 2}, {f, 1}, {f, 3}}, {.packs = 2}, {{f, {3, 2, 1}, {0, 3, 4}, 6, 3}, {f, {0}, {0}, 4, 4}}},
      {"more packs than parts", {{f, 4}, {f, 4}}, {.packs = 9}, {{f, {1}, {0}, 4, 1}, {f, {0}, {0}, 4, 2}}},
  };
  for (const BucketRow& r : rows) {
    SCOPED_TRACE(r.what);
    const std::vector<Bucket> got = buckets_of(r.parts, r.how);
    ASSERT_EQ(got.size(), r.want.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].dtype, r.want[i].dtype) << i;
      EXPECT_EQ(got[i].tensors, r.want[i].tensors) << i;
      EXPECT_EQ(got[i].offsets, r.want[i].offsets) << i;
      EXPECT_EQ(got[i].elements, r.want[i].elements) << i;
      EXPECT_EQ(got[i].ready, r.want[i].ready) << i;
    }
  }
}

// Of any sizes: every part is in one bucket, none overlap, no more buckets of a dtype than packs.
TEST(Buckets, HoldEveryPartOnce) {
  std::mt19937 bits(20221122);
  const auto next = [&](uint32_t below) { return bits() % below; };
  for (int round = 0; round < 300; ++round) {
    std::vector<Part> parts(next(20));
    for (Part& p : parts) p = {next(3) ? f : d, static_cast<int64_t>(next(50))};
    const Packing how{.bytes = static_cast<int64_t>(next(400)), .packs = static_cast<int>(next(6)) - 1};
    std::vector<int> seen(parts.size());
    int of_f = 0;
    size_t ready = 0;
    for (const Bucket& b : buckets_of(parts, how)) {
      of_f += b.dtype == f;
      EXPECT_GE(b.ready, ready) << round;
      ready = b.ready;
      int64_t at = 0;
      for (size_t k = 0; k < b.tensors.size(); ++k) {
        ++seen[b.tensors[k]];
        EXPECT_EQ(b.offsets[k], at) << round;
        EXPECT_EQ(parts[b.tensors[k]].dtype, b.dtype) << round;
        at += parts[b.tensors[k]].elements;
        EXPECT_GE(b.ready, parts.size() - b.tensors[k]) << round;
      }
      EXPECT_EQ(b.elements, at) << round;
      EXPECT_TRUE(how.packs >= 0 || b.tensors.size() == 1 || at * static_cast<int64_t>(size_of(b.dtype)) <= how.bytes) << round;
    }
    for (int s : seen) EXPECT_EQ(s, 1) << round;
    EXPECT_TRUE(how.packs <= 0 || of_f <= how.packs) << round;
  }
}

}  // namespace
}  // namespace ninefold::distribute
