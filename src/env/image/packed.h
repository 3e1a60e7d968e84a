// In: a registry's image whose layers may be packed with gzip. Out: what it names; the plain tar in a layer.
#pragma once

#include <string>

#include "base/result.h"
#include "env/image/image.h"

namespace ninefold::env::image {

// As parse_manifest(), which lets pass plain layers only: nothing else is kept in a store.
Result<Image> parse_packed_manifest(const std::string& text);

// Unpacks a gzip file (RFC 1952, of one member or several) into a new file; the digest of what it writes.
Result<std::string> gunzip(const std::string& operation, const std::string& from, const std::string& to);

}  // namespace ninefold::env::image
