// In: a machine and a caller. Out: what keeps environments from running on it, or from running well.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <ctime>

#include "env/doctor/finding.h"
#include "env/run/ids.h"

namespace ninefold::env::doctor {
namespace {

bool setting_is(const Facts& f, const std::string& name, const std::string& value) {
  const auto found = f.machine.settings.find(name);
  return found != f.machine.settings.end() && found->second == value;
}

std::uint64_t total(const std::vector<image::IdRange>& ranges) {
  std::uint64_t sum = 0;
  for (const image::IdRange& range : ranges) sum += range.count;
  return sum;
}
// root takes ids that nobody needs to give him.
bool needs_ids(const Facts& f) { return f.run.uid != 0; }

std::string day(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min);
}
std::string megabytes(std::uint64_t bytes) { return fmt::format("{} MB", bytes >> 20); }

// Linux' own defaults, below which programs that watch files fail: Visual Studio Code's server, `tail -f`.
struct Watching {
  const char* setting;
  int least, enough;
};
constexpr Watching kWatching[] = {{"fs.inotify.max_user_instances", 128, 512}, {"fs.inotify.max_user_watches", 8192, 524288}};

// Jupyter's server, TensorBoard and a kernel that has imported something take this much.
constexpr std::uint64_t kLittleMemory = 300ull << 20;

const Findings kMachine = {
    {.id = "user-namespaces-none",
     .severity = Severity::error,
     .says = "the kernel allows no user namespaces: user.max_user_namespaces is 0",
     .consequence = "no environment can start; the setting lasts until the next boot, a file below /etc/sysctl.d keeps it",
     .remedy = "{sudo}sysctl -w user.max_user_namespaces=63000",
     .probe = [](const Facts& f) { return when(setting_is(f, "user.max_user_namespaces", "0")); }},
    {.id = "user-namespaces-root-only",
     .severity = Severity::error,
     .says = "only root may make user namespaces: kernel.unprivileged_userns_clone is 0",
     .consequence = "{user} cannot start an environment; the setting lasts until the next boot",
     .remedy = "{sudo}sysctl -w kernel.unprivileged_userns_clone=1",
     .probe = [](const Facts& f) { return when(f.run.uid != 0 && setting_is(f, "kernel.unprivileged_userns_clone", "0")); }},
    {.id = "user-namespaces-apparmor",
     .severity = Severity::error,
     .says = "AppArmor lets only programs with a profile make user namespaces: kernel.apparmor_restrict_unprivileged_userns is 1, and "
             "{command} has none",
     .consequence = "{user} cannot start an environment",
     .remedy = "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile ninefold %s flags=(unconfined) {{\\n  userns,\\n}}\\n' "
               "{command} | {sudo}tee /etc/apparmor.d/ninefold && {sudo}apparmor_parser -r /etc/apparmor.d/ninefold",
     .probe = [](const Facts& f) {
       return when(f.run.uid != 0 && !f.run.user_namespaces && setting_is(f, "kernel.apparmor_restrict_unprivileged_userns", "1"),
                   {{"command", f.machine.command}});
     }},
    {.id = "mount-namespaces-none",
     .severity = Severity::error,
     .says = "the kernel allows no mount namespaces: user.max_mnt_namespaces is 0",
     .consequence = "no environment can start; the setting lasts until the next boot",
     .remedy = "{sudo}sysctl -w user.max_mnt_namespaces=63000",
     .probe = [](const Facts& f) { return when(setting_is(f, "user.max_mnt_namespaces", "0")); }},
    {.id = "network-namespaces-none",
     .severity = Severity::error,
     .says = "the kernel allows no network namespaces: user.max_net_namespaces is 0",
     .consequence = "no environment can start; the setting lasts until the next boot",
     .remedy = "{sudo}sysctl -w user.max_net_namespaces=63000",
     .probe = [](const Facts& f) { return when(setting_is(f, "user.max_net_namespaces", "0")); }},
    {.id = "subordinate-ids",
     .severity = Severity::error,
     .says = "/etc/subuid gives {user} {uids} ids and /etc/subgid {gids}; {needed} of each are needed",
     .consequence = "the users of an image have no ids to stand for them: {user} cannot start an environment",
     .remedy = "{sudo}usermod --add-subuids {range} --add-subgids {range} {user}",
     .probe = [](const Facts& f) {
       const std::uint64_t uids = total(f.run.subuids), gids = total(f.run.subgids), first = f.machine.free_subids;
       return when(needs_ids(f) && std::min(uids, gids) < run::kIds - 1,
                   {{"uids", std::to_string(uids)}, {"gids", std::to_string(gids)}, {"needed", std::to_string(run::kIds - 1)},
                    {"range", fmt::format("{}-{}", first, first + run::kIds - 1)}});
     }},
    {.id = "newuidmap-missing",
     .severity = Severity::error,
     .says = "the program newuidmap is not installed",
     .consequence = "{user} cannot use the subordinate ids that he has",
     .remedy = "{sudo}apt-get install -y --reinstall uidmap",
     .probe = [](const Facts& f) { return when(needs_ids(f) && f.run.newuidmap.empty()); }},
    {.id = "newuidmap-powerless",
     .severity = Severity::error,
     .says = "{path} may not write id maps: {fault}",
     .consequence = "{user} cannot use the subordinate ids that he has",
     .remedy = "{sudo}chmod u+s {path}",
     .probe = [](const Facts& f) {
       return when(needs_ids(f) && !f.machine.newuidmap_fault.empty(), {{"path", f.run.newuidmap}, {"fault", f.machine.newuidmap_fault}});
     }},
    {.id = "runc-missing",
     .severity = Severity::error,
     .says = "the program runc is not installed",
     .consequence = "no environment can start",
     .remedy = "{sudo}apt-get install -y --reinstall runc",
     .probe = [](const Facts& f) { return when(f.run.runc.empty()); }},
    {.id = "init-missing",
     .severity = Severity::error,
     .says = "ninefold-init lies neither beside the command nor in ../libexec/ninefold",
     .consequence = "no environment can start: it is their first process",
     .remedy = "python3 -m pip install --force-reinstall --no-deps ninefold",
     .probe = [](const Facts& f) { return when(f.run.init.empty()); }},
    {.id = "seccomp-missing",
     .severity = Severity::error,
     .says = "/usr/share/containers/seccomp.json is not there",
     .consequence = "no environment can start: it is the list of system calls that they may use",
     .remedy = "{sudo}apt-get install -y --reinstall golang-github-containers-common",
     .probe = [](const Facts& f) { return when(f.run.seccomp.empty()); }},
    {.id = "tun-missing",
     .severity = Severity::warning,
     .says = "/dev/net/tun is not there",
     .consequence = "environments reach the network through a proxy only, which not every program uses",
     .remedy = "{sudo}modprobe tun",
     .probe = [](const Facts& f) { return when(!f.machine.tun_node && !f.run.slirp.empty()); }},
    {.id = "tun-closed",
     .severity = Severity::warning,
     .says = "{why}",
     .consequence = "environments of {user} reach the network through a proxy only, which not every program uses",
     .remedy = "{sudo}chmod 0666 /dev/net/tun",
     .probe = [](const Facts& f) {
       return when(f.machine.tun_node && !f.run.slirp.empty() && !f.run.tun && f.run.why_no_tun.find("cannot be opened") != std::string::npos,
                   {{"why", f.run.why_no_tun}});
     }},
    {.id = "slirp-missing",
     .severity = Severity::warning,
     .says = "the program slirp4netns is not installed",
     .consequence = "environments reach the network through a proxy only, which not every program uses",
     .remedy = "{sudo}apt-get install -y --reinstall slirp4netns",
     .probe = [](const Facts& f) { return when(f.run.slirp.empty()); }},
    {.id = "clock-behind",
     .severity = Severity::error,
     .says = "the clock says {now}, and {file} was written on {then}",
     .consequence = "certificates and the archives' signatures are not valid yet: nothing can be locked, pulled or pushed",
     .remedy = "{sudo}date -u -s @{least} && {sudo}timedatectl set-ntp true",
     .probe = [](const Facts& f) {
       return when(f.machine.young > f.machine.now + 86400, {{"now", day(f.machine.now)}, {"then", day(f.machine.young)},
                                                             {"file", f.machine.young_file}, {"least", std::to_string(f.machine.young)}});
     }},
    {.id = "name-servers-none",
     .severity = Severity::error,
     .says = "/etc/resolv.conf names no server",
     .consequence = "no host is found by its name: nothing can be locked, pulled or pushed, and programs inside find no host either",
     .remedy = "echo 'nameserver 9.9.9.9' | {sudo}tee -a /etc/resolv.conf",
     .probe = [](const Facts& f) { return when(f.machine.nameservers.empty() && f.machine.proxies.empty()); }},
    {.id = "name-servers-silent",
     .severity = Severity::error,
     .says = "none of the servers of /etc/resolv.conf answers: {servers}",
     .consequence = "no host is found by its name: nothing can be locked, pulled or pushed, and programs inside find no host either",
     .remedy = "sed 's/^nameserver.*/nameserver 9.9.9.9/' /etc/resolv.conf | {sudo}tee /etc/resolv.conf.new && {sudo}cp /etc/resolv.conf.new /etc/resolv.conf",
     .probe = [](const Facts& f) {
       std::string servers;
       for (const Nameserver& one : f.machine.nameservers) servers += (servers.empty() ? "" : ", ") + one.address;
       const bool any = std::any_of(f.machine.nameservers.begin(), f.machine.nameservers.end(), [](const Nameserver& n) { return n.answers; });
       return when(!servers.empty() && !any && f.machine.proxies.empty(), {{"servers", servers}});
     }},
    {.id = "proxy-dead",
     .severity = Severity::error,
     .says = "the variable {variable} names {address}: {fault}",
     .consequence = "nothing can be locked, pulled or pushed, and environments hand this proxy on to their programs",
     .remedy = "unset {variable} {upper}",
     .probe = [](const Facts& f) {
       Places list;
       for (const Proxy& proxy : f.machine.proxies) {
         std::string upper = proxy.variable;
         std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
         if (!proxy.fault.empty()) list.push_back({{"variable", proxy.variable}, {"upper", upper}, {"address", proxy.address}, {"fault", proxy.fault}});
       }
       return list;
     }},
    {.id = "open-files-few",
     .severity = Severity::warning,
     .says = "a process of this shell may have {files} files open",
     .consequence = "data loaders with many workers and connections stop with \"Too many open files\"",
     .remedy = "ulimit -n 4096",
     .probe = [](const Facts& f) { return when(f.machine.open_files > 0 && f.machine.open_files < 1024, {{"files", std::to_string(f.machine.open_files)}}); }},
    {.id = "inotify-few",
     .severity = Severity::warning,
     .says = "{setting} is {value}",
     .consequence = "programs that watch files - editors' servers behind SSH, `tail -f` - stop with \"No space left on device\" or "
                    "\"Too many open files\"; the setting lasts until the next boot, a file below /etc/sysctl.d keeps it",
     .remedy = "{sudo}sysctl -w {setting}={enough}",
     .probe = [](const Facts& f) {
       Places list;
       for (const Watching& one : kWatching)
         if (const auto found = f.machine.settings.find(one.setting);
             found != f.machine.settings.end() && std::atoll(found->second.c_str()) < one.least)
           list.push_back({{"setting", one.setting}, {"value", found->second}, {"enough", std::to_string(one.enough)}});
       return list;
     }},
    {.id = "memory-short",
     .severity = Severity::warning,
     .says = "{available} of this machine's {memory} of memory are available",
     .consequence = "the kernel kills programs soon, whatever limits they have; the largest are listed",
     .remedy = "ps -eo rss,user,pid,args --sort=-rss | head -20",
     .probe = [](const Facts& f) {
       return when(f.machine.memory > 0 && f.machine.available < std::min(kLittleMemory, f.machine.memory / 20),
                   {{"available", megabytes(f.machine.available)}, {"memory", megabytes(f.machine.memory)}});
     }},
    {.id = "linger-off",
     .severity = Severity::warning,
     .says = "the system ends every process of {user} when he logs out: linger is off",
     .consequence = "environments in a systemd scope, and their jobs, end with the last login",
     .remedy = "{sudo}loginctl enable-linger {user}",
     .probe = [](const Facts& f) {
       return when(f.run.uid != 0 && f.machine.systemd_user && !f.machine.linger && f.run.cgroup_self.find("/user@") != std::string::npos);
     }},
    {.id = "memory-less-than-limit",
     .severity = Severity::warning,
     .says = "{file} sets limits.memory to {limit}, and the machine has {memory}",
     .consequence = "the limit never acts: the kernel kills for want of memory first, and may choose any process",
     .remedy = "sed -i 's/^memory *=.*/memory = \"{fits}m\"/' {file}",
     .probe = [](const Facts& f) {
       const std::uint64_t limit = f.project.spec ? f.project.spec->limits.memory : 0;
       return when(limit > f.machine.memory && f.machine.memory > 0,
                   {{"file", f.project.file}, {"limit", megabytes(limit)}, {"memory", megabytes(f.machine.memory)},
                    {"fits", std::to_string((f.machine.memory >> 20) * 3 / 4)}});
     }},
    {.id = "cpus-less-than-limit",
     .severity = Severity::warning,
     .says = "{file} sets limits.cpus to {limit}, and {user} may use {cpus}",
     .consequence = "programs that count the limit start more threads than can run",
     .remedy = "sed -i 's/^cpus *=.*/cpus = {cpus}/' {file}",
     .probe = [](const Facts& f) {
       const double limit = f.project.spec ? f.project.spec->limits.cpus : 0;
       return when(limit > f.run.processors, {{"file", f.project.file}, {"limit", fmt::format("{}", limit)}, {"cpus", std::to_string(f.run.processors)}});
     }},
};

}  // namespace

Findings machine_findings() { return kMachine; }

}  // namespace ninefold::env::doctor
