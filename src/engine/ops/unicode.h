// In: strings in Unicode's encodings. Out: their code points with where each begins, and which bytes were none; and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ninefold::ops::unicode {

enum class Encoding : uint8_t { none, utf8, utf16be, utf16le, utf16, utf32be, utf32le, utf32, ascii, latin1 };
Encoding encoding_named(std::string_view name);   // letters' case, blanks, - and _ do not matter; none if unknown

struct Character {
  int32_t code = 0;     // 0xFFFD where the bytes are no character
  size_t bytes = 0;     // how many it takes; never 0
  bool malformed = false;
};
// The character that begins at `at`. Of bytes that are none, as many as could have begun one: the longest part of a
// character, or else one unit.
Character next(std::string_view s, size_t at, Encoding e);
void append(std::string& to, int32_t code, Encoding e);   // utf8, utf16be or utf32be
bool is_character(int64_t code);                          // in range, no surrogate, no noncharacter
int script(int64_t code);                                 // ICU's number of its script; -1: no code point

}  // namespace ninefold::ops::unicode
