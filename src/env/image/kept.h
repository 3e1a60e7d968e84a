// In: a lock's Debian packages and locales. Out: what builds keep of them beside byte code, since it is the same every time.
#pragma once

#include <string>
#include <vector>

#include "env/lock/lock.h"
#include "env/store/store.h"

namespace ninefold::env::image {

// All that is kept for a lock, byte code too, by its names in Cache::wheels: what gc leaves.
std::vector<std::string> kept_keys(const Lock& lock);

// Locales made by the C library of these packages; empty where there are none, or the base is an image, which
// may have some of its own.
std::string locale_key(const Lock& lock);

// Keeps the packages with their data decompressed, those that the store lacks, or all anew: half of what dpkg takes is
// decompressing. On all processors at once, so that it is done before anybody waits for it. A package of more
// than kMostLoose bytes stays as it is.
inline constexpr std::uint64_t kMostLoose = 32 << 20;
void loosen(Store& store, const std::vector<Input>& packages, bool fresh);
// Where the package lies in the store, decompressed if that is kept. Verified, and made again where it was damaged.
std::string loose_path(Store& store, const Input& package);

// The bytes kept under a key, or none; damaged ones are removed, and made again.
std::string kept_bytes(const Store& store, const std::string& key);

// That the machine's own programs for Debian's packages are there.
void check_programs();

}  // namespace ninefold::env::image
