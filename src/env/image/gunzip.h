// In: a compressed layer. Out: the plain tar in it, and its digest.
#pragma once

#include <string>

#include "base/result.h"

namespace ninefold::env::image {

// Unpacks a gzip file (RFC 1952, of one member or several) into a new file; the digest of what it writes.
Result<std::string> gunzip(const std::string& operation, const std::string& from, const std::string& to);

}  // namespace ninefold::env::image
