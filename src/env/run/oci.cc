// In: a plan. Out: the OCI runtime's config.json. The runtime gets no user namespace (the keeper's child
// already stands in it), no resources (cgroups are written by us) and no hooks.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "env/run/plan.h"

namespace ninefold::env::run {
namespace {

using Json = nlohmann::ordered_json;

Json mount(const std::string& to, const std::string& type, const std::string& from,
           const std::vector<std::string>& options) {
  return {{"destination", to}, {"type", type}, {"source", from}, {"options", options}};
}

}  // namespace

std::string stage_bind(std::size_t index) { return fmt::format("{}/bind/{}", kStage, index); }

std::string stage_layer(const Plan& plan) {
  return fmt::format("{}/{:08x}-{}", kStage, crc32c(plan.state), plan.name);
}

std::string oci_config(const Plan& plan, const std::string& seccomp) {
  const std::uint64_t shared = plan.limits.shared_memory ? plan.limits.shared_memory : 1u << 30;
  Json mounts = Json::array();
  mounts.push_back(mount("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}));
  mounts.push_back(mount("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}));
  // Without gid=5 the terminal's owner is wrong and `ssh -t` is cut off.
  mounts.push_back(mount("/dev/pts", "devpts", "devpts",
                         {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}));
  mounts.push_back(mount("/dev/shm", "tmpfs", "shm",
                         {"nosuid", "noexec", "nodev", "mode=1777", fmt::format("size={}", shared)}));
  mounts.push_back(mount("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}));
  mounts.push_back(mount("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}));
  mounts.push_back(mount("/run", "tmpfs", "tmpfs", {"nosuid", "nodev", "mode=755", "size=65536k"}));
  for (std::size_t i = 0; i < plan.binds.size(); ++i)
    mounts.push_back(mount(plan.binds[i].to, "bind", stage_bind(i), {"rbind", "rprivate"}));
  mounts.push_back(mount("/run/secrets", "bind", std::string(kStage) + "/secrets", {"rbind", "rprivate"}));

  Json process = {{"terminal", false}, {"cwd", "/"}, {"noNewPrivileges", true}};
  process["user"] = {{"uid", kUser}, {"gid", kUser}, {"umask", 18}};
  process["args"] = Json::array({"/run/ninefold/boot/init"});
  process["env"] = plan.environment;
  for (const char* set : {"bounding", "effective", "inheritable", "permitted", "ambient"})
    process["capabilities"][set] = Json::array();

  Json linux;
  linux["namespaces"] = Json::array();
  for (const char* type : {"pid", "network", "ipc", "uts", "mount", "cgroup"})
    linux["namespaces"].push_back({{"type", type}});
  linux["maskedPaths"] = {"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
                          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
                          "/sys/fs/selinux", "/sys/dev/block"};
  linux["readonlyPaths"] = {"/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                            "/proc/sysrq-trigger"};
  linux["seccomp"] = Json::parse(seccomp);

  Json config = {{"ociVersion", "1.0.2"}, {"hostname", plan.name}};
  config["root"] = {{"path", std::string(kStage) + "/root"}, {"readonly", false}};
  config["process"] = process;
  config["mounts"] = mounts;
  config["linux"] = linux;
  return config.dump(1);
}

}  // namespace ninefold::env::run
