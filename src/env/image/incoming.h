// In: a blob of a registry. Out: its bytes in the store, plain, under their own digest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/fd.h"
#include "env/image/image.h"
#include "env/registry/client.h"
#include "env/store/store.h"

namespace ninefold::env::image {

// Two that fetch one blob into `file` are one: the second waits, and finds it in the store: an empty Fd.
Fd hold_incoming(const Store& store, const std::string& operation, Shelf shelf, const std::string& digest, const std::string& file);

// A layer that may be packed, unpacked onto the shelf; `plain` is the digest that the configuration tells.
// Returns how many bytes came; nothing where another process brought it meanwhile. Throws Error.
std::optional<std::uint64_t> bring_layer(Store& store, registry::Client& client, const std::string& operation, Shelf shelf, const Descriptor& layer,
                                         const std::string& plain, const registry::OnBytes& on_bytes);

// True iff the bytes are an index of manifests for several platforms.
bool is_index(const std::string& operation, const std::string& bytes);

}  // namespace ninefold::env::image
