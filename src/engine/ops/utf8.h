// In: UTF-8. Out: its characters, counted, cut and changed in case. Malformed bytes count as one character each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ninefold::ops::utf8 {

inline bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }
int64_t length(std::string_view s);
std::string slice(std::string_view s, int64_t begin, int64_t count);   // in characters
// Letters of Latin-1, Latin Extended-A, Greek and Cyrillic; ASCII is the caller's.
std::string changed_case(std::string_view s, bool up);

}  // namespace ninefold::ops::utf8
