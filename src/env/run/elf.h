// In: a file. Out: the name by which programs ask for it, where it is a shared library.
#pragma once

#include <string>

namespace ninefold::env::run {

// DT_SONAME of a 64-bit ELF file of this machine's byte order; empty: it is none, or it has no such name. Whatever
// the file says of itself, no more than its tables and 256 bytes of a name are read.
std::string soname_of(const std::string& path);

}  // namespace ninefold::env::run
