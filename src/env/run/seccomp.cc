// In: the distribution's seccomp.json. Out: the profile of our containers: nobody there has a
// capability, and nothing there makes namespaces, mounts or keyrings.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

#include "base/json_text.h"
#include "env/run/plan.h"

namespace ninefold::env::run {
namespace {

using Json = nlohmann::ordered_json;

const std::set<std::string> kRefused = {
    "unshare", "setns", "mount", "umount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "keyctl", "add_key", "request_key", "chroot"};
// Debuggers, allocators and thread libraries need these.
const std::vector<std::string> kAllowed = {"ptrace", "clone3", "memfd_create", "mbind", "set_mempolicy",
                                           "get_mempolicy"};

bool names(const Json& entry, const char* list, const char* key, const std::string& value) {
  const Json condition = entry.value(list, Json::object());
  if (!condition.is_object() || !condition.contains(key)) return false;
  for (const Json& item : condition[key])
    if (item.is_string() && item == value) return true;
  return false;
}

bool given(const Json& entry, const char* list, const char* key) {
  const Json condition = entry.value(list, Json::object());
  return condition.is_object() && condition.contains(key) && !condition[key].empty();
}

Json profile(const Json& data, const std::string& architecture) {
  const std::string arch = architecture == "aarch64" ? "arm64" : "amd64";
  const std::string scmp = architecture == "aarch64" ? "SCMP_ARCH_AARCH64" : "SCMP_ARCH_X86_64";
  Json out = {{"defaultAction", "SCMP_ACT_ERRNO"}, {"defaultErrnoRet", 38}};
  out["architectures"] = Json::array({scmp});
  for (const Json& known : data.value("archMap", Json::array())) {
    if (known.value("architecture", "") != scmp) continue;
    for (const Json& sub : known.value("subArchitectures", Json::array())) out["architectures"].push_back(sub);
  }
  out["syscalls"] = Json::array({Json{{"names", kAllowed}, {"action", "SCMP_ACT_ALLOW"}}});
  for (const Json& entry : data.at("syscalls")) {
    if (given(entry, "includes", "caps")) continue;  // nobody has one
    if (given(entry, "includes", "arches") && !names(entry, "includes", "arches", arch)) continue;
    if (names(entry, "excludes", "arches", arch)) continue;
    Json kept = Json::array();
    for (const Json& name : entry.at("names"))
      if (!kRefused.count(name.get<std::string>())) kept.push_back(name);
    if (kept.empty()) continue;
    Json rule = {{"names", kept}, {"action", entry.at("action")}};
    if (entry.contains("errnoRet") && !entry["errnoRet"].is_null()) rule["errnoRet"] = entry["errnoRet"];
    if (entry.contains("args") && entry["args"].is_array() && !entry["args"].empty())
      rule["args"] = entry["args"];
    out["syscalls"].push_back(rule);
  }
  return out;
}

}  // namespace

Result<std::string> seccomp_profile(const std::string& data, const std::string& architecture) {
  try {
    return profile(parse_json(data, "up: seccomp profile"), architecture).dump();
  } catch (const Error& error) {
    return error;
  } catch (const Json::exception& problem) {
    return Error(Code::data_loss, std::string("up: the distribution's seccomp.json is not as expected: ") +
                                      problem.what() + "; reinstall golang-github-containers-common");
  }
}

}  // namespace ninefold::env::run
