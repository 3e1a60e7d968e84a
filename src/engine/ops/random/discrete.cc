// In: a base state. Out: categorical samples, permutations, shuffled indices, random crops.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "engine/ops/random/convert.h"
#include "engine/ops/random/distributions.h"

namespace ninefold::rng {

int64_t multinomial_cost(int64_t classes, int64_t samples) {
  const double c = static_cast<double>(classes), log2 = std::log(c) / std::log(2.0);
  return classes < 1 ? 0 : static_cast<int64_t>(50 * (static_cast<double>(samples) * log2 + c));
}

// The rule of Eigen's thread pool device: blocks not below a few thousand cycles, at most four a
// thread, then coarser ones as long as all threads stay equally busy.
int64_t shard_block(int64_t n, int64_t cost, int threads) {
  auto up = [](int64_t a, int64_t b) { return (a + b - 1) / b; };
  const double each = static_cast<double>(std::max<int64_t>(cost, 1));
  if (n <= 1 || threads <= 1) return n;
  if (static_cast<int64_t>((static_cast<double>(n) * each - 100000) / 100000 + 0.9) <= 1) return n;
  auto busy = [&](int64_t blocks) {
    return static_cast<double>(blocks) / static_cast<double>(up(blocks, threads) * threads);
  };
  const int64_t least = static_cast<int64_t>(40000 / each);
  int64_t size = std::min(n, std::max(up(n, 4 * int64_t{threads}), least));
  const int64_t limit = std::min(n, 2 * size);
  int64_t count = up(n, size);
  double best = busy(count);
  while (best < 1.0 && count > 1) {
    const int64_t coarser = up(n, count - 1);
    if (coarser > limit) break;
    count = up(n, coarser);
    if (busy(count) + 0.01 >= best) {
      size = coarser;
      best = std::max(best, busy(count));
    }
  }
  return size;
}

template <class L, class T>
void multinomial(const Philox& base, const L* logits, int64_t classes, int64_t samples,
                 int64_t first, int64_t last, T* out) {
  // The division comes last, as in TensorFlow.
  Words words(base.at(static_cast<uint64_t>(first * (samples + 3) / 4)));
  std::vector<double> sums(static_cast<size_t>(classes));
  for (int64_t row = first; row < last; ++row) {
    const L* x = logits + row * classes;
    double top = std::numeric_limits<double>::lowest(), total = 0;
    for (int64_t j = 0; j < classes; ++j)
      if (std::isfinite(x[j])) top = std::max(top, static_cast<double>(x[j]));
    for (int64_t j = 0; j < classes; ++j) {
      if (std::isfinite(x[j])) total += std::exp(static_cast<double>(x[j]) - top);
      sums[static_cast<size_t>(j)] = total;
    }
    for (int64_t i = 0; i < samples; ++i) {
      const uint32_t a = words(), b = words();
      const auto found = std::upper_bound(sums.begin(), sums.end(), unit_f64(a, b) * total);
      out[row * samples + i] = static_cast<T>(found - sums.begin());
    }
  }
}

#define NINEFOLD_INSTANCE(L, T) \
  template void multinomial(const Philox&, const L*, int64_t, int64_t, int64_t, int64_t, T*);
NINEFOLD_INSTANCE(float, int32_t)
NINEFOLD_INSTANCE(float, int64_t)
NINEFOLD_INSTANCE(double, int32_t)
NINEFOLD_INSTANCE(double, int64_t)
#undef NINEFOLD_INSTANCE

void permutation(const Philox& base, int64_t n, int64_t* out) {
  std::iota(out, out + n, int64_t{0});
  Words words(base);
  for (int64_t i = 0; i + 1 < n; ++i)
    std::swap(out[i], out[i + static_cast<int64_t>(words() % static_cast<uint64_t>(n - i))]);
}

// A Simon-like cipher (Beaulieu et al. 2013) on as many bits as max_index has, walked until the
// result is in range.
uint64_t index_shuffle(uint64_t index, std::span<const uint32_t, 3> key, uint64_t max_index,
                       int rounds) {
  check(index <= max_index, "index_shuffle: index must be <= max_index, got {} > {}", index,
        max_index);
  check(rounds >= 4 && rounds % 2 == 0, "index_shuffle: rounds must be even and at least 4, got {}",
        rounds);
  if (max_index == 0) return 0;
  const int bits = static_cast<int>(std::ceil(std::log2(static_cast<double>(max_index))));
  const int half = std::max(bits + bits % 2, 16) / 2;
  const uint64_t mask = (uint64_t{1} << half) - 1;
  auto left_by = [&](uint64_t v, int r) { return ((v << r) | (v >> (half - r))) & mask; };
  auto right_by = [&](uint64_t v, int r) { return ((v >> r) | (v << (half - r))) & mask; };
  auto mix = [&](uint64_t v) { return (left_by(v, 1) & left_by(v, 8)) ^ left_by(v, 2); };
  std::vector<uint64_t> keys(key.begin(), key.end());
  for (uint64_t& k : keys) k &= mask;
  uint64_t z = 0x7369f885192c0ef5u & mask;
  for (size_t i = 3; i < static_cast<size_t>(rounds); ++i, z >>= 1)
    keys.push_back((0xfffffffcu & mask) ^ (z & 1) ^ keys[i - 3] ^ right_by(keys[i - 1], 3) ^
                   right_by(keys[i - 1], 4));
  do {
    uint64_t left = index >> half, right = index & mask;
    for (size_t i = 0; i < static_cast<size_t>(rounds); i += 2) {
      left ^= mix(right) ^ keys[i];
      right ^= mix(left) ^ keys[i + 1];
    }
    index = left << half | right;
  } while (index > max_index);
  return index;
}

namespace {

// An unbiased integer in [0, n), n > 0: words below 2^32 mod n are thrown away.
uint32_t below(Words& words, uint32_t n) {
  if ((n & (n - 1)) == 0) return words() & (n - 1);
  const uint32_t wasted = 0xffffffffu % n + 1;
  uint32_t r = words();
  while (r < wasted) r = words();
  return r % n;
}

int32_t nearest(float v) { return static_cast<int32_t>(std::lrintf(v)); }

// A box of the given width / height ratio and an area in the range, or nothing.
bool propose(Words& words, int32_t height, int32_t width, float ratio, const BoxSampling& s,
             Box& box) {
  const float w = static_cast<float>(width), h = static_cast<float>(height);
  const float least = s.area_low * w * h, most = s.area_high * w * h;
  if (s.area_high <= 0 || ratio <= 0 || width <= 0 || height <= 0 || s.area_low > s.area_high)
    return false;
  auto width_of = [ratio](int32_t rows) { return nearest(static_cast<float>(rows) * ratio); };
  int32_t rows = nearest(std::sqrt(least / ratio)), top = nearest(std::sqrt(most / ratio));
  if (width_of(top) > width) {
    top = static_cast<int32_t>((width + 0.5 - static_cast<double>(0.0000001f)) /
                               static_cast<double>(ratio));
    if (width_of(top) > width) --top;
  }
  top = std::min(top, height);
  rows = std::min(rows, top);
  if (rows < top) rows += static_cast<int32_t>(below(words, static_cast<uint32_t>(top - rows) + 1));
  int32_t columns = width_of(rows);
  auto area = [&] { return static_cast<float>(columns * rows); };
  if (area() < least) columns = width_of(++rows);
  if (area() > most) columns = width_of(--rows);
  if (area() < least || area() > most || columns > width || rows > height || columns <= 0 ||
      rows <= 0)
    return false;
  box = {0, 0, rows, columns};
  if (rows < height)
    box.y = static_cast<int32_t>(below(words, static_cast<uint32_t>(height - rows)));
  if (columns < width)
    box.x = static_cast<int32_t>(below(words, static_cast<uint32_t>(width - columns)));
  return true;
}

float area_of(const Box& b) { return static_cast<float>(b.height * b.width); }

Box common(const Box& a, const Box& b) {
  const int32_t y = std::max(a.y, b.y), x = std::max(a.x, b.x);
  const int32_t bottom = std::min(a.y + a.height, b.y + b.height);
  const int32_t right = std::min(a.x + a.width, b.x + b.width);
  if (y > bottom || x > right) return {0, 0, 0, 0};
  return {y, x, bottom - y, right - x};
}

}  // namespace

Box distorted_box(const Philox& base, int32_t height, int32_t width,
                  std::span<const float> objects, const BoxSampling& sampling) {
  const Box image = {0, 0, height, width};
  std::vector<Box> boxes;
  for (size_t i = 0; i + 3 < objects.size(); i += 4) {
    int32_t edge[4];
    for (size_t k = 0; k < 4; ++k) {
      check(objects[i + k] >= 0 && objects[i + k] <= 1,
            "All bounding box coordinates must be in [0.0, 1.0]: {}", objects[i + k]);
      edge[k] = static_cast<int32_t>(objects[i + k] * static_cast<float>(k % 2 ? width : height));
    }
    boxes.push_back({edge[0], edge[1], edge[2] - edge[0], edge[3] - edge[1]});
  }
  if (boxes.empty()) boxes.push_back(image);
  Words words(base);
  for (int attempt = 0; attempt < sampling.attempts; ++attempt) {
    const float ratio =
        unit_f32(words()) * (sampling.aspect_high - sampling.aspect_low) + sampling.aspect_low;
    Box crop;
    if (!propose(words, height, width, ratio, sampling, crop)) continue;
    for (const Box& object : boxes)
      if (area_of(object) >= 1 &&
          area_of(common(crop, object)) / area_of(object) >= sampling.min_object_covered)
        return crop;
  }
  return image;
}

}  // namespace ninefold::rng
