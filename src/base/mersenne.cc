// In: seeds. Out: the Mersenne Twister MT19937 (Matsumoto and Nishimura, 1998) as Python drives it.
#include "base/mersenne.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "base/check.h"

namespace ninefold {
namespace {

constexpr size_t size = 624, shift = 397;

// SHA-512 (FIPS 180-4). Its constants are the first 64 bits of the fractional parts of the cube
// (rounds) and square roots (start) of the first primes, computed here by integer bisection.
using Wide = unsigned __int128;

// floor(frac(prime^(1/power)) * 2^64).
uint64_t root_fraction(uint64_t prime, int power) {
  // Largest r with r^power <= prime * 2^(64 power), by bits; 9-bit whole part and 64-bit fraction.
  // The products need up to 224 bits, kept as 32-bit limbs.
  using Big = std::array<uint32_t, 8>;
  auto multiply = [](const Big& a, const Big& b) {
    Big out{};
    for (size_t i = 0; i < 8; ++i) {
      uint64_t carry = 0;
      for (size_t j = 0; i + j < 8; ++j) {
        const uint64_t t = uint64_t{a[i]} * b[j] + out[i + j] + carry;
        out[i + j] = static_cast<uint32_t>(t);
        carry = t >> 32;
      }
    }
    return out;
  };
  auto big = [](Wide v) {
    Big out{};
    for (size_t i = 0; i < 4; ++i) out[i] = static_cast<uint32_t>(v >> 32 * i);
    return out;
  };
  Big target{};
  target[power == 2 ? 4 : 6] = static_cast<uint32_t>(prime);
  Wide root = 0;
  for (int bit = 69; bit >= 0; --bit) {
    const Wide trial = root | Wide{1} << bit;
    Big p = multiply(big(trial), big(trial));
    if (power == 3) p = multiply(p, big(trial));
    bool fits = true;
    for (size_t i = 8; i-- > 0;)
      if (p[i] != target[i]) {
        fits = p[i] < target[i];
        break;
      }
    if (fits) root = trial;
  }
  return static_cast<uint64_t>(root);
}

std::array<uint8_t, 64> sha512(std::string_view text) {
  std::array<uint64_t, 80> constants;
  std::array<uint64_t, 8> h;
  size_t found = 0;
  for (uint64_t n = 2; found < 80; ++n) {
    bool prime = true;
    for (uint64_t d = 2; d * d <= n; ++d) prime = prime && n % d != 0;
    if (!prime) continue;
    if (found < 8) h[found] = root_fraction(n, 2);
    constants[found++] = root_fraction(n, 3);
  }
  std::string padded(text);
  padded.push_back('\x80');
  while (padded.size() % 128 != 120) padded.push_back('\0');
  const uint64_t length = uint64_t{text.size()} * 8;
  for (int i = 7; i >= 0; --i) padded.push_back(static_cast<char>(length >> 8 * i));
  auto byte = [&](size_t i) { return uint64_t{static_cast<unsigned char>(padded[i])}; };
  for (size_t at = 0; at < padded.size(); at += 128) {
    uint64_t w[80];
    for (size_t i = 0; i < 16; ++i) {
      w[i] = 0;
      for (size_t b = 0; b < 8; ++b) w[i] = w[i] << 8 | byte(at + 8 * i + b);
    }
    for (size_t i = 16; i < 80; ++i) {
      const uint64_t a = w[i - 15], b = w[i - 2];
      w[i] = w[i - 16] + w[i - 7] + (std::rotr(a, 1) ^ std::rotr(a, 8) ^ a >> 7) +
             (std::rotr(b, 19) ^ std::rotr(b, 61) ^ b >> 6);
    }
    auto v = h;
    for (size_t i = 0; i < 80; ++i) {
      const uint64_t a = v[0], e = v[4];
      const uint64_t t1 = v[7] + (std::rotr(e, 14) ^ std::rotr(e, 18) ^ std::rotr(e, 41)) +
                          ((e & v[5]) ^ (~e & v[6])) + constants[i] + w[i];
      const uint64_t t2 = (std::rotr(a, 28) ^ std::rotr(a, 34) ^ std::rotr(a, 39)) +
                          ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
      v = {t1 + t2, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
    }
    for (size_t i = 0; i < 8; ++i) h[i] += v[i];
  }
  std::array<uint8_t, 64> out;
  for (size_t i = 0; i < 64; ++i) out[i] = static_cast<uint8_t>(h[i / 8] >> (56 - 8 * (i % 8)));
  return out;
}

std::array<uint32_t, 2> words_of(uint64_t v) {
  return {static_cast<uint32_t>(v), static_cast<uint32_t>(v >> 32)};
}

}  // namespace

int64_t python_hash(double x) {
  if (std::isnan(x)) return 0;
  if (std::isinf(x)) return x > 0 ? 314159 : -314159;
  // The value modulo the prime 2^61 - 1: x = m 2^e, taken 28 bits at a time; 2^61 = 1 there.
  constexpr uint64_t prime = (uint64_t{1} << 61) - 1;
  int exponent = 0;
  double m = std::frexp(std::fabs(x), &exponent);
  uint64_t h = 0;
  auto rotate = [](uint64_t v, int by) {
    return by == 0 ? v : ((v << by) & prime) | v >> (61 - by);
  };
  while (m != 0) {
    h = rotate(h, 28);
    m *= 0x1p28;
    exponent -= 28;
    const uint64_t part = static_cast<uint64_t>(m);
    m -= static_cast<double>(part);
    h += part;
    if (h >= prime) h -= prime;
  }
  exponent = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61;
  const int64_t hash = static_cast<int64_t>(rotate(h, exponent));
  const int64_t with_sign = x < 0 ? -hash : hash;
  return with_sign == -1 ? -2 : with_sign;
}

Mersenne::Mersenne(int64_t seed) {
  const uint64_t bits = static_cast<uint64_t>(seed), magnitude = seed < 0 ? 0 - bits : bits;
  const auto key = words_of(magnitude);
  seed_by_array(key);
}
// CPython seeds from the hash as an unsigned number, so a negative hash stays a large one.
Mersenne::Mersenne(double seed) {
  const auto key = words_of(static_cast<uint64_t>(python_hash(seed)));
  seed_by_array(key);
}
Mersenne::Mersenne(std::span<const uint32_t> magnitude) { seed_by_array(magnitude); }

Mersenne::Mersenne(std::string_view text) {
  const auto digest = sha512(text);
  std::string all(text);
  all.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  // A big-endian number: its last byte is the lowest.
  std::vector<uint32_t> key((all.size() + 3) / 4);
  for (size_t i = 0; i < all.size(); ++i)
    key[i / 4] |= uint32_t{static_cast<unsigned char>(all[all.size() - 1 - i])} << 8 * (i % 4);
  seed_by_array(key);
}

void Mersenne::seed_by_array(std::span<const uint32_t> key) {
  while (key.size() > 1 && key.back() == 0) key = key.first(key.size() - 1);
  const uint32_t zero = 0;
  if (key.empty()) key = std::span(&zero, 1);
  state_[0] = 19650218;
  for (uint32_t i = 1; i < size; ++i)
    state_[i] = 1812433253u * (state_[i - 1] ^ state_[i - 1] >> 30) + i;
  size_t i = 1, j = 0;
  auto step = [&](uint32_t factor) {
    return state_[i] ^ (state_[i - 1] ^ state_[i - 1] >> 30) * factor;
  };
  auto advance = [&] {
    if (++i == size) {
      state_[0] = state_[size - 1];
      i = 1;
    }
  };
  for (size_t n = std::max(size, key.size()); n > 0; --n) {
    state_[i] = step(1664525u) + key[j] + static_cast<uint32_t>(j);
    advance();
    if (++j == key.size()) j = 0;
  }
  for (size_t n = size - 1; n > 0; --n) {
    state_[i] = step(1566083941u) - static_cast<uint32_t>(i);
    advance();
  }
  state_[0] = 0x80000000u;
  position_ = size;
}

void Mersenne::refill() {
  for (size_t i = 0; i < size; ++i) {
    const uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % size] & 0x7fffffffu);
    state_[i] = state_[(i + shift) % size] ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
  }
  position_ = 0;
}

