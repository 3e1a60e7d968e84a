// In: a block compressed with Snappy. Out: its bytes, or nothing where the block is damaged.
// Format: google/snappy, format_description.txt. Only read: we write tables uncompressed, as TensorFlow does.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ninefold::io {

std::optional<std::string> unsnappy(std::string_view block);

}  // namespace ninefold::io
