// In: keys and values in the keys' order. Out: the bytes of a sorted table as LevelDB and TensorFlow write them; and back.
// Layout: blocks of entries whose keys leave out what they share with the one before; a block of the blocks' handles;
// a footer of 48 bytes. Every block carries a masked crc32c.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ninefold::io {

using TableEntries = std::vector<std::pair<std::string, std::string>>;

// `entries` must be sorted by key, without repeats. Byte for byte what TensorFlow 2.9 writes of them, uncompressed.
std::string table_bytes(const TableEntries& entries);
// Raises DataLossError; `path` is for its message. Blocks may be compressed with Snappy.
TableEntries read_table(std::string_view bytes, const std::string& path);

}  // namespace ninefold::io
