// In: published test vectors. Out: sha256, crc32 and crc32c give them, whole and in pieces.
#include "base/hash.h"

#include <gtest/gtest.h>

namespace ninefold {
namespace {

TEST(Hash, Vectors) {
  struct Row {
    std::string bytes;
    std::uint32_t crc32, crc32c;
    const char* sha256;
  };
  const Row rows[] = {  // FIPS 180-4; RFC 3720 B.4; the rest bit by bit in Python
      {"", 0, 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", 0x352441c2, 0x364b3fb7, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"123456789", 0xcbf43926, 0xe3069283, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"},
      {std::string(32, '\0'), 0x190a55ad, 0x8a9136aa,
       "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"},
      {std::string(32, '\xff'), 0xff6cab0b, 0x62a8ab43,
       "af9613760f72635fbdb44a5a0a63c39f12af30f950a6ee5c971be188e89c4051"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 0x171a3f5f, 0x071325f5,
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"}};
  for (const Row& row : rows) {
    EXPECT_EQ(crc32(row.bytes), row.crc32) << row.bytes;
    EXPECT_EQ(crc32c(row.bytes), row.crc32c) << row.bytes;
    EXPECT_EQ(sha256_hex(row.bytes), row.sha256) << row.bytes;
    EXPECT_EQ(unmask_crc(mask_crc(row.crc32c)), row.crc32c);
  }
}

TEST(Hash, PiecesEqualWhole) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes.push_back(static_cast<char>(i * 7 + i / 3));
  for (const std::size_t cut : {0, 1, 7, 63, 64, 65, 119, 120, 500, 999, 1000}) {
    const std::string_view head(bytes.data(), cut), tail(bytes.data() + cut, bytes.size() - cut);
    EXPECT_EQ(crc32(tail, crc32(head)), crc32(bytes)) << cut;
    EXPECT_EQ(crc32c(tail, crc32c(head)), crc32c(bytes)) << cut;
    Sha256 hash;
    hash.update(head);
    hash.update(tail);
    const auto digest = hash.finish();
    EXPECT_EQ(to_hex(digest.data(), digest.size()), sha256_hex(bytes)) << cut;
  }
}

}  // namespace
}  // namespace ninefold
