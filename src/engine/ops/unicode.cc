// In: bytes and an encoding. Out: code points; and back.
#include "engine/ops/unicode.h"

#include <algorithm>
#include <utility>

namespace ninefold::ops::unicode {

Encoding encoding_named(std::string_view name) {
  static constexpr std::pair<std::string_view, Encoding> known[] = {
      {"UTF8", Encoding::utf8}, {"UTF16BE", Encoding::utf16be}, {"UTF16LE", Encoding::utf16le}, {"UTF16", Encoding::utf16},
      {"UTF32BE", Encoding::utf32be}, {"UTF32LE", Encoding::utf32le}, {"UTF32", Encoding::utf32}, {"USASCII", Encoding::ascii},
      {"ASCII", Encoding::ascii}, {"ISO88591", Encoding::latin1}, {"LATIN1", Encoding::latin1}};
  std::string plain;
  for (char c : name)
    if (c != '-' && c != '_' && c != ' ') plain += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  for (const auto& [text, e] : known)
    if (plain == text) return e;
  return Encoding::none;
}

namespace {

uint32_t byte(std::string_view s, size_t at) { return static_cast<unsigned char>(s[at]); }

Character utf8(std::string_view s, size_t at) {
  const uint32_t first = byte(s, at);
  if (first < 0x80) return {static_cast<int32_t>(first), 1, false};
  const int more = first >= 0xC2 && first <= 0xDF ? 1 : first >= 0xE0 && first <= 0xEF ? 2 : first >= 0xF0 && first <= 0xF4 ? 3 : 0;
  if (!more) return {0xFFFD, 1, true};
  uint32_t code = first & (more == 1 ? 0x1Fu : more == 2 ? 0x0Fu : 0x07u);
  for (int i = 1; i <= more; ++i) {
    const size_t here = at + static_cast<size_t>(i);
    if (here >= s.size()) return {0xFFFD, static_cast<size_t>(i), true};
    const uint32_t b = byte(s, here);
    // The second byte decides whether the whole could be too long, a surrogate, or out of range.
    const uint32_t low = i > 1 ? 0x80 : first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    const uint32_t high = i > 1 ? 0xBF : first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (b < low || b > high) return {0xFFFD, static_cast<size_t>(i), true};
    code = code << 6 | (b & 0x3F);
  }
  return {static_cast<int32_t>(code), static_cast<size_t>(more) + 1, false};
}

Character utf16(std::string_view s, size_t at, bool big) {
  const auto unit = [&](size_t i) { return big ? byte(s, i) << 8 | byte(s, i + 1) : byte(s, i + 1) << 8 | byte(s, i); };
  if (s.size() - at < 2) return {0xFFFD, s.size() - at, true};
  const uint32_t first = unit(at);
  if (first < 0xD800 || first > 0xDFFF) return {static_cast<int32_t>(first), 2, false};
  if (first >= 0xDC00) return {0xFFFD, 2, true};
  if (s.size() - at < 4) return {0xFFFD, s.size() - at, true};
  const uint32_t second = unit(at + 2);
  if (second < 0xDC00 || second > 0xDFFF) return {0xFFFD, 2, true};
  return {static_cast<int32_t>(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)), 4, false};
}

Character utf32(std::string_view s, size_t at, bool big) {
  if (s.size() - at < 4) return {0xFFFD, s.size() - at, true};
  uint32_t code = 0;
  for (size_t i = 0; i < 4; ++i) code |= byte(s, at + i) << (8 * (big ? 3 - i : i));
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {0xFFFD, 4, true};
  return {static_cast<int32_t>(code), 4, false};
}

}  // namespace

Character next(std::string_view s, size_t at, Encoding e) {
  switch (e) {
    case Encoding::utf16be: return utf16(s, at, true);
    case Encoding::utf16le: return utf16(s, at, false);
    case Encoding::utf32be: return utf32(s, at, true);
    case Encoding::utf32le: return utf32(s, at, false);
    // Without a mark at the beginning big-endian; the mark itself is no character.
    case Encoding::utf16: {
      const bool marked = s.size() >= 2 && (s.substr(0, 2) == "\xFE\xFF" || s.substr(0, 2) == "\xFF\xFE");
      const bool big = !marked || s[0] == '\xFE';
      if (!marked || at > 0 || s.size() == 2) return utf16(s, at, big);
      Character c = utf16(s, 2, big);
      c.bytes += 2;
      return c;
    }
    case Encoding::utf32: {
      using namespace std::string_view_literals;
      const bool big_mark = s.substr(0, 4) == "\0\0\xFE\xFF"sv, little_mark = s.substr(0, 4) == "\xFF\xFE\0\0"sv;
      if (!(big_mark || little_mark) || at > 0 || s.size() == 4) return utf32(s, at, !little_mark);
      Character c = utf32(s, 4, big_mark);
      c.bytes += 4;
      return c;
    }
    case Encoding::ascii: return byte(s, at) < 0x80 ? Character{static_cast<int32_t>(byte(s, at)), 1, false} : Character{0xFFFD, 1, true};
    case Encoding::latin1: return {static_cast<int32_t>(byte(s, at)), 1, false};
    default: return utf8(s, at);
  }
}

void append(std::string& to, int32_t code, Encoding e) {
  const auto c = static_cast<uint32_t>(code);
  const auto put = [&](uint32_t b) { to += static_cast<char>(b & 0xFF); };
  const auto unit = [&](uint32_t u) { put(u >> 8), put(u); };
  if (e == Encoding::utf32be) {
    unit(c >> 16);
    unit(c);
  } else if (e == Encoding::utf16be) {
    if (c < 0x10000) return unit(c);
    unit(0xD800 + ((c - 0x10000) >> 10));
    unit(0xDC00 + ((c - 0x10000) & 0x3FF));
  } else if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  }
}

bool is_character(int64_t c) {
  return c >= 0 && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF) && !(c >= 0xFDD0 && c <= 0xFDEF) && (c & 0xFFFE) != 0xFFFE;
}

namespace {
struct Run {
  int32_t first;
  int16_t script;
};
// Where a script begins; it goes on to the next row.
constexpr Run kScripts[] = {
#include "engine/ops/unicode_scripts.inc"
};
}  // namespace

int script(int64_t code) {
  if (code < 0 || code > 0x10FFFF) return -1;
  const Run* after = std::upper_bound(std::begin(kScripts), std::end(kScripts), code, [](int64_t c, const Run& r) { return c < r.first; });
  return (after - 1)->script;
}

}  // namespace ninefold::ops::unicode
