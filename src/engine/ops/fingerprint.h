// In: bytes. Out: the hashes that TensorFlow sorts strings into buckets by, the same numbers on every machine.
#pragma once

#include <cstdint>
#include <string_view>

namespace ninefold::ops {

uint64_t farm_fingerprint(std::string_view s);                           // FarmHash' Fingerprint64
uint64_t sip_hash(uint64_t key0, uint64_t key1, std::string_view s);     // SipHash-2-4
uint64_t murmur_hash(std::string_view s, uint64_t seed = 0xDECAFCAFFEull);   // MurmurHash64A, TensorFlow's seed

}  // namespace ninefold::ops
