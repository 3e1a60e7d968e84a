// In: a folder. Out: its manifest.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "env/image/manifest.h"

namespace ninefold::env::image {

// `prefix` is put before every path ("opt/env"); the folder itself is the entry `prefix`. Links to one
// inode become one file and hard links to it, by the order of their names. Sockets are left out. Files that `hashed` holds
// true for get digests; without it all do.
Result<Manifest> scan(const std::string& folder, const std::string& prefix, std::function<bool(const std::string& path)> hashed = {});

// Every time becomes the epoch, every owner 0:0, and the bits of a umask are taken out of modes: what
// the tools that install Python packages leave behind says nothing else.
void normalise_times(Manifest& manifest, std::int64_t epoch);

}  // namespace ninefold::env::image
