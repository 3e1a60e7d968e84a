// In: bytes. Out: FarmHash' Fingerprint64 (G. Pike, 2014), SipHash-2-4 (J.-P. Aumasson, D. J. Bernstein, 2012) and
// MurmurHash64A (A. Appleby), written from their descriptions; little-endian by definition.
#include "engine/ops/fingerprint.h"

#include <bit>
#include <cstring>
#include <utility>

namespace ninefold::ops {
namespace {

constexpr uint64_t kA = 0xC3A5C85C97CB3127ull, kB = 0xB492B66FBE98F273ull, kC = 0x9AE16A3B2F90404Full;

template <class T>
T load(const char* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  if constexpr (std::endian::native == std::endian::big) v = sizeof v == 8 ? static_cast<T>(__builtin_bswap64(v)) : static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(v)));
  return v;
}
uint64_t word(const char* p) { return load<uint64_t>(p); }
uint64_t rotated(uint64_t v, int by) { return std::rotr(v, by); }
uint64_t folded(uint64_t v) { return v ^ (v >> 47); }
uint64_t mixed(uint64_t u, uint64_t v, uint64_t mul) { return folded((v ^ folded((u ^ v) * mul)) * mul) * mul; }

uint64_t of_16(const char* s, size_t n) {
  const uint64_t mul = kC + n * 2;
  if (n >= 8) {
    const uint64_t a = word(s) + kC, b = word(s + n - 8);
    return mixed(rotated(b, 37) * mul + a, (rotated(a, 25) + b) * mul, mul);
  }
  if (n >= 4) return mixed(n + (static_cast<uint64_t>(load<uint32_t>(s)) << 3), load<uint32_t>(s + n - 4), mul);
  if (n == 0) return kC;
  const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(s[i])); };
  const uint32_t y = at(0) + (at(n >> 1) << 8), z = static_cast<uint32_t>(n) + (at(n - 1) << 2);
  return folded(y * kC ^ z * kA) * kC;
}
uint64_t of_32(const char* s, size_t n) {
  const uint64_t mul = kC + n * 2, a = word(s) * kB, b = word(s + 8), c = word(s + n - 8) * mul, d = word(s + n - 16) * kC;
  return mixed(rotated(a + b, 43) + rotated(c, 30) + d, a + rotated(b + kC, 18) + c, mul);
}
uint64_t of_64(const char* s, size_t n) {
  const uint64_t mul = kC + n * 2, a = word(s) * kC, b = word(s + 8), c = word(s + n - 8) * mul, d = word(s + n - 16) * kC;
  const uint64_t y = rotated(a + b, 43) + rotated(c, 30) + d, z = mixed(y, a + rotated(b + kC, 18) + c, mul);
  const uint64_t e = word(s + 16) * mul, f = word(s + 24);
  const uint64_t g = (y + word(s + n - 32)) * mul, h = (z + word(s + n - 24)) * mul;
  return mixed(rotated(e + f, 43) + rotated(g, 30) + h, e + rotated(f + a, 18) + g, mul);
}
struct Pair { uint64_t first = 0, second = 0; };
Pair of_block(const char* s, uint64_t a, uint64_t b) {
  a += word(s);
  b = rotated(b + a + word(s + 24), 21);
  const uint64_t c = a;
  a += word(s + 8) + word(s + 16);
  b += rotated(a, 44);
  return {a + word(s + 24), b + c};
}

}  // namespace

uint64_t farm_fingerprint(std::string_view text) {
  const char* s = text.data();
  const size_t n = text.size();
  if (n <= 16) return of_16(s, n);
  if (n <= 32) return of_32(s, n);
  if (n <= 64) return of_64(s, n);
  uint64_t x = 81, y = 81 * kB + 113, z = folded(y * kC + 113) * kC;
  Pair v, w;
  x = x * kC + word(s);
  const char* const end = s + (n - 1) / 64 * 64;
  const char* const last = end + ((n - 1) & 63) - 63;
  const auto round = [&](uint64_t mul, uint64_t times) {   // of 64 bytes; the last round weighs some terms more
    x = rotated(x + y + v.first + word(s + 8), 37) * mul;
    y = rotated(y + v.second + word(s + 48), 42) * mul;
    x ^= w.second * times;
    y += v.first * times + word(s + 40);
    z = rotated(z + w.first, 33) * mul;
    v = of_block(s, v.second * mul, x + w.first);
    w = of_block(s + 32, z + w.second, y + word(s + 16));
    std::swap(z, x);
  };
  for (; s != end; s += 64) round(kB, 1);
  const uint64_t mul = kB + ((z & 0xFF) << 1);
  s = last;
  w.first += (n - 1) & 63;
  v.first += w.first;
  w.first += v.first;
  round(mul, 9);
  return mixed(mixed(v.first, w.first, mul) + folded(y) * kA + z, mixed(v.second, w.second, mul) + x, mul);
}

uint64_t sip_hash(uint64_t key0, uint64_t key1, std::string_view text) {
  uint64_t a = key0 ^ 0x736F6D6570736575ull, b = key1 ^ 0x646F72616E646F6Dull;
  uint64_t c = key0 ^ 0x6C7967656E657261ull, d = key1 ^ 0x7465646279746573ull;
  const auto rounds = [&](int count) {
    while (count-- > 0) {
      a += b, b = std::rotl(b, 13) ^ a, a = std::rotl(a, 32);
      c += d, d = std::rotl(d, 16) ^ c;
      a += d, d = std::rotl(d, 21) ^ a;
      c += b, b = std::rotl(b, 17) ^ c, c = std::rotl(c, 32);
    }
  };
  const auto take = [&](uint64_t m) {
    d ^= m;
    rounds(2);
    a ^= m;
  };
  const char* s = text.data();
  size_t left = text.size();
  for (; left >= 8; s += 8, left -= 8) take(word(s));
  uint64_t tail = static_cast<uint64_t>(text.size()) << 56;
  for (size_t i = 0; i < left; ++i) tail |= static_cast<uint64_t>(static_cast<unsigned char>(s[i])) << (8 * i);
  take(tail);
  c ^= 0xFF;
  rounds(4);
  return a ^ b ^ c ^ d;
}

uint64_t murmur_hash(std::string_view text, uint64_t seed) {
  constexpr uint64_t m = 0xC6A4A7935BD1E995ull;
  uint64_t h = seed ^ (text.size() * m);
  const char* s = text.data();
  size_t left = text.size();
  for (; left >= 8; s += 8, left -= 8) h = (h ^ (folded(word(s) * m) * m)) * m;
  if (left) {
    for (size_t i = 0; i < left; ++i) h ^= static_cast<uint64_t>(static_cast<unsigned char>(s[i])) << (8 * i);
    h *= m;
  }
  return folded(folded(h) * m);
}

}  // namespace ninefold::ops
