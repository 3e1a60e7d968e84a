// In: seeds as users give them. Out: the numbers TensorFlow 2.9.0 and Python gave for them.
#include "engine/ops/random/seeds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string_view>

#include "engine/ops/random/distributions.h"
#include "engine/ops/random/fill.h"
#include "engine/ops/random/shuffle_buffer.h"

namespace ninefold::rng {
namespace {

using Floats = std::vector<float>;
using Ints = std::vector<int64_t>;

Floats uniform(const Philox& p, int64_t n) {
  Floats out(static_cast<size_t>(n));
  uniform_f32(p, n, out.data());
  return out;
}
Ints order(const Philox& p, int64_t n) {
  Ints out(static_cast<size_t>(n));
  permutation(p, n, out.data());
  return out;
}

TEST(mersenne, follows_python) {
  const uint32_t big[] = {5, 0, 64};
  struct Row { Mersenne random; int64_t first, second; double third; };
  const Row rows[] = {
      {Mersenne(int64_t{7}), 1390851128, 161973070, 0.39482349642317349},
      {Mersenne(int64_t{-3}), 1022050301, 636343333, 0.54422922529595186},
      {Mersenne(0.5), 1200413613, 849612390, 0.4423832712312572},
      {Mersenne(-1.0), 563479156, 797623426, 0.30408191479048297},
      {Mersenne(-123456.789), 411172521, 952825977, 0.36820625468925772},
      {Mersenne(std::string_view("hello")), 1519453933, 904622119, 0.66319858102686191},
      {Mersenne(std::span<const uint32_t>(big)), 2004888747, 418653231, 0.47487026919198239},
  };
  for (Row row : rows) {
    EXPECT_EQ(row.random.randint(0, 2147483647), row.first);
    EXPECT_EQ(row.random.randint(1, 1000000000), row.second);
    EXPECT_EQ(row.random.random(), row.third);
  }
  Mersenne seven(int64_t{7});
  EXPECT_EQ(seven.randint(1, 1000000000), 347712783);
  EXPECT_EQ(seven.randint(1, 1000000000), 161973070);
  EXPECT_THROW(seven.randint(2, 1), Error);
}

TEST(mersenne, hashes_floats) {
  const std::pair<double, int64_t> rows[] = {{0., 0}, {1e300, 1224995262755759164},
      {-2.5, -1152921504606846978}, {1e-310, 615709907932414099}, {3., 3}, {-1., -2}};
  for (auto [value, hash] : rows) EXPECT_EQ(python_hash(value), hash) << value;
}

TEST(mersenne, shuffles_and_is_saved) {
  Mersenne random(int64_t{7});  // the order of a Sequence of 6 in two epochs
  for (const Ints& want : {Ints{4, 0, 5, 3, 1, 2}, Ints{2, 3, 1, 5, 4, 0}}) {
    Ints items(6);
    std::iota(items.begin(), items.end(), 0);
    random.shuffle(std::span(items));
    EXPECT_EQ(items, want);
  }
  Mersenne copy(int64_t{0});
  copy.set_state(random.state());
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(copy.word(), random.word());
}

TEST(seeds, op_seeds_are_drawn) {
  struct Row { int64_t global; Ints first; };
  const Row rows[] = {{7, {1390851128, 647892279, 1695753998, 207388624}},
                      {0, {1654615998, 1806341205, 173879092}},
                      {1234, {1892932127, 501869158, 32175636}}};
  for (const Row& row : rows) {
    SeedState state;
    state.set_seed(row.global);
    for (int64_t want : row.first) EXPECT_EQ(state.eager({}), (Seeds{row.global, want}));
  }
}

TEST(seeds, pairs) {
  SeedState state;
  EXPECT_TRUE(state.eager({}).nondeterministic());
  EXPECT_NE(state_of(Seeds{}), state_of(Seeds{}));
  EXPECT_EQ(state.eager(5), (Seeds{87654321, 5}));
  EXPECT_EQ(state.eager(-1), (Seeds{87654321, seed_modulus - 1}));
  state.set_seed(int64_t{0});
  EXPECT_EQ(state.eager(0), (Seeds{0, seed_modulus}));
  EXPECT_EQ(state.eager(seed_modulus), (Seeds{0, seed_modulus}));
  state.set_seed(int64_t{-1});
  EXPECT_EQ(state.global_seed(), seed_modulus - 1);
  int64_t counter = 0;
  EXPECT_EQ(SeedState::graph(7, {}, counter), (Seeds{7, 0}));
  EXPECT_EQ(SeedState::graph(7, 3, counter), (Seeds{7, 3}));
  EXPECT_EQ(SeedState::graph(7, {}, counter), (Seeds{7, 1}));
  EXPECT_TRUE(SeedState::graph({}, {}, counter).nondeterministic());
  EXPECT_EQ(counter, 2);
}

TEST(seeds, numbers_after_set_seed) {
  SeedState state;
  auto seeded = [&](auto seed) {
    state.set_seed(seed);
    return uniform(state_of(state.eager({})), 2);
  };
  EXPECT_EQ(seeded(int64_t{1234}), (Floats{.5380393f, .36461866f}));
  EXPECT_EQ(seeded(1.5), (Floats{.35878658f, .80696523f}));
  EXPECT_EQ(seeded(2.0), (Floats{.14690244f, .46425676f}));
  const uint32_t big[] = {5, 0, 64};  // -(2^70 + 5)
  state.set_seed(big, true);
  EXPECT_EQ(uniform(state_of(state.eager({})), 2), (Floats{.16463077f, .7370086f}));
  EXPECT_THROW(state.set_seed(std::nan("")), Error);

  state.set_seed(int64_t{7});
  EXPECT_EQ(uniform(state_of(state.eager({})), 3), (Floats{.8344538f, .23336661f, .8796519f}));
  EXPECT_EQ(uniform(state_of(state.eager({})), 3), (Floats{.01905346f, .6496551f, .6962069f}));
  Philox five = state_of(state.eager(5));  // one kernel, called twice
  EXPECT_EQ(uniform(five, 3), (Floats{.8669311f, .0021675825f, .91945195f}));
  five.skip(reserve_outputs(3));
  EXPECT_EQ(uniform(five, 3), (Floats{.7997453f, .9907882f, .44618702f}));
  state.set_seed(int64_t{7});
  EXPECT_EQ(order(state_of(state.eager({})), 10), (Ints{4, 8, 9, 1, 6, 7, 0, 3, 2, 5}));
  state.set_seed(int64_t{1234});
  state.eager({});
  Floats normal(2);
  normal_f32(state_of(state.eager({})), 2, normal.data());
  EXPECT_EQ(normal, (Floats{1.1468066f, .96459925f}));
}

TEST(seeds, numbers_in_a_function) {  // three uniform([2]), called twice
  int64_t counter = 0;
  Philox ops[3];
  for (Philox& op : ops) op = state_of(SeedState::graph(7, {}, counter));
  const Floats calls[2][3] = {
      {{.7537285f, .0779376f}, {.46037483f, .9285182f}, {.2800094f, .68686736f}},
      {{.39710164f, .6849351f}, {.74075186f, .29213786f}, {.8908981f, .5970242f}}};
  for (const auto& call : calls)
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(uniform(ops[i], 2), call[i]);
      ops[i].skip(reserve_outputs(2));
    }
}

TEST(seeds, rows_of_fit) {  // 19 rows, two epochs
  Philox p = Philox::from_seeds(7, 0);
  EXPECT_EQ(order(p, 19),
            (Ints{6, 5, 18, 1, 16, 14, 4, 13, 15, 7, 0, 2, 12, 11, 3, 9, 8, 17, 10}));
  p.skip(reserve_shuffle(19, 19));
  EXPECT_EQ(order(p, 19),
            (Ints{7, 4, 18, 15, 1, 3, 5, 2, 11, 10, 9, 16, 17, 13, 6, 0, 12, 14, 8}));
}

TEST(seeds, dropout) {
  SeedState state;
  state.set_seed(int64_t{7});
  const Philox p = state_of(state.eager({}));
  const Floats ones(6, 1.0f), want = {1.4285715f, 0, 1.4285715f, 0, 1.4285715f, 1.4285715f};
  const float rate = .3f, scale = static_cast<float>(1 / (1 - .3));
  Floats out(6), mask(6);
  dropout(p, 6, rate, scale, ones.data(), out.data());
  EXPECT_EQ(out, want);
  dropout_mask(p, 6, rate, scale, mask.data());
  EXPECT_EQ(mask, want);
  bool keep[6];
  dropout_keep(p, 6, rate, keep);
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(keep[i], want[i] != 0);
}

TEST(seeds, reservations) {
  EXPECT_EQ(reserve_outputs(3), 768u);
  EXPECT_EQ(reserve_shuffle(10, 10), 3u);
  EXPECT_EQ(reserve_shuffle(1, 5), 0u);
  EXPECT_EQ(reserve_multinomial(2, 6), 2u * 16 * 256);
  EXPECT_EQ(reserve_truncated(3, 5), 12000u);
}

TEST(generator, states) {
  EXPECT_EQ(Generator::from_seed(1234).state(), (std::array<int64_t, 3>{1234, 0, 0}));
  EXPECT_EQ(Generator::from_seed(-1).state(), (std::array<int64_t, 3>{-1, -1, -1}));
  const uint64_t big[] = {5, 64};  // 2^70 + 5
  EXPECT_EQ(Generator::from_seed(big).state(), (std::array<int64_t, 3>{5, 64, 0}));
  const int64_t list[] = {7, 8}, four[] = {1, 2, 3, 4};
  EXPECT_EQ(Generator::from_list(list).state(), (std::array<int64_t, 3>{0, 7, 8}));
  EXPECT_THROW(Generator::from_list(four), Error);
  EXPECT_EQ(Generator::from_key_counter(9, {1, 2}).state(), (std::array<int64_t, 3>{1, 2, 9}));
  Generator carries = Generator::from_seed(-256);
  carries.skip(1);
  EXPECT_EQ(carries.state(), (std::array<int64_t, 3>{0, 0, -1}));
}

TEST(generator, numbers) {
  Floats normal(4);
  normal_f32(Generator::from_seed(1234).take(4), 4, normal.data());
  EXPECT_EQ(normal, (Floats{.9356609f, 1.0854305f, -.93788373f, -.5061547f}));
  Generator g = Generator::from_seed(1234);
  EXPECT_EQ(g.make_seeds(2), (Ints{472453817354278855, 4059409125917362668, 0, 0}));
  EXPECT_EQ(g.state()[0], 1234 + 512);
  g = Generator::from_seed(1234).split(1)[0];
  EXPECT_EQ(uniform(g.take(3), 3), (Floats{.60718f, .46382856f, .30907094f}));
  // RandomFlip(horizontal, seed=5): six images, a stateless seed each.
  g = Generator::from_seed(5);
  Ints flipped;
  for (int i = 0; i < 6; ++i) {
    const Philox p = stateless(g.make_seeds(1)[0], 0);
    flipped.push_back(uniform(p, 1)[0] < .5f);
  }
  EXPECT_EQ(flipped, (Ints{1, 1, 1, 0, 1, 1}));
}

// Dataset.range(n).shuffle(size) with the seeds of one iterator.
Ints shuffled(int64_t n, uint64_t size, std::pair<int64_t, int64_t> seeds) {
  ShuffleBuffer<int64_t> buffer(size, Philox::from_seeds(seeds.first, seeds.second));
  Ints out;
  for (int64_t next = 0; next < n || !buffer.empty();) {
    while (!buffer.full() && next < n) buffer.push(next++);
    out.push_back(buffer.pop());
  }
  return out;
}

TEST(pipeline, shuffle_buffer) {
  IteratorSeeds seeds(Philox::from_seeds(7, 3));
  EXPECT_EQ(shuffled(20, 6, seeds.next()),
            (Ints{5, 1, 0, 4, 6, 9, 7, 8, 13, 11, 12, 10, 3, 17, 18, 2, 19, 14, 15, 16}));
  IteratorSeeds saved(Philox::from_seeds(7, 3), seeds.drawn());
  EXPECT_EQ(shuffled(20, 6, saved.next()),
            (Ints{4, 2, 7, 1, 3, 0, 5, 8, 6, 12, 14, 15, 17, 10, 18, 19, 9, 13, 16, 11}));
  EXPECT_EQ(shuffled(20, 6, {7, 3}),
            (Ints{3, 1, 4, 0, 8, 5, 6, 11, 10, 13, 2, 16, 7, 18, 9, 12, 17, 19, 14, 15}));
  IteratorSeeds unseeded(Philox::from_seeds(7, 1390851128));
  EXPECT_EQ(shuffled(20, 100, unseeded.next()),
            (Ints{8, 19, 12, 1, 7, 5, 13, 15, 11, 17, 0, 14, 6, 2, 3, 9, 4, 18, 10, 16}));
  EXPECT_TRUE(shuffled(0, 6, {7, 3}).empty());
  EXPECT_THROW(shuffled(1, 0, {7, 3}), Error);
}

TEST(pipeline, words_and_choices) {
  Words words(Philox::from_seeds(7, 4));  // Dataset.random(seed=4)
  for (uint32_t want : {3004760025u, 2982476881u, 1015416266u}) EXPECT_EQ(words(), want);
  for (uint64_t drawn = 0; drawn < 9; ++drawn) {
    Words from_start(Philox::from_seeds(7, 4)), resumed(Philox::from_seeds(7, 4), drawn);
    for (uint64_t i = 0; i < drawn; ++i) from_start();
    for (int i = 0; i < 6; ++i) EXPECT_EQ(from_start(), resumed()) << drawn;
  }
  // sample_from_datasets with weights .5, .2, .3 and seed 6.
  const float logits[] = {std::log(.5f), std::log(.2f), std::log(.3f)};
  Words choices(Philox::from_seeds(7, 6));
  Ints chosen(15);
  for (int64_t& c : chosen) {
    const int64_t a = choices(), b = choices();
    multinomial(stateless(a, b), logits, 3, 1, 0, 1, &c);
  }
  EXPECT_EQ(chosen, (Ints{1, 1, 0, 2, 2, 2, 1, 0, 0, 0, 2, 2, 2, 0, 1}));
}

TEST(stateless_ops, split_and_fold_in) {
  uint32_t words[4];
  full_u32(stateless(12, -5), 4, words);
  const int32_t want[] = {-829677100, -977707348, 1907016001, 1015085170};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(static_cast<int32_t>(words[i]), want[i]);
}

}  // namespace
}  // namespace ninefold::rng
