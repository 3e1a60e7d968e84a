// In: RE2's patterns. Out: compiled ones, shared by whoever asks for the same.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ninefold::ops {

class Regex {
 public:
  // The pattern compiled, or found among the last ones; null and the reason if it is none.
  static std::shared_ptr<const Regex> of(const std::string& pattern, std::string* why);
  explicit Regex(void* compiled) : compiled_(compiled) {}
  Regex(const Regex&) = delete;
  ~Regex();
  bool full_match(std::string_view text) const;
  // The first match replaced, or all; \1 to \9 in `rewrite` are groups; those that the pattern lacks are empty. A
  // rewrite that is none leaves the text as it is, as in RE2.
  std::string replaced(const std::string& text, std::string_view rewrite, bool all) const;

 private:
  void* compiled_;
};

}  // namespace ninefold::ops
