// In: files of an image. Out: what they say, believed as far as it can be checked.
#include "env/lock/base.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/atomic_file.h"
#include "base/text.h"

namespace ninefold::env {
namespace {

constexpr const char* kTrusted = "etc/apt/trusted.gpg.d/";

bool starts(const std::string& text, std::string_view with) { return text.substr(0, with.size()) == with; }

std::string key_file(const std::string& folder, std::string inside) {
  std::replace(inside.begin(), inside.end(), '/', '_');
  return folder + "/" + inside;
}

// What the image's own files name, with its keys.
std::vector<AptSource> named_by(const BaseFacts& facts, const std::string& folder) {
  std::vector<AptSource> all;
  std::string trusted;
  for (const char* place : {kTrusted, "usr/share/keyrings/"}) {
    for (const auto& [path, bytes] : facts.files)
      if (starts(path, place)) trusted += (trusted.empty() ? "" : ",") + key_file(folder, path);
    if (!trusted.empty()) break;
  }
  for (const auto& [path, text] : facts.files) {
    std::vector<AptSource> found;
    if (path.ends_with(".sources")) found = parse_source_stanzas(text);
    else if (path.ends_with(".list")) found = parse_source_lines(text);
    for (AptSource source : found) {
      const bool known = source.signed_by.size() > 1 && facts.files.count(source.signed_by.substr(1));
      source.signed_by = known ? key_file(folder, source.signed_by.substr(1)) : trusted;
      all.push_back(std::move(source));
    }
  }
  return all;
}

}  // namespace

std::string os_release_value(const std::string& text, const std::string& key) {
  for (std::string_view line : split(text, '\n')) {
    if (line.substr(0, key.size()) != key || line.size() <= key.size() || line[key.size()] != '=') continue;
    std::string_view value = strip(line.substr(key.size() + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

std::map<std::string, std::string> installed_packages(const std::string& status) {
  std::map<std::string, std::string> all;
  std::string name, version;
  bool installed = false;
  const auto finish = [&] {
    if (installed && !name.empty()) all[name] = version;
    name.clear(), version.clear(), installed = false;
  };
  for (std::string_view line : split(status, '\n')) {
    if (strip(line).empty()) finish();
    else if (line.substr(0, 9) == "Package: ") name = strip(line.substr(9));
    else if (line.substr(0, 9) == "Version: ") version = strip(line.substr(9));
    else if (line.substr(0, 8) == "Status: ") installed = line.ends_with(" installed");
  }
  finish();
  return all;
}

Result<std::string> glibc_of(const std::map<std::string, std::string>& installed, const std::string& base) {
  const auto found = installed.find("libc6");
  std::string version = found == installed.end() ? "" : found->second;
  if (const auto colon = version.find(':'); colon != std::string::npos) version.erase(0, colon + 1);
  version = version.substr(0, version.find_first_not_of("0123456789."));
  const auto dot = version.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == version.size())
    return Error(Code::failed_precondition, fmt::format("lock: base {} has no libc6 among its packages; a base of Debian or Ubuntu is needed", base));
  const auto second = version.find('.', dot + 1);
  return version.substr(0, second);
}

Result<FoundPython> choose_python(const std::vector<FoundPython>& found, const Spec& spec) {
  const std::string& asked = spec.python.version;
  for (const FoundPython& one : found)
    if (asked.empty() || one.version == asked) return one;
  if (found.empty()) return FoundPython{asked, ""};
  std::string known;
  for (const FoundPython& one : found) known += fmt::format("{}Python {} ({})", known.empty() ? "" : ", ", one.version, one.path);
  const Position at = spec.position("python.version");
  return Error(Code::failed_precondition, fmt::format("{}{}python.version: base {} has {}, not {}; write version = \"{}\", or choose another base",
                                                      at.text(), at.text().empty() ? "" : ": ", spec.base, known, asked, found[0].version));
}

Result<std::vector<AptSource>> base_sources(const BaseFacts& facts, const std::vector<AptSource>& machine, const std::string& machine_release,
                                            const Sources& own, const std::string& folder) {
  const std::string distribution = os_release_value(facts.os_release, "ID"), codename = os_release_value(facts.os_release, "VERSION_CODENAME");
  if (Result<void> made = make_folders("lock", folder); !made) return made.error();
  for (const auto& [path, bytes] : facts.files)
    if (path.ends_with(".gpg") || path.ends_with(".asc"))
      if (Result<void> written = write_atomically("lock", key_file(folder, path), bytes); !written) return written.error();
  std::vector<AptSource> named = named_by(facts, folder);
  // Archives of Debian are found as for bases that are releases of it: this machine's mirrors before others.
  Result<std::vector<AptSource>> chosen = Error(Code::not_found, "");
  if (!own.apt.empty() || distribution == "debian") chosen = choose_sources(machine, machine_release, codename, own);
  if (!chosen && named.empty()) {
    return Error(Code::not_found, fmt::format("lock: the base ({} {}) names no sources of packages, and this machine has none for it; write [sources] "
                                              "apt = \"...\" (a mirror's address) into ninefold.toml", distribution, codename));
  }
  if (!chosen) return named;
  if (!own.apt.empty()) return chosen;
  std::set<std::string> known;
  for (const AptSource& one : chosen.value()) known.insert(one.suite);
  for (AptSource& one : named)
    if (!known.count(one.suite) && !starts(one.suite, codename)) chosen.value().push_back(std::move(one));
  return chosen;
}

}  // namespace ninefold::env
