// In: tests/data/random/vectors.txt, rows of TensorFlow 2.9.0. Out: every fill and distribution
// gives those values bit for bit, whole and cut into parts.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/float16.h"
#include "engine/ops/random/distributions.h"
#include "engine/ops/random/fill.h"
#include "engine/ops/random/seeds.h"

namespace ninefold::rng {
namespace {

struct Row {
  std::string text, name, values;
  Philox state;
  std::vector<int64_t> seeds;
  std::vector<std::string> parameters;

  int64_t integer(size_t i) const { return std::stoll(parameters.at(i)); }
  // Parameters from i on, `count` of them.
  template <class T>
  std::vector<T> reals(size_t i, int64_t count) const {
    std::vector<T> out;
    for (int64_t k = 0; k < count; ++k)
      out.push_back(static_cast<T>(std::strtod(parameters.at(i + k).c_str(), nullptr)));
    return out;
  }
};

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, by);)
    if (!part.empty()) out.push_back(part);
  return out;
}

std::vector<Row> read_rows() {
  std::vector<Row> rows;
  std::ifstream in(std::string(NINEFOLD_TEST_DATA) + "/random/vectors.txt");
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto columns = split(line, '|');
    const auto state = split(columns.at(1), ' ');
    Row row{line, split(columns[0], ' ').at(0), columns.at(3), {}, {}, split(columns[2], ' ')};
    for (size_t i = 1; i < state.size(); ++i) row.seeds.push_back(std::stoll(state[i]));
    row.state = state[0] == "stateless" ? stateless(row.seeds[0], row.seeds[1])
                                        : Philox::from_seeds(row.seeds[0], row.seeds[1])
                                              .at(static_cast<uint64_t>(row.seeds[2]));
    rows.push_back(row);
  }
  return rows;
}

uint64_t fnv(const void* data, size_t bytes) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < bytes; ++i)
    h = (h ^ static_cast<const unsigned char*>(data)[i]) * 0x100000001b3u;
  return h;
}

struct Half {
  uint16_t bits;
  static uint16_t of(float v) { return float_to_half(v); }
};
struct Bfloat {
  uint16_t bits;
  static uint16_t of(float v) { return float_to_bfloat16(v); }
};

template <class T>
void expect_values(const Row& row, const std::vector<T>& got) {
  const auto want = split(row.values, ' ');
  if (want.at(0)[0] == '#') {
    EXPECT_EQ(fnv(got.data(), got.size() * sizeof(T)), std::stoull(want[0].substr(1), nullptr, 16))
        << row.text;
    return;
  }
  ASSERT_EQ(want.size(), got.size()) << row.text;
  for (size_t i = 0; i < got.size(); ++i) {
    if constexpr (std::is_integral_v<T>) {
      const T value = std::is_signed_v<T> ? static_cast<T>(std::stoll(want[i]))
                                          : static_cast<T>(std::stoull(want[i]));
      EXPECT_EQ(got[i], value) << row.text << " at " << i;
    } else if constexpr (std::is_same_v<T, float>) {
      EXPECT_EQ(got[i], std::strtof(want[i].c_str(), nullptr)) << row.text << " at " << i;
    } else if constexpr (std::is_same_v<T, double>) {
      EXPECT_EQ(got[i], std::strtod(want[i].c_str(), nullptr)) << row.text << " at " << i;
    } else {
      EXPECT_EQ(got[i].bits, T::of(std::strtof(want[i].c_str(), nullptr)))
          << row.text << " at " << i;
    }
  }
}

using Check = std::function<void(const Row&)>;

// fill(state, n, out, groups): the whole, and the same in uneven parts, last one first.
template <class T, class Fill>
void expect_fill(const Row& row, int64_t group, const Fill& fill) {
  const int64_t n = row.integer(0), groups = groups_of(n, group);
  std::vector<T> whole(static_cast<size_t>(n)), parts(static_cast<size_t>(n));
  fill(row.state, n, whole.data(), Groups{});
  expect_values(row, whole);
  for (int64_t last = groups; last > 0;) {
    const int64_t first = std::max<int64_t>(0, last - std::max<int64_t>(1, last / 3 + 1));
    fill(row.state, n, parts.data(), Groups{first, last});
    last = first;
  }
  EXPECT_EQ(std::memcmp(whole.data(), parts.data(), whole.size() * sizeof(T)), 0) << row.text;
}

