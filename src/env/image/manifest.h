// In: the entries of a tree. Out: what a layer is made of; two of them have a difference, and a reason.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ninefold::env::image {

enum class Kind { file, folder, symlink, hardlink, character, block, fifo };

struct Entry {
  Kind kind = Kind::file;
  std::uint32_t mode = 0;  // permission bits with set-id and sticky
  std::uint32_t uid = 0, gid = 0;
  std::uint64_t size = 0;
  std::int64_t mtime = 0;
  std::string link;                          // target of a symlink, path of a hard link
  std::uint32_t major = 0, minor = 0;        // of a device
  std::map<std::string, std::string> xattrs; // name -> bytes
  std::string digest;                        // hex SHA-256 of a file's bytes; empty: not known yet
  // Where the bytes lie: a file, from an offset on.
  std::string source;
  std::uint64_t offset = 0;
};

// By path without leading slash: "usr/bin/git". A map, so that every loop over it has one order.
using Manifest = std::map<std::string, Entry>;

// True if a layer on top must carry the entry again. Digests are compared where the rest is the same.
bool same(const Entry& a, const Entry& b);
// The field in which two entries differ, for messages: "mode 0644 and 0600"; empty if they do not.
std::string difference(const Entry& a, const Entry& b);

// What turns `below` into `above`: new and changed entries, the folders on their way, whiteouts
// (.wh.NAME) for what is gone. Both with digests.
Manifest layer_between(const Manifest& below, const Manifest& above);

// A few lines naming entries and fields that differ; empty if there are none.
std::string explain(const Manifest& a, const Manifest& b, std::size_t most = 10);

inline const char* kind_name(Kind kind) {
  constexpr const char* names[] = {"file", "folder", "symlink", "hard link", "character device", "block device", "fifo"};
  return names[static_cast<int>(kind)];
}

}  // namespace ninefold::env::image
