// In: a condition and a format string. Out: a typed Error (the user's fault) or a crash report's text (ours).
#pragma once

#include <fmt/core.h>

#include <string>
#include <utility>

#include "ninefold/error.h"

namespace ninefold {

template <class... A>
[[noreturn]] void fail(Code code, fmt::format_string<A...> form, A&&... args) {
  throw Error(code, fmt::format(form, std::forward<A>(args)...));
}

// The user's fault: raises InvalidArgumentError unless another code is named.
template <class... A>
inline void check(bool holds, Code code, fmt::format_string<A...> form, A&&... args) {
  if (!holds) [[unlikely]] fail(code, form, std::forward<A>(args)...);
}
template <class... A>
inline void check(bool holds, fmt::format_string<A...> form, A&&... args) {
  if (!holds) [[unlikely]] fail(Code::invalid_argument, form, std::forward<A>(args)...);
}

// Our bug: the message says so and where. Still an exception, so that no input of a user ends a process.
[[noreturn]] void invariant_failed(const char* what, const char* file, int line);
#define NINEFOLD_INVARIANT(holds) \
  do { if (!(holds)) [[unlikely]] ::ninefold::invariant_failed(#holds, __FILE__, __LINE__); } while (0)

}  // namespace ninefold
