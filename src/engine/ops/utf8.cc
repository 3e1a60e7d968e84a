// In: UTF-8. Out: its characters, counted, cut and changed in case.
#include "engine/ops/utf8.h"

#include <algorithm>

namespace ninefold::ops::utf8 {
namespace {

uint32_t upper(uint32_t c) {
  if ((c >= 0xE0 && c <= 0xFE && c != 0xF7) || (c >= 0x3B1 && c <= 0x3CB && c != 0x3C2) || (c >= 0x430 && c <= 0x44F)) return c - 32;
  if (c == 0xFF) return 0x178;
  if (c == 0x3C2) return 0x3A3;
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  if ((c >= 0x100 && c <= 0x137 && c != 0x131) || (c >= 0x14A && c <= 0x177)) return c & ~1u;
  if ((c >= 0x13A && c <= 0x148) || (c >= 0x17A && c <= 0x17E)) return c & 1 ? c : c - 1;
  return c;
}
uint32_t lower(uint32_t c) {
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3AB && c != 0x3A2) || (c >= 0x410 && c <= 0x42F)) return c + 32;
  if (c == 0x178) return 0xFF;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if ((c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14A && c <= 0x177)) return c | 1;
  if ((c >= 0x139 && c <= 0x147) || (c >= 0x179 && c <= 0x17D)) return c & 1 ? c + 1 : c;
  return c;
}

}  // namespace

int64_t length(std::string_view s) { return std::count_if(s.begin(), s.end(), [](char c) { return !continues(c); }); }

std::string slice(std::string_view s, int64_t begin, int64_t count) {
  int64_t character = -1;
  size_t from = s.size(), to = s.size();
  for (size_t i = 0; i < s.size(); ++i) {
    if (continues(s[i])) continue;
    if (++character == begin) from = i;
    if (character == begin + count) { to = i; break; }
  }
  return std::string(s.substr(from, std::max(from, to) - from));
}

std::string changed_case(std::string_view s, bool up) {
  std::string out(s);
  // All letters known here take two bytes in both cases.
  for (size_t i = 0; i + 1 < out.size(); ++i) {
    const auto a = static_cast<unsigned char>(out[i]), b = static_cast<unsigned char>(out[i + 1]);
    if ((a & 0xE0) != 0xC0 || (b & 0xC0) != 0x80) continue;
    const uint32_t c = (a & 0x1Fu) << 6 | (b & 0x3Fu), to = up ? upper(c) : lower(c);
    out[i] = static_cast<char>(0xC0 | to >> 6);
    out[i + 1] = static_cast<char>(0x80 | (to & 0x3F));
    ++i;
  }
  return out;
}

}  // namespace ninefold::ops::utf8