uint32_t Mersenne::word() {
  if (position_ == size) refill();
  uint32_t y = state_[position_++];
  y ^= y >> 11;
  y ^= y << 7 & 0x9d2c5680u;
  y ^= y << 15 & 0xefc60000u;
  return y ^ y >> 18;
}

uint64_t Mersenne::bits(int count) {
  NINEFOLD_INVARIANT(count >= 0 && count <= 64);
  if (count == 0) return 0;
  if (count <= 32) return word() >> (32 - count);
  const uint64_t low = word();
  return low | uint64_t{word() >> (64 - count)} << 32;
}

uint64_t Mersenne::below(uint64_t n) {
  NINEFOLD_INVARIANT(n > 0);
  const int count = std::bit_width(n);
  uint64_t r = bits(count);
  while (r >= n) r = bits(count);
  return r;
}

int64_t Mersenne::randint(int64_t low, int64_t high) {
  check(low <= high, Code::value, "randint: empty range [{}, {}]; the first bound must not exceed "
        "the second", low, high);
  const uint64_t width = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  // width 0 is the whole 2^64: Python then draws 65 bits until they are below 2^64.
  if (width == 0) {
    for (;;) {
      const uint64_t value = bits(64);
      if (bits(1) == 0) return static_cast<int64_t>(static_cast<uint64_t>(low) + value);
    }
  }
  return static_cast<int64_t>(static_cast<uint64_t>(low) + below(width));
}

double Mersenne::random() {
  const uint32_t a = word() >> 5, b = word() >> 6;
  return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0);
}

std::vector<uint32_t> Mersenne::state() const {
  std::vector<uint32_t> out(state_.begin(), state_.end());
  out.push_back(position_);
  return out;
}

void Mersenne::set_state(std::span<const uint32_t> words) {
  check(words.size() == size + 1 && words[size] <= size, Code::value,
        "random state: expected 624 words and a position up to 624, got {} words", words.size());
  std::memcpy(state_.data(), words.data(), sizeof(state_));
  position_ = words[size];
}

}  // namespace ninefold
