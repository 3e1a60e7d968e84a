// In: a plan. Out: the words by which podman or docker makes its container; pure. Mounts, limits and the filter of system
// calls are the plan's; `none` is the network, since the keeper joins it itself.
#include <fmt/format.h>

#include "base/hash.h"
#include "env/run/backend.h"

namespace ninefold::env::run {
namespace {

using Words = std::vector<std::string>;

void add(Words& words, const std::string& name, const std::string& value) { words.push_back(name), words.push_back(value); }

// Podman maps ids as the plan does, upon the tree itself.
void podman_only(const Plan& plan, Words& words) {
  words.insert(words.end(), {"--unsetenv-all", "--systemd=false", "--no-hosts", "--http-proxy=false", "--log-driver", "k8s-file", "--log-opt",
                             "path=" + plan.state + "/first.log"});
  if (plan.ids.keeps_caller) return add(words, "--userns", "keep-id:uid=1000,gid=1000");  // podman's own ranges, in the order of ours
  for (const image::IdRange& range : plan.ids.map.uids) add(words, "--uidmap", fmt::format("{}:{}:{}", range.inside, range.outside, range.count));
  for (const image::IdRange& range : plan.ids.map.gids) add(words, "--gidmap", fmt::format("{}:{}:{}", range.inside, range.outside, range.count));
}

// Docker maps none: the user inside has the number of the caller, in the image's copy, too.
void docker_only(const Plan& plan, Words& words) {
  words.insert(words.end(), {"--init=false", "--log-driver", "json-file", "--log-opt", "max-size=1m", "--entrypoint", "/run/ninefold/boot/init"});
  for (const std::uint32_t group : plan.ids.groups) add(words, "--group-add", std::to_string(group));
}

std::string mount(const Plan& plan, const std::string& from, const std::string& to, bool read_only) {
  const char* only = plan.backend == "docker" ? ",readonly" : ",ro=true";
  return fmt::format("type=bind,source={},destination={},bind-propagation=rprivate{}", from, to, read_only ? only : "");
}

}  // namespace

std::string backend_name(const Plan& plan) { return fmt::format("ninefold-{}-{:08x}", plan.name, crc32c(plan.state)); }

bool of_store(const Plan& plan) { return plan.image.rfind("sha256:", 0) == 0; }

std::string backend_image(const Plan& plan) {
  const std::string what = of_store(plan) ? plan.image.substr(7, 16) : fmt::format("tree-{:08x}", crc32c(plan.tree));
  return fmt::format("{}:{}-{}-{}", backend_name(plan), what, plan.ids.user, plan.ids.group);
}

Words backend_words(const Plan& plan, const std::string& secrets) {
  const bool docker = plan.backend == "docker";
  const auto inside = [&](std::uint32_t id) { return docker ? id : kUser; };
  Words words = {"create", "--name", backend_name(plan), "--label", "ninefold.environment=" + plan.name, "--hostname", plan.name,
                 "--network", "none", "--user", fmt::format("{}:{}", inside(plan.ids.user), inside(plan.ids.group)), "--cap-drop", "ALL",
                 "--security-opt", "no-new-privileges", "--security-opt", "seccomp=" + plan.state + "/boot/seccomp.json", "--cgroupns", "private",
                 "--tmpfs", "/run:rw,nosuid,nodev,mode=755,size=64m", "--workdir", "/"};
  docker ? docker_only(plan, words) : podman_only(plan, words);
  const Limits& limits = plan.limits;
  add(words, "--shm-size", fmt::format("{}b", limits.shared_memory ? limits.shared_memory : 1u << 30));
  if (plan.cgroups.memory == Strength::hard) add(words, "--memory", fmt::format("{}b", limits.memory)), add(words, "--memory-swap", fmt::format("{}b", limits.memory));
  if (plan.cgroups.cpus == Strength::hard) add(words, "--cpus", fmt::format("{}", limits.cpus));
  if (plan.cgroups.processes == Strength::hard) add(words, "--pids-limit", std::to_string(limits.processes));
  for (const std::string& variable : plan.environment) add(words, "--env", variable);
  for (const Bind& bind : plan.binds) {
    const bool node = bind.driver && bind.to.rfind("/dev/", 0) == 0;
    if (node && (docker || bind.from == bind.to)) add(words, "--device", bind.from + ":" + bind.to + ":rw");  // its rights in the devices' cgroup, too
    else add(words, "--mount", mount(plan, bind.from, bind.to, bind.read_only) + (node ? ",dev=true" : ""));
  }
  add(words, "--mount", mount(plan, secrets, "/run/secrets", true));
  if (docker) words.push_back(backend_image(plan));
  else words.insert(words.end(), {"--rootfs", plan.tree + ":O", "/run/ninefold/boot/init"});
  return words;
}

}  // namespace ninefold::env::run
