// In: a Workload. Out: a devcontainer.json, by which an editor works inside the image; it brings its own way in.
#include <fmt/format.h>

#include "env/export/export.h"
#include "env/image/one_user.h"

namespace ninefold::env::exports {

Exported write_devcontainer(const Workload& work, std::vector<std::string> notes) {
  Json words = Json::array({"--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/run/ninefold:exec,mode=1777",
                            fmt::format("--shm-size={}", work.limits.shared_memory ? work.limits.shared_memory : kSharedMemory)});
  if (work.limits.memory) words.push_back(fmt::format("--memory={}", work.limits.memory));
  if (work.limits.cpus > 0) words.push_back(fmt::format("--cpus={}", work.limits.cpus));
  if (work.limits.processes) words.push_back(fmt::format("--pids-limit={}", work.limits.processes));
  if (work.gpus) words.push_back(fmt::format("--gpus={}", work.gpus));
  if (work.offline) words.push_back("--network=none");
  for (const std::string& server : work.name_servers) words.push_back("--dns=" + server);
  for (const std::string& domain : work.search) words.push_back("--dns-search=" + domain);
  Json mounts = Json::array();
  for (const Place& place : work.places)
    mounts.push_back(place.from.empty() ? fmt::format("source={}-{},target={},type=volume", work.name, place.name, place.to)
                                        : fmt::format("source={},target={},type=bind{}", place.from, place.to, place.read_only ? ",readonly" : ""));
  if (!work.secrets_at.empty())
    for (const std::string& name : work.secrets)
      mounts.push_back(fmt::format("source=${{localWorkspaceFolder}}/{0}/{1},target=/run/secrets/{1},type=bind,readonly", work.secrets_at, name));
  else if (!work.own_secrets_only)
    notes.push_back("[secrets] are left out; write them with --secrets FOLDER beside the project, and they are mounted at /run/secrets");
  Json environment = Json::object();
  for (const auto& [name, value] : work.environment) environment[name] = value;
  environment["NINEFOLD_TOML"] = work.toml;
  if (!work.keys.empty()) environment["NINEFOLD_AUTHORIZED_KEYS"] = work.keys;
  Json document = {{"name", work.name},
                   {"image", work.image},
                   {"containerUser", image::kUserName},
                   {"remoteUser", image::kUserName},
                   {"updateRemoteUserUID", true},  // files of the project are the user's own on either side
                   {"containerEnv", environment},
                   {"mounts", mounts},
                   {"runArgs", words},
                   {"forwardPorts", Json::array()},
                   {"customizations", {{"vscode", {{"settings", {{"python.defaultInterpreterPath", "/opt/env/bin/python"}}},
                                                   {"extensions", Json::array({"ms-python.python", "ms-toolsai.jupyter"})}}}}}};
  for (const Door& door : work.doors) document["forwardPorts"].push_back(door.port);
  if (!work.doors.empty()) {
    // The editor keeps the container alive with a command of its own; ours starts beside it.
    document["postStartCommand"] = fmt::format("nohup setsid {} container > /tmp/ninefold.log 2>&1 &", kInit);
    notes.push_back("services start beside the editor, which is the container's first process: their output lies in /tmp/ninefold.log");
  }
  if (work.gpus) document["hostRequirements"] = {{"gpu", true}};
  notes.push_back("the image's own files can be written: editors install their server into the container");
  return {document.dump(2) + "\n", document, notes};
}

}  // namespace ninefold::env::exports
