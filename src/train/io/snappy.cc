// In: a block compressed with Snappy. Out: its bytes.
#include "train/io/snappy.h"

#include <cstdint>

namespace ninefold::io {
namespace {

// Little-endian, of 1 to 4 bytes, taken from the front.
bool take_number(std::string_view& from, std::size_t bytes, std::uint32_t& out) {
  if (from.size() < bytes) return false;
  out = 0;
  for (std::size_t i = 0; i < bytes; ++i) out |= std::uint32_t{static_cast<unsigned char>(from[i])} << (8 * i);
  from.remove_prefix(bytes);
  return true;
}

}  // namespace

std::optional<std::string> unsnappy(std::string_view in) {
  std::uint64_t size = 0;
  for (int shift = 0;; shift += 7) {
    if (in.empty() || shift > 28) return std::nullopt;
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    size |= std::uint64_t{byte & 127u} << shift;
    if (byte < 128) break;
  }
  // An element of 2 bytes gives 64 at most: a few bytes cannot ask for a gigabyte.
  if (size > in.size() * 64) return std::nullopt;
  std::string out;
  out.reserve(size);
  while (!in.empty()) {
    const auto tag = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    std::uint32_t length = (tag >> 2) + 1u, offset = 0;
    if ((tag & 3) == 0) {  // a literal: its length, or how many bytes tell it
      if (length > 60) {
        if (!take_number(in, length - 60, length) || ++length == 0) return std::nullopt;
      }
      if (length > in.size() || length > size - out.size()) return std::nullopt;
      out.append(in.substr(0, length));
      in.remove_prefix(length);
      continue;
    }
    if ((tag & 3) == 1) {
      if (!take_number(in, 1, offset)) return std::nullopt;
      length = ((tag >> 2) & 7) + 4u;
      offset |= std::uint32_t{tag & 0xe0u} << 3;
    } else if (!take_number(in, (tag & 3) == 2 ? 2 : 4, offset)) {
      return std::nullopt;
    }
    if (offset == 0 || offset > out.size() || length > size - out.size()) return std::nullopt;
    for (std::uint32_t i = 0; i < length; ++i) out.push_back(out[out.size() - offset]);  // may overlap itself
  }
  if (out.size() != size) return std::nullopt;
  return out;
}

}  // namespace ninefold::io
