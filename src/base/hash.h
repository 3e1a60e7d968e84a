// In: bytes, whole or in pieces. Out: sha256, crc32 (zip, PNG), crc32c and its mask (TFRecord, checkpoints).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace ninefold {

// `before` is the value of the bytes that came earlier; 0 at the start.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);
// A checksum stored beside data that is itself checksummed is rotated and shifted, or crc(crc) is constant.
constexpr std::uint32_t mask_crc(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }
constexpr std::uint32_t unmask_crc(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xa282ead8u;
  return (rotated >> 17) | (rotated << 15);
}

// FIPS 180-4.
class Sha256 {
 public:
  using Digest = std::array<std::uint8_t, 32>;
  void update(std::string_view bytes);
  Digest finish();  // once; the object is spent after it

 private:
  void block(const std::uint8_t* data);
  std::uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::uint8_t pending_[64];
  std::uint64_t total_ = 0;
};

std::string to_hex(const std::uint8_t* bytes, std::size_t size);
std::string sha256_hex(std::string_view bytes);

}  // namespace ninefold
