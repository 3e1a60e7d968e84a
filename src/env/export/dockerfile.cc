// In: a Workload. Out: a Dockerfile upon the image, which starts the services by itself; how to run it stands in it.
#include <fmt/format.h>

#include "base/text.h"
#include "env/export/export.h"

namespace ninefold::env::exports {
namespace {

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// A value of ENV: between quotes, where Docker reads $ and \.
std::string value_quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '$') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string file_lines(const std::string& text, const std::string& path) {
  std::string out = " && printf '%s\\n'";
  const std::string whole = text.substr(0, text.find_last_not_of('\n') + 1);
  for (const std::string_view line : split(whole, '\n')) out += " \\\n      " + shell_quoted(line);
  return out + " \\\n      > " + path;
}

std::string run_line(const Workload& work) {
  std::string line = "docker run --cap-drop ALL --security-opt no-new-privileges";
  if (!work.writable) line += " --read-only";
  line += " --tmpfs /run/ninefold:exec,mode=1777 --tmpfs /tmp:exec,mode=1777";
  line += fmt::format(" --shm-size {}", work.limits.shared_memory ? work.limits.shared_memory : kSharedMemory);
  if (work.limits.memory) line += fmt::format(" --memory {}", work.limits.memory);
  if (work.limits.cpus > 0) line += fmt::format(" --cpus {}", work.limits.cpus);
  if (work.limits.processes) line += fmt::format(" --pids-limit {}", work.limits.processes);
  if (work.gpus) line += fmt::format(" --gpus {}", work.gpus);
  if (work.offline) line += " --network none";
  for (const std::string& server : work.name_servers) line += " --dns " + server;
  for (const std::string& domain : work.search) line += " --dns-search " + domain;
  for (const Door& door : work.doors)
    if (door.open) line += fmt::format(" -p 127.0.0.1:{0}:{0}", door.port);
  for (const Place& place : work.places)
    line += fmt::format(" -v {}:{}{}", shell_quoted(place.from.empty() ? work.name + "-" + place.name : place.from), shell_quoted(place.to), place.read_only ? ":ro" : "");
  if (!work.secrets_at.empty())
    for (const std::string& name : work.secrets) line += fmt::format(" -v {}:/run/secrets/{}:ro", shell_quoted(work.secrets_at + "/" + name), name);
  return line;
}

}  // namespace

Exported write_dockerfile(const Workload& work, std::vector<std::string> notes) {
  const std::string run = run_line(work);
  std::string text = "# Written by `ninefold export`. Packages are those of the image's lock, since the image is named by its digest.\n"
                     "# A Dockerfile knows no limits, mounts or rights; run what it builds so:\n#   " + run + " IMAGE\n";
  text += "FROM " + work.image + "\nUSER 0:0\n";
  text += "RUN install -d -o 1000 -g 1000 /run/ninefold \\\n && install -d /etc/ninefold \\\n" + file_lines(work.toml, "/etc/ninefold/ninefold.toml");
  if (!work.keys.empty()) text += " \\\n" + file_lines(work.keys, "/etc/ninefold/authorized_keys");
  text += "\n";
  if (!work.environment.empty()) text += "ENV";
  for (const auto& [name, value] : work.environment) text += " " + name + "=" + value_quoted(value);
  text += work.environment.empty() ? "" : "\n";
  text += "# Your own steps go here, as user 0.\nUSER 1000:1000\n";
  Json probe = Json::array({kInit, "probe"}), volumes = Json::array();
  for (const Door& door : work.doors) {
    if (door.open) text += fmt::format("EXPOSE {}\n", door.port);
    if (!door.probe.empty()) probe.push_back(door.probe);
  }
  for (const Place& place : work.places) volumes.push_back(place.to);
  if (!volumes.empty()) text += "VOLUME " + volumes.dump() + "\n";
  if (probe.size() > 2) text += "HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 CMD " + probe.dump() + "\n";
  text += "ENTRYPOINT " + Json(work.words).dump() + "\nCMD []\n";
  notes.push_back("limits, mounts, ports and rights are the run line's, not the Dockerfile's; it stands in its head");
  if (!work.own_secrets_only && work.secrets_at.empty())
    notes.push_back("[secrets] are never part of an image: write them with --secrets FOLDER, which the run line then mounts at /run/secrets");
  else if (!work.secrets.empty() && work.secrets_at.empty())
    notes.push_back("no secrets are given, so each container makes a token and a host key of its own; the token lies in /run/ninefold/state/jupyter_token");
  return {text, {{"image", work.image}, {"run", run}, {"dockerfile", text}}, notes};
}

}  // namespace ninefold::env::exports