template <class T, class Function>
Check filled(int64_t group, Function* function) {
  return [=](const Row& row) {
    expect_fill<T>(row, group, [&](const Philox& p, int64_t n, T* out, Groups g) {
      if constexpr (sizeof(T) == 2) function(p, n, reinterpret_cast<uint16_t*>(out), g);
      else function(p, n, out, g);
    });
  };
}

template <class T, class Function>
Check ranged(int64_t group, Function* function) {
  return [=](const Row& row) {
    expect_fill<T>(row, group, [&](const Philox& p, int64_t n, T* out, Groups g) {
      function(p, n, static_cast<T>(row.integer(1)), static_cast<T>(row.integer(2)), out, g);
    });
  };
}

// make(out, part): the whole, and the same in two parts.
template <class T, class Make>
std::vector<T> both_ways(int64_t size, const Make& make) {
  std::vector<T> whole(static_cast<size_t>(size)), parts(static_cast<size_t>(size));
  make(whole.data(), Outputs{});
  make(parts.data(), Outputs{size / 3, size});
  make(parts.data(), Outputs{0, size / 3});
  EXPECT_EQ(whole, parts);
  return whole;
}

enum class Kind { gamma, poisson };
template <class T, Kind kind, bool half = false>
Check positive() {
  return [](const Row& row) {
    const int64_t samples = row.integer(0), count = row.integer(1);
    auto parameters = row.reals<double>(2, count);
    // The op's parameters have the type of its result.
    for (double& v : parameters) {
      v = static_cast<double>(static_cast<T>(v));
      if (half) v = half_to_float(float_to_half(static_cast<float>(v)));
    }
    const auto got = both_ways<T>(samples * count, [&](T* out, Outputs part) {
      if constexpr (kind == Kind::gamma) gamma<T>(row.state, samples, parameters, out, part);
      else poisson<T>(row.state, samples, parameters, out, part);
    });
    if constexpr (half) {
      std::vector<Half> rounded;
      for (T v : got) rounded.push_back({float_to_half(v)});
      expect_values(row, rounded);
    } else {
      expect_values(row, got);
    }
  };
}

template <class T>
void check_binomial(const Row& row) {
  const int64_t samples = row.integer(0), pairs = row.integer(1);
  const auto counts = row.reals<T>(2, pairs), probs = row.reals<T>(2 + pairs, pairs);
  expect_values(row, both_ways<T>(samples * pairs, [&](T* out, Outputs part) {
    binomial<T, T>(row.state, samples, counts, probs, out, part);
  }));
}

template <class T>
void check_multinomial(const Row& row) {
  const int64_t rows = row.integer(0), classes = row.integer(1), samples = row.integer(2);
  const auto logits = row.reals<T>(3, rows * classes);
  std::vector<int64_t> got(static_cast<size_t>(rows * samples));
  multinomial(row.state, logits.data(), classes, samples, 0, rows, got.data());
  expect_values(row, got);
  EXPECT_EQ(shard_block(rows, multinomial_cost(classes, samples), 4), rows);
}

template <class T>
void check_truncated(const Row& row) {
  const int64_t rows = row.integer(0), samples = row.integer(1), count = row.integer(2);
  const auto p = row.reals<T>(3, 4 * count);
  std::vector<Bounds<T>> bounds;
  for (int64_t i = 0; i < count; ++i)
    bounds.push_back({p[i], p[count + i], p[2 * count + i], p[3 * count + i]});
  const int64_t n = rows * samples;
  std::vector<T> got(static_cast<size_t>(n));
  if (row.text.find("stateless") != std::string::npos) {
    stateless_truncated_normal<T>(row.state, samples, bounds, got.data());
    expect_values(row, got);
    return;
  }
  // Scalar parameters: rows of 100.
  const int64_t each = count == 1 ? 100 : samples, last = (n + each - 1) / each;
  parameterized_truncated_normal<T>(row.state, each, n, bounds, 0, last, got.data());
  expect_values(row, got);
}

