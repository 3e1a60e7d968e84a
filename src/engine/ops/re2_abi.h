// In: nothing. Out: the table of C functions through which libninefold uses RE2, which lies in a module of its own,
// opened at first use: importing Ninefold does not pay for it. It throws nothing across this border.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ninefold::ops {

constexpr std::uint32_t kRe2AbiVersion = 1;

struct Re2Table {
  std::uint32_t version;
  // Null if the pattern is none; `why` then holds RE2's reason.
  void* (*compile)(const char* pattern, std::size_t size, char* why, std::size_t why_size);
  void (*release)(void* regex);
  bool (*full_match)(void* regex, const char* text, std::size_t size);
  // Hands the text after replacement to `take` and says true; false where it stays as it is.
  bool (*replace)(void* regex, const char* text, std::size_t size, const char* rewrite, std::size_t rewrite_size, bool all,
                  void (*take)(void* user, const char* data, std::size_t size), void* user);
};

// The module's only symbol.
constexpr const char* kRe2Symbol = "ninefold_re2_table";

}  // namespace ninefold::ops
