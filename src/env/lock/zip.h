// In: files, or a zip archive. Out: the archive, uncompressed and the same everywhere; one of its members.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ninefold::env {

// name -> bytes, stored in the order of the names, dated 1980-01-01.
std::string write_zip(const std::map<std::string, std::string>& files);

// A member's bytes, checked by its CRC. `ends_with`: the first one whose name ends so. Any bytes are safe.
Result<std::string> read_zip_member(std::string_view archive, std::string_view ends_with);

}  // namespace ninefold::env
