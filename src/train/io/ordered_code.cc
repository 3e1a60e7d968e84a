// In: names and numbers. Out: bytes that compare as they do.
#include "train/io/ordered_code.h"

#include <bit>

namespace ninefold::io {
namespace {

// How many bytes follow, then those, the highest first.
void append_unsigned(std::string& into, std::uint64_t v) {
  const int bytes = (64 - std::countl_zero(v) + 7) / 8;
  into.push_back(static_cast<char>(bytes));
  for (int i = bytes - 1; i >= 0; --i) into.push_back(static_cast<char>(v >> (8 * i)));
}

// Zero and 255 get a second byte, so that zero and one can end the text.
void append_text(std::string& into, std::string_view text) {
  for (char c : text) {
    into.push_back(c);
    if (c == '\0') into.push_back('\xff');
    if (c == '\xff') into.push_back('\0');
  }
  into.append("\0\1", 2);
}

// n bytes hold 7 n - 1 bits of the magnitude; n ones in front, inverted for negative numbers, tell n.
void append_signed(std::string& into, std::int64_t v) {
  const auto magnitude = static_cast<std::uint64_t>(v < 0 ? ~v : v);
  const int bytes = (64 - std::countl_zero(magnitude)) / 7 + 1;
  std::string code;
  for (int i = bytes - 1; i >= 0; --i) code.push_back(static_cast<char>(i < 8 ? v >> (8 * i) : v < 0 ? -1 : 0));
  const unsigned ones = (0xffffu << (16 - bytes)) & 0xffffu;
  code[0] = static_cast<char>(static_cast<unsigned char>(code[0]) ^ (ones >> 8));
  if (bytes > 1) code[1] = static_cast<char>(static_cast<unsigned char>(code[1]) ^ (ones & 255u));
  into += code;
}

}  // namespace

std::string slice_key(std::string_view name, const std::vector<SliceExtent>& slice) {
  std::string key;
  append_unsigned(key, 0);
  append_text(key, name);
  append_unsigned(key, slice.size());
  for (const SliceExtent& e : slice) {
    append_signed(key, e.start);
    append_signed(key, e.length);
  }
  return key;
}

}  // namespace ninefold::io