void check_permutation(const Row& row) {
  std::vector<int64_t> got(static_cast<size_t>(row.integer(0)));
  permutation(row.state, row.integer(0), got.data());
  expect_values(row, got);
}

void check_index_shuffle(const Row& row) {
  const uint32_t key[3] = {498247692, static_cast<uint32_t>(row.seeds[0]),
                           static_cast<uint32_t>(row.seeds[1])};
  std::vector<int64_t> got;
  for (int64_t i = 0; i < row.integer(1); ++i)
    got.push_back(static_cast<int64_t>(
        index_shuffle(static_cast<uint64_t>(i), key, static_cast<uint64_t>(row.integer(0)))));
  expect_values(row, got);
}

void check_box(const Row& row) {
  const auto f = row.reals<float>(3, 5);
  const auto objects = row.reals<float>(9, 4 * row.integer(2));
  const Box b = distorted_box(row.state, static_cast<int32_t>(row.integer(0)),
                              static_cast<int32_t>(row.integer(1)), objects,
                              {f[0], f[1], f[2], f[3], f[4], static_cast<int>(row.integer(8))});
  expect_values(row, std::vector<int32_t>{b.y, b.x, b.height, b.width});
}

const std::map<std::string, Check> checks = {
    {"uniform_f16", filled<Half>(4, uniform_f16)},
    {"uniform_bf16", filled<Bfloat>(4, uniform_bf16)},
    {"uniform_f32", filled<float>(4, uniform_f32)},
    {"uniform_f64", filled<double>(2, uniform_f64)},
    {"normal_f16", filled<Half>(4, normal_f16)},
    {"normal_bf16", filled<Bfloat>(4, normal_bf16)},
    {"normal_f32", filled<float>(4, normal_f32)},
    {"normal_f64", filled<double>(2, normal_f64)},
    {"truncated_normal_f16", filled<Half>(4, truncated_normal_f16)},
    {"truncated_normal_bf16", filled<Bfloat>(4, truncated_normal_bf16)},
    {"truncated_normal_f32", filled<float>(4, truncated_normal_f32)},
    {"truncated_normal_f64", filled<double>(2, truncated_normal_f64)},
    {"uniform_i32", ranged<int32_t>(4, uniform_i32)},
    {"uniform_i64", ranged<int64_t>(2, uniform_i64)},
    {"full_u32", filled<uint32_t>(4, full_u32)},
    {"full_u64", filled<uint64_t>(2, full_u64)},
    {"gamma_f16", positive<float, Kind::gamma, true>()},
    {"gamma_f32", positive<float, Kind::gamma>()},
    {"gamma_f64", positive<double, Kind::gamma>()},
    {"poisson_f16", positive<float, Kind::poisson, true>()},
    {"poisson_f32", positive<float, Kind::poisson>()},
    {"poisson_f64", positive<double, Kind::poisson>()},
    {"binomial_f32", check_binomial<float>},
    {"binomial_f64", check_binomial<double>},
    {"multinomial_f32", check_multinomial<float>},
    {"multinomial_f64", check_multinomial<double>},
    {"parameterized_truncated_normal_f32", check_truncated<float>},
    {"parameterized_truncated_normal_f64", check_truncated<double>},
    {"permutation", check_permutation},
    {"index_shuffle", check_index_shuffle},
    {"distorted_box", check_box},
};

TEST(random_vectors, agree_with_tensorflow) {
  const auto rows = read_rows();
  ASSERT_GE(rows.size(), 200u);
  std::map<std::string, int> seen;
  for (const Row& row : rows) {
    ASSERT_TRUE(checks.contains(row.name)) << row.name;
    checks.at(row.name)(row);
    ++seen[row.name];
  }
  for (const auto& [name, check] : checks) EXPECT_GT(seen[name], 0) << name;
}

}  // namespace
}  // namespace ninefold::rng
