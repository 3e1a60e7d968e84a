// In: a Workload. Out: a compose file that Docker's and podman's implementations read alike.
#include <fmt/format.h>

#include "env/export/export.h"

namespace ninefold::env::exports {
namespace {

// A dollar sign is a variable there; two are a dollar sign.
std::string literal(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '$' ? std::string("$$") : std::string(1, c);
  return out;
}

std::string volume_name(const Place& place) { return place.name; }

}  // namespace

Exported write_compose(const Workload& work, std::vector<std::string> notes) {
  Json service = {{"image", work.image},
                  {"command", work.words},
                  {"user", "1000:1000"},
                  {"read_only", !work.writable},
                  {"cap_drop", Json::array({"ALL"})},
                  {"security_opt", Json::array({"no-new-privileges:true"})},
                  // Not noexec, as it would be by default: small programs of ours lie there.
                  {"tmpfs", Json::array({"/run/ninefold:exec,mode=1777,size=64m", "/tmp:exec,mode=1777"})},
                  {"shm_size", std::to_string(work.limits.shared_memory ? work.limits.shared_memory : kSharedMemory)},
                  {"stop_grace_period", "15s"},
                  {"restart", "unless-stopped"}};
  Json& environment = service["environment"];
  for (const auto& [name, value] : work.environment) environment[name] = literal(value);
  environment["NINEFOLD_TOML"] = literal(work.toml);
  if (!work.keys.empty()) environment["NINEFOLD_AUTHORIZED_KEYS"] = literal(work.keys);
  Json volumes = Json::object();
  for (const Place& place : work.places) {
    const std::string end = place.read_only ? ":ro" : "";
    service["volumes"].push_back((place.from.empty() ? volume_name(place) : literal(place.from)) + ":" + literal(place.to) + end);
    if (place.from.empty()) volumes[volume_name(place)] = Json::object();
    else notes.push_back(fmt::format("{} is mounted from this machine's {}: user 1000 must be able to read it; with podman as another user, "
                                     "PODMAN_USERNS=keep-id:uid=1000,gid=1000", place.to, place.from));
  }
  Json test = Json::array({"CMD", kInit, "probe"});
  for (const Door& door : work.doors) {
    if (door.open) service["ports"].push_back(fmt::format("127.0.0.1:{0}:{0}", door.port));
    else notes.push_back(fmt::format("{} has no login, so its port {} is not opened; Jupyter shows it to whoever is logged in, below /proxy/{}/", door.service, door.port, door.port));
    if (!door.probe.empty()) test.push_back(door.probe);
  }
  if (test.size() > 3) service["healthcheck"] = {{"test", test}, {"interval", "10s"}, {"timeout", "5s"}, {"retries", 6}, {"start_period", "60s"}};
  if (work.limits.memory) service["mem_limit"] = std::to_string(work.limits.memory);
  if (work.limits.cpus > 0) service["cpus"] = work.limits.cpus;
  if (work.limits.processes) service["pids_limit"] = work.limits.processes;
  if (!work.name_servers.empty()) service["dns"] = work.name_servers;
  if (!work.search.empty()) service["dns_search"] = work.search;
  if (work.gpus)
    service["deploy"] = {{"resources", {{"reservations", {{"devices", Json::array({{{"driver", "nvidia"}, {"count", work.gpus}, {"capabilities", Json::array({"gpu"})}}})}}}}}};
  Json document = {{"version", "3.8"}, {"services", {{work.name, service}}}};
  if (work.offline) {
    // Ports of a network without a way out cannot be opened; what runs inside still can be entered.
    document["networks"] = {{"default", {{"internal", true}}}};
    notes.push_back("[network] outgoing = \"none\": the network is internal, and Docker opens no ports of such a one; `docker compose exec` enters the container");
  }
  if (!volumes.empty()) document["volumes"] = volumes;
  const std::string at = work.secrets_at.empty() ? "./" + work.name + ".secrets" : work.secrets_at;
  if (!work.secrets.empty() && (!work.secrets_at.empty() || !work.own_secrets_only)) {
    for (const std::string& name : work.secrets) {
      document["services"][work.name]["secrets"].push_back(name);
      document["secrets"][name] = {{"file", at + "/" + name}};
    }
    if (work.secrets_at.empty()) notes.push_back(fmt::format("the secrets' values are looked for in {}; write them there: --secrets {}", at, at));
    notes.push_back("compose mounts secrets with the rights of the file: they lie readable in a folder that only you may enter, where a Pod has mode 0400");
  } else if (!work.secrets.empty()) {
    notes.push_back(fmt::format("no secrets are given, so each container makes a token and a host key of its own; read the token: docker compose exec {} cat "
                                "/run/ninefold/state/jupyter_token; or write them: --secrets {}", work.name, at));
  }
  return {"# Written by `ninefold export`; the image is named by its digest.\n" + yaml(document), document, notes};
}

}  // namespace ninefold::env::exports
