// In: locks, stanzas, manifests. Out: byte code's names.
#include "env/image/wheels.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/check.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/text.h"

namespace ninefold::env::image {
namespace {

constexpr const char* kRecipe = "2";  // a change of how byte code is made makes it anew

// The one spelling of a distribution's name that PEP 503 gives: "Foo__Bar.baz" is "foo-bar-baz".
std::string plain_name(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      if (!out.empty() && out.back() != '-') out += '-';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

// RECORD writes digests in base 64 with '-' and '_', without padding (PEP 376).
std::string base64_of_hex(const std::string& hex) {
  constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto digit = [&](std::size_t i) { return i < hex.size() ? (hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10) : 0; };
  std::string text;
  for (std::size_t i = 0; i < hex.size(); i += 3) {  // three hex digits are two letters
    const int bits = digit(i) << 8 | digit(i + 1) << 4 | digit(i + 2);
    text += kLetters[bits >> 6];
    if (i + 1 < hex.size()) text += kLetters[bits & 63];
  }
  return text;
}

bool ends(std::string_view text, std::string_view with) { return text.size() >= with.size() && text.substr(text.size() - with.size()) == with; }

// A package's tests of itself are a third of all modules, and next to nobody imports them: byte code is left to those.
bool is_test(std::string_view path) { return path.substr(0, 6) == "tests/" || path.find("/tests/") != std::string_view::npos; }

}  // namespace

Place place_of(const Lock& lock, Prefix prefix) {
  const std::string modules = "/lib/python" + lock.python + "/site-packages";
  switch (prefix) {
    case Prefix::tools: return {"/opt/ninefold/tools", "/opt/ninefold/tools" + modules, &lock.tools, true};
    case Prefix::python: return {"/opt/env", "/opt/env" + modules, &lock.packages, true};
    case Prefix::ninefold: return {"/opt/ninefold/python", "/opt/ninefold/python", &lock.ninefold, false};
  }
  return {};
}

std::string interpreter_of(const Lock& lock) {
  std::string text = lock.architecture + "\n";
  if (!lock.image.empty()) {  // any of its files may be the interpreter's
    text += lock.interpreter + "\n";
    for (const auto* part : {&lock.image, &lock.os})
      for (const Input& one : *part) text += one.digest + "\n";
    return text;
  }
  for (const Input& package : lock.os)
    if (package.name.rfind("python3", 0) == 0 || package.name.rfind("libpython3", 0) == 0) text += package.name + " " + package.digest + "\n";
  return text;
}

std::vector<Input> closure(const std::string& stanzas, const std::vector<Input>& all, const std::vector<std::string>& roots) {
  std::map<std::string, std::vector<std::string>> asks, provided;
  for (std::size_t start = 0; start < stanzas.size();) {
    std::size_t end = stanzas.find("\n\n", start);
    if (end == std::string::npos) end = stanzas.size();
    std::string name;
    std::vector<std::string> names;
    for (std::string_view line : split(std::string_view(stanzas).substr(start, end - start), '\n')) {
      if (line.substr(0, 9) == "Package: ") name = line.substr(9);
      for (std::string_view field : {"Depends: ", "Pre-Depends: ", "Provides: "}) {
        if (line.substr(0, field.size()) != field) continue;
        // "libc6 (>= 2.36), mawk | awk:any": every name counts, what is not in the set falls out later.
        std::string rest(line.substr(field.size()));
        std::replace(rest.begin(), rest.end(), '|', ',');
        for (std::string_view one : split(rest, ',')) {
          one = strip(one);
          const std::string other(one.substr(0, one.find_first_of(" (:")));
          if (field == "Provides: ") provided[other].push_back(name);
          else names.push_back(other);
        }
      }
    }
    asks[name] = std::move(names);
    start = end + 2;
  }
  std::set<std::string> known, wanted;  // wanted: also names that no package has
  for (const Input& one : all) known.insert(one.name);
  std::vector<std::string> open = roots;
  while (!open.empty()) {
    const std::string name = std::move(open.back());
    open.pop_back();
    if (!wanted.insert(name).second) continue;
    // Where a package has the name, those that only stand in for it are not needed.
    if (!known.count(name)) open.insert(open.end(), provided[name].begin(), provided[name].end());
    open.insert(open.end(), asks[name].begin(), asks[name].end());
  }
  std::vector<Input> found;
  for (const Input& one : all)
    if (wanted.count(one.name)) found.push_back(one);
  return found;
}

std::string wheel_key(const Lock& lock, const Input& wheel, const Place& place) {
  return sha256_hex(fmt::format("byte code {}\n{}\n{}\n{}", kRecipe, wheel.digest, place.site, interpreter_of(lock)));
}

std::vector<std::string> wheel_keys(const Lock& lock) {
  std::vector<std::string> keys;
  for (const Prefix prefix : {Prefix::tools, Prefix::python, Prefix::ninefold}) {
    const Place place = place_of(lock, prefix);
    for (const Input& wheel : *place.wheels) keys.push_back(wheel_key(lock, wheel, place));
  }
  return keys;
}

std::pair<std::string, std::string> record_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quoted && line[i] == '"' && i + 1 < line.size() && line[i + 1] == '"') fields.back() += line[i++];
    else if (line[i] == '"') quoted = !quoted;
    else if (line[i] == ',' && !quoted) fields.emplace_back();
    else if (line[i] != '\r') fields.back() += line[i];
  }
  fields.resize(std::max<std::size_t>(fields.size(), 2));
  return {fields[0], fields[1]};
}

std::string byte_code_path(const std::string& source, const std::string& python) {
  const auto slash = source.rfind('/');
  std::string tag = python;
  tag.erase(std::remove(tag.begin(), tag.end(), '.'), tag.end());
  return fmt::format("{}/__pycache__/{}.cpython-{}.pyc", source.substr(0, slash), source.substr(slash + 1, source.size() - slash - 4), tag);
}

std::vector<Sources> sources_of(const Manifest& manifest, const Place& place) {
  const std::string site = place.site.substr(1) + "/";
  std::map<std::string, const Input*> inputs;
  for (const Input& wheel : *place.wheels) inputs[plain_name(wheel.name)] = &wheel;
  std::vector<Sources> all;
  for (auto entry = manifest.lower_bound(site); entry != manifest.end() && entry->first.rfind(site, 0) == 0; ++entry) {
    const std::string name = entry->first.substr(site.size());
    const auto slash = name.find('/');
    if (slash == std::string::npos || name.substr(slash) != "/RECORD" || !ends(name.substr(0, slash), ".dist-info")) continue;
    Sources one;
    if (const auto found = inputs.find(plain_name(name.substr(0, name.find('-')))); found != inputs.end()) one.wheel = found->second;
    const std::string record = read_file("build", entry->second.source).value();
    std::set<std::string> files;
    for (std::string_view line : split(record, '\n')) {
      const auto [path, hash] = record_fields(line);
      if (!ends(path, ".py") || path.find("..") != std::string::npos || is_test(path)) continue;  // "../../../bin/x.py" is a script
      const auto source = manifest.find(site + path);
      if (source == manifest.end() || (source->second.kind != Kind::file && source->second.kind != Kind::hardlink)) continue;
      // Two wheels may bring one file: byte code of the loser's bytes must not be kept.
      if (source->second.kind != Kind::file || hash != "sha256=" + base64_of_hex(source->second.digest)) one.as_packed = false;
      if (files.insert(source->first).second) one.size += source->second.size;
    }
    one.files.assign(files.begin(), files.end());
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace ninefold::env::image
