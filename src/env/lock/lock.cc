// In: a Lock or a lock file's text. Out: the other one; the differences of two.
#include "env/lock/lock.h"

#include <time.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/check.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "env/store/store.h"

namespace ninefold::env {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kVersion = 1;

struct Part {
  const char* name;
  std::vector<Input> Lock::*inputs;
};
constexpr Part kParts[] = {{"image", &Lock::image},     {"os", &Lock::os},
                           {"apt", &Lock::apt},         {"tools", &Lock::tools},
                           {"python", &Lock::packages}, {"ninefold", &Lock::ninefold},
                           {"programs", &Lock::programs}};

Json json_of(const Input& input) {
  return {{"name", input.name}, {"version", input.version}, {"file", input.file}, {"size", input.size}, {"digest", input.digest}};
}

// A path that stays where it is put: relative, no "..", nothing unprintable.
bool is_plain_path(const std::string& path) {
  if (path.empty() || path.size() > 300 || path[0] == '/' || path[0] == '-') return false;
  for (char c : path)
    if (c <= ' ' || c > '~' || c == '\\' || c == '"' || c == '\'' || c == '$' || c == '`') return false;
  return ("/" + path + "/").find("/../") == std::string::npos;
}

Input input_of(const Json& json, const std::string& where) {
  check(json.is_object(), Code::data_loss, "lock: {} is no object; run ninefold lock --upgrade", where);
  Input input;
  input.name = json.at("name").get<std::string>();
  input.version = json.at("version").get<std::string>();
  input.file = json.at("file").get<std::string>();
  input.size = json.at("size").get<std::uint64_t>();
  input.digest = json.at("digest").get<std::string>();
  check(is_digest(input.digest), Code::data_loss, "lock: {} has '{}' as digest; run ninefold lock --upgrade", where, input.digest);
  check(is_plain_path(input.file) && is_plain_path(input.name) && (input.version.empty() || is_plain_path(input.version)),
        Code::data_loss, "lock: {} has a name, version or file that cannot be; run ninefold lock --upgrade", where);
  return input;
}

// What the image says of itself: words that become parts of commands and paths.
void facts_of(const Json& json, Lock& lock) {
  for (auto [key, into] : {std::pair{"distribution", &lock.distribution}, {"codename", &lock.codename}, {"glibc", &lock.glibc}}) {
    *into = json.at(key).get<std::string>();
    const bool plain = std::all_of(into->begin(), into->end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_'; });
    check(plain && into->size() < 100, Code::data_loss, "lock: {} of the image cannot be; run ninefold lock --upgrade", key);
  }
  const auto dot = lock.glibc.find('.');
  check(dot != std::string::npos && dot > 0 && dot + 1 < lock.glibc.size() && lock.glibc.find_first_not_of("0123456789.") == std::string::npos, Code::data_loss,
        "lock: '{}' is no version of glibc; run ninefold lock --upgrade", lock.glibc);
  lock.interpreter = json.at("interpreter").get<std::string>();
  check(lock.interpreter.size() > 1 && lock.interpreter[0] == '/' && is_plain_path(lock.interpreter.substr(1)), Code::data_loss,
        "lock: the interpreter '{}' cannot be; run ninefold lock --upgrade", lock.interpreter);
}

}  // namespace

std::string fingerprint(const Spec& spec) {
  const Json json = {{"base", spec.base_name()}, {"python", spec.python.version}, {"set", spec.packages.set},
                     {"apt", spec.packages.apt}, {"pip", spec.packages.pip},      {"locale", spec.locale}, {"timezone", spec.timezone},
                     {"jupyter", spec.jupyter.has_value()}, {"tensorboard", spec.tensorboard.has_value()}};
  return "sha256:" + sha256_hex(json.dump());
}

std::string to_text(const Lock& lock) {
  std::string text = "{\n";
  const auto line = [&](const std::string& key, const Json& value) { text += fmt::format("  {}: {},\n", Json(key).dump(), value.dump()); };
  text += "  \"comment\": \"made by ninefold lock; keep it in git beside ninefold.toml\",\n";
  line("version", kVersion);
  line("spec", lock.spec);
  line("wishes", Json{{"system", lock.system_wishes}, {"tools", lock.tools_wishes}, {"python", lock.python_wishes}});
  line("base", lock.base);
  const bool on_image = !lock.image.empty();
  if (on_image)
    line("image_facts", Json{{"distribution", lock.distribution}, {"codename", lock.codename}, {"glibc", lock.glibc}, {"interpreter", lock.interpreter}});
  line("python_version", lock.python);
  line("architecture", lock.architecture);
  line("epoch", lock.epoch);
  line("locales", lock.locales);
  Json releases = Json::array();
  for (const Release& release : lock.releases) releases.push_back({{"suite", release.suite}, {"digest", release.digest}});
  line("releases", releases);
  line("index", json_of(lock.index));
  line("uv", json_of(lock.uv));
  for (const Part& part : kParts) {
    if (part.inputs == &Lock::image && !on_image) continue;
    text += fmt::format("  \"{}\": [", part.name);
    bool first = true;
    for (const Input& input : lock.*part.inputs) text += (first ? "\n    " : ",\n    ") + json_of(input).dump(), first = false;
    text += fmt::format("{}]{}\n", first ? "" : "\n  ", &part == std::end(kParts) - 1 ? "" : ",");
  }
  return text + "}\n";
}

Result<Lock> parse_lock(const std::string& text) {
  try {
    const Json json = parse_json(text, "lock");
    check(json.is_object() && json.contains("version"), Code::data_loss, "lock: this is no lock file; run ninefold lock --upgrade");
    const auto version = json.at("version").get<int>();
    check(version == kVersion, Code::data_loss, "lock: the file has version {}, this ninefold reads {}; run ninefold lock --upgrade", version, kVersion);
    Lock lock;
    lock.spec = json.at("spec").get<std::string>();
    const Json& wishes = json.at("wishes");
    lock.system_wishes = wishes.at("system").get<std::string>();
    lock.tools_wishes = wishes.at("tools").get<std::string>();
    lock.python_wishes = wishes.at("python").get<std::string>();
    lock.base = json.at("base").get<std::string>();
    lock.python = json.at("python_version").get<std::string>();
    lock.architecture = json.at("architecture").get<std::string>();
    check(is_plain_path(lock.base) && is_plain_path(lock.python) && is_plain_path(lock.architecture), Code::data_loss,
          "lock: base, python_version or architecture cannot be; run ninefold lock --upgrade");
    lock.epoch = json.at("epoch").get<std::int64_t>();
    check(lock.epoch >= 0 && lock.epoch < (1ll << 33), Code::data_loss, "lock: epoch {} cannot be; run ninefold lock --upgrade", lock.epoch);
    lock.locales = json.at("locales").get<std::vector<std::string>>();
    for (const std::string& locale : lock.locales)
      check(is_plain_path(locale), Code::data_loss, "lock: locale '{}' cannot be; run ninefold lock --upgrade", locale);
    for (const Json& release : json.at("releases")) {
      lock.releases.push_back({release.at("suite").get<std::string>(), release.at("digest").get<std::string>()});
      check(is_digest(lock.releases.back().digest), Code::data_loss, "lock: a release has no digest; run ninefold lock --upgrade");
    }
    lock.index = input_of(json.at("index"), "index");
    lock.uv = input_of(json.at("uv"), "uv");
    if (lock.base.rfind("oci:", 0) == 0) facts_of(json.at("image_facts"), lock);
    for (const Part& part : kParts) {
      std::size_t number = 0;
      if (part.inputs == &Lock::image && lock.base.rfind("oci:", 0) != 0) continue;
      check(json.at(part.name).is_array(), Code::data_loss, "lock: {} is no list; run ninefold lock --upgrade", part.name);
      for (const Json& input : json.at(part.name)) (lock.*part.inputs).push_back(input_of(input, fmt::format("{}[{}]", part.name, number++)));
    }
    check(lock.base.rfind("oci:", 0) != 0 || lock.image.size() > kImageLayers, Code::data_loss,
          "lock: the image {} has no layers; run ninefold lock --upgrade", lock.base);
    return lock;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error(Code::data_loss, fmt::format("lock: the file is damaged ({}); run ninefold lock --upgrade", error.what()));
  }
}

std::vector<Change> changes(const Lock& before, const Lock& after) {
  std::vector<Change> all;
  for (const Part& part : kParts) {
    std::map<std::string, std::pair<const Input*, const Input*>> pairs;
    for (const Input& input : before.*part.inputs) pairs[input.name].first = &input;
    for (const Input& input : after.*part.inputs) pairs[input.name].second = &input;
    for (const auto& [name, pair] : pairs) {
      const auto [old, now] = pair;
      if (old && now && old->digest == now->digest) continue;
      Change change{part.name, name, old ? old->version : "", now ? now->version : ""};
      // The same version with other bytes is told apart by its digest.
      if (old && now && old->version == now->version)
        change.before += " " + old->digest.substr(7, 12), change.after += " " + now->digest.substr(7, 12);
      all.push_back(std::move(change));
    }
  }
  return all;
}

std::string changes_text(const std::vector<Change>& all) {
  std::string text;
  for (const Change& change : all)
    text += change.before.empty()  ? fmt::format("{:<9} + {} {}\n", change.part, change.name, change.after)
            : change.after.empty() ? fmt::format("{:<9} - {} {}\n", change.part, change.name, change.before)
                                   : fmt::format("{:<9}   {} {} -> {}\n", change.part, change.name, change.before, change.after);
  return text;
}

std::vector<Input> all_inputs(const Lock& lock) {
  std::vector<Input> all = {lock.index, lock.uv};
  for (const Release& release : lock.releases) all.push_back({release.suite, "", "InRelease", 0, release.digest});
  for (const Part& part : kParts) all.insert(all.end(), (lock.*part.inputs).begin(), (lock.*part.inputs).end());
  return all;
}

std::string iso_time(std::int64_t epoch) {
  const time_t seconds = static_cast<time_t>(epoch);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  ::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace ninefold::env
