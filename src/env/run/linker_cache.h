// In: an /etc/ld.so.cache. Out: what is in it; one with further libraries, for which no program of the image is run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace ninefold::env::run {

struct CacheEntry {
  std::int32_t flags = 0;
  std::string name, path;  // "libm.so.6", "/lib/x86_64-linux-gnu/libm.so.6"
  std::uint32_t os_version = 0;
  std::uint64_t hwcap = 0;
};

// Any bytes; empty ones hold nothing. data_loss: it is no cache, or says more than it holds.
Result<std::vector<CacheEntry>> parse_linker_cache(const std::string& bytes);

// In glibc's format of 2.2 and later, in the order in which it searches.
std::string linker_cache_text(std::vector<CacheEntry> entries);

// `bytes` with `added` (name and path; a library of 64 bits for this processor) in place of what it has by those names.
// A cache that cannot be read counts as an empty one: the loader looks in its own folders then, as without a cache.
std::string with_libraries(const std::string& bytes, const std::vector<CacheEntry>& added);

}  // namespace ninefold::env::run
