// In: a manifest, or a tar file. Out: the tar of it, the same bytes everywhere; or its entries.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "env/image/manifest.h"

namespace ninefold::env::image {

inline constexpr std::size_t kBlock = 512;  // bytes: of a header, and what data is filled up to

struct Written {
  std::string digest;  // "sha256:..."
  std::uint64_t size = 0;
};

// POSIX tar: ustar headers; a pax header only for what does not fit one (long names, xattrs, big files).
// Entries stand in the manifest's order, hard links after what they link to. Sources are read as they
// are written; a digest that is known is checked.
Result<Written> write_tar(int fd, const std::string& path, const Manifest& manifest);

// Calls `each` for every entry in the file's order, with `source` and `offset` set to where its bytes
// lie in the tar. Paths are cleaned ("./usr//bin/" is "usr/bin"); one that would leave the tree is an
// error, as is anything malformed: the bytes may come from a stranger.
using OnEntry = std::function<Result<void>(const std::string& path, Entry& entry)>;
Result<void> read_tar(const std::string& path, const OnEntry& each);

// The whole file as a manifest; the digests of files are filled in if asked for.
Result<Manifest> tar_manifest(const std::string& path, bool with_digests);

}  // namespace ninefold::env::image
