// In: calls through the table of re2_abi.h. Out: what RE2 says. Built into libninefold-re2.so alone; see cmake/re2.cmake.
#include <re2/re2.h>

#include <cstring>
#include <memory>
#include <new>
#include <string>

#include "engine/ops/re2_abi.h"

namespace ninefold::ops {
namespace {

void* compile(const char* pattern, std::size_t size, char* why, std::size_t why_size) {
  try {
    RE2::Options options;
    options.set_log_errors(false);   // errors are raised, not printed
    auto regex = std::make_unique<RE2>(re2::StringPiece(pattern, size), options);
    if (regex->ok()) return regex.release();
    std::strncpy(why, regex->error().c_str(), why_size - 1);
  } catch (const std::bad_alloc&) {
    std::strncpy(why, "out of memory", why_size - 1);
  }
  why[why_size - 1] = '\0';
  return nullptr;
}
void release(void* regex) { delete static_cast<RE2*>(regex); }
bool full_match(void* regex, const char* text, std::size_t size) {
  return RE2::FullMatch(re2::StringPiece(text, size), *static_cast<RE2*>(regex));
}
// Groups that the pattern lacks are empty, as in the RE2 of TensorFlow 2.9; this one would leave the text alone.
std::string known_groups(const RE2& by, const char* rewrite, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) {
    if (rewrite[i] == '\\' && i + 1 < size) {
      const char next = rewrite[++i];
      if (next >= '0' && next <= '9' && next - '0' > by.NumberOfCapturingGroups()) continue;
      out += '\\';
      out += next;
    } else {
      out += rewrite[i];
    }
  }
  return out;
}
bool replace(void* regex, const char* text, std::size_t size, const char* rewrite, std::size_t rewrite_size, bool all,
             void (*take)(void*, const char*, std::size_t), void* user) {
  std::string out(text, size);
  const RE2& by = *static_cast<RE2*>(regex);
  const std::string with = known_groups(by, rewrite, rewrite_size);
  if (!(all ? RE2::GlobalReplace(&out, by, with) > 0 : RE2::Replace(&out, by, with))) return false;
  take(user, out.data(), out.size());
  return true;
}

const Re2Table table = {kRe2AbiVersion, compile, release, full_match, replace};

}  // namespace
}  // namespace ninefold::ops

extern "C" __attribute__((visibility("default"))) const ninefold::ops::Re2Table* ninefold_re2_table() {
  return &ninefold::ops::table;
}
