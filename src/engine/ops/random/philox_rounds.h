// In: a counter of four words and a key of two. Out: the counter turned into four random words, for CPUs and cards.
#pragma once

#if !defined(__CUDACC__)
#include <cstdint>
#endif

namespace ninefold::rng {

#if defined(NF_DEVICE)
NF_DEVICE
#else
inline
#endif
void philox_rounds(uint32_t (&c)[4], uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * c[0], p1 = uint64_t{0xCD9E8D57} * c[2];
    c[0] = static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k0;
    c[1] = static_cast<uint32_t>(p1);
    c[2] = static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k1;
    c[3] = static_cast<uint32_t>(p0);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
}

}  // namespace ninefold::rng
