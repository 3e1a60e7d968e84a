// In: RE2's patterns. Out: matches and replacements, through the module that holds RE2.
#include "engine/ops/regex.h"

#include <dlfcn.h>

#include <list>
#include <mutex>

#include "base/check.h"
#include "engine/ops/re2_abi.h"

namespace ninefold::ops {
namespace {

// The module lies beside the library (or program) that holds this code, or one folder above (tests).
const Re2Table* load_table() {
  Dl_info self{};
  NINEFOLD_INVARIANT(::dladdr(reinterpret_cast<const void*>(&load_table), &self) != 0);
  const std::string image = self.dli_fname;
  const size_t slash = image.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : image.substr(0, slash);
  std::string reason;
  for (const std::string& place : {folder, folder + "/.."}) {
    void* module = ::dlopen((place + "/libninefold-re2.so").c_str(), RTLD_NOW | RTLD_LOCAL);   // never closed
    if (!module) {
      if (reason.empty()) reason = ::dlerror();
      continue;
    }
    using Get = const Re2Table* (*)();
    const auto get = reinterpret_cast<Get>(::dlsym(module, kRe2Symbol));
    if (get && get()->version == kRe2AbiVersion) return get();
    fail(Code::failed_precondition, "regular expressions: {}/libninefold-re2.so belongs to another version of Ninefold; install Ninefold anew", place);
  }
  fail(Code::failed_precondition, "regular expressions: RE2 could not be loaded: {}; install Ninefold anew", reason);
}
const Re2Table& table() {
  static const Re2Table* const loaded = load_table();
  return *loaded;
}

}  // namespace

std::shared_ptr<const Regex> Regex::of(const std::string& pattern, std::string* why) {
  constexpr size_t kKept = 64;
  static std::mutex mutex;   // guards kept, the last ones asked for first
  static std::list<std::pair<std::string, std::shared_ptr<const Regex>>> kept;
  std::lock_guard hold(mutex);
  for (auto it = kept.begin(); it != kept.end(); ++it) {
    if (it->first != pattern) continue;
    kept.splice(kept.begin(), kept, it);
    return it->second;
  }
  char reason[256] = "";
  void* compiled = table().compile(pattern.data(), pattern.size(), reason, sizeof reason);
  if (!compiled) {
    *why = reason;
    return nullptr;
  }
  kept.emplace_front(pattern, std::make_shared<const Regex>(compiled));
  if (kept.size() > kKept) kept.pop_back();
  return kept.front().second;
}
Regex::~Regex() { table().release(compiled_); }

bool Regex::full_match(std::string_view text) const { return table().full_match(compiled_, text.data(), text.size()); }
std::string Regex::replaced(const std::string& text, std::string_view rewrite, bool all) const {
  std::string out;
  const auto take = [](void* user, const char* data, size_t size) { static_cast<std::string*>(user)->assign(data, size); };
  return table().replace(compiled_, text.data(), text.size(), rewrite.data(), rewrite.size(), all, take, &out) ? out : text;
}

}  // namespace ninefold::ops
