// In: the machine. Out: Facts; nothing is decided here.
#include "env/run/facts.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/fd.h"
#include "base/process.h"
#include "base/text.h"
#include "env/run/proxy.h"

namespace ninefold::env::run {
namespace {

std::string text_of(const std::string& path) {
  Result<std::string> text = read_file("up", path);
  return text ? text.value() : std::string();
}

std::string variable(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value && *value == '/' ? value : otherwise;  // a relative XDG path is to be ignored
}

// "name:start:count" or "uid:start:count".
std::vector<image::IdRange> ranges(const std::string& file, const std::string& user, std::uint32_t uid) {
  std::vector<image::IdRange> list;
  const std::string text = text_of(file);
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string_view> fields = split(strip(line), ':');
    if (fields.size() != 3 || (fields[0] != user && fields[0] != std::to_string(uid))) continue;
    image::IdRange range;
    range.outside = static_cast<std::uint32_t>(std::strtoul(std::string(fields[1]).c_str(), nullptr, 10));
    range.count = static_cast<std::uint32_t>(std::strtoul(std::string(fields[2]).c_str(), nullptr, 10));
    list.push_back(range);
  }
  return list;
}

std::vector<std::uint32_t> groups_of(const std::string& user, gid_t gid) {
  std::vector<gid_t> list(64);
  int count = static_cast<int>(list.size());
  if (::getgrouplist(user.c_str(), gid, list.data(), &count) < 0) {
    list.resize(static_cast<std::size_t>(count));
    ::getgrouplist(user.c_str(), gid, list.data(), &count);
  }
  list.resize(static_cast<std::size_t>(std::max(count, 0)));
  return {list.begin(), list.end()};
}

void try_user_namespace(Facts& facts) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(::unshare(CLONE_NEWUSER) == 0 ? 0 : errno);
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid || status == 0) return;
  facts.user_namespaces = false;
  const int number = WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
  facts.why_no_user_namespaces = std::string(std::strerror(number)) +
                                 (number == ENOSPC ? "; raise /proc/sys/user/max_user_namespaces"
                                                   : "; see kernel.unprivileged_userns_clone or, on Ubuntu, "
                                                     "kernel.apparmor_restrict_unprivileged_userns");
}

// The kernel chooses a road when a datagram socket is connected; nothing is sent. The address is the documents' own.
bool reaches_ipv6() {
  const Fd probe(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_storage address{};
  return probe && literal_address("2001:db8::1", 9, address) &&
         ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(sockaddr_in6)) == 0;
}

// Does what slirp4netns will do, in a network that nobody else has: only a device that was made is one.
void try_tun(Facts& facts) {
  constexpr int kOpen = 100;  // added to errno: it was the device that did not open
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::unshare(CLONE_NEWNET | (facts.uid == 0 ? 0 : CLONE_NEWUSER)) != 0) ::_exit(errno);
    const int device = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (device < 0) ::_exit(kOpen + errno);
    ifreq request{};
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    std::strcpy(request.ifr_name, "tap0");
    ::_exit(::ioctl(device, TUNSETIFF, &request) == 0 ? 0 : errno);
  }
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
    facts.why_no_tun = "/dev/net/tun could not be tried";
    return;
  }
  const int number = WEXITSTATUS(status);
  facts.tun = number == 0;
  if (number >= kOpen) facts.why_no_tun = std::string("/dev/net/tun cannot be opened: ") + std::strerror(number - kOpen);
  else if (number != 0) facts.why_no_tun = std::string("no network device can be made: ") + std::strerror(number);
}

// http_proxy before HTTP_PROXY, as most programs have it.
std::string proxy_variable(const std::string& name) {
  std::string lower = name + "_proxy", upper = lower;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string& one : {lower, upper})
    if (const char* value = std::getenv(one.c_str()); value && *value) return value;
  return {};
}

Path look_at(const std::string& path) {
  struct stat status {};
  Path found;
  if (::stat(path.c_str(), &status) != 0) {
    found.exists = errno == EACCES;  // something above it is closed to us
    return found;
  }
  found.exists = true;
  found.folder = S_ISDIR(status.st_mode);
  found.readable = ::access(path.c_str(), found.folder ? R_OK | X_OK : R_OK) == 0;
  found.uid = status.st_uid;
  found.gid = status.st_gid;
  found.mode = status.st_mode & 07777;
  return found;
}

// Beside the command, as a build tree and an installation have it.
std::string init_program() {
  if (const char* given = std::getenv("NINEFOLD_INIT")) return given;
  std::error_code ignored;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const std::filesystem::path& place : {self / "ninefold-init", self / "../libexec/ninefold/ninefold-init"})
    if (std::filesystem::exists(place, ignored)) return std::filesystem::canonical(place, ignored);
  return {};
}

void ownership(Facts& facts, const std::string& folder) {
  struct stat status {};
  if (!folder.empty() && ::stat(folder.c_str(), &status) == 0) {
    facts.owner_uid = status.st_uid;
    facts.owner_gid = status.st_gid;
  }
  const char* sudo_uid = std::getenv("SUDO_UID");
  const char* sudo_gid = std::getenv("SUDO_GID");
  if (sudo_uid && sudo_gid && facts.uid == 0) {
    facts.owner_uid = static_cast<std::uint32_t>(std::strtoul(sudo_uid, nullptr, 10));
    facts.owner_gid = static_cast<std::uint32_t>(std::strtoul(sudo_gid, nullptr, 10));
  }
  if (const passwd* owner = ::getpwuid(facts.owner_uid))
    facts.owner_groups = groups_of(owner->pw_name, facts.owner_gid);
  // Group 0 would read what only root may.
  std::erase(facts.owner_groups, 0u);
}

}  // namespace

Facts look_around(const Spec& spec) {
  Facts facts;
  facts.uid = ::geteuid();
  facts.gid = ::getegid();
  facts.home = variable("HOME", "/");
  if (const passwd* me = ::getpwuid(facts.uid)) {
    facts.user = me->pw_name;
    if (facts.home == "/") facts.home = me->pw_dir;
  } else {
    facts.user = std::to_string(facts.uid);
  }
  gid_t groups[256];
  const int count = ::getgroups(256, groups);
  for (int i = 0; i < count; ++i) facts.groups.push_back(groups[i]);
  ownership(facts, spec.folder);
  facts.subuids = ranges("/etc/subuid", facts.user, facts.uid);
  facts.subgids = ranges("/etc/subgid", facts.user, facts.uid);
  facts.state_home = variable("XDG_STATE_HOME", facts.home + "/.local/state");
  facts.data_home = variable("XDG_DATA_HOME", facts.home + "/.local/share");
  facts.boot_id = std::string(strip(text_of("/proc/sys/kernel/random/boot_id")));
  facts.runc = find_program("runc");
  facts.slirp = find_program("slirp4netns");
  facts.newuidmap = find_program("newuidmap");
  facts.podman = find_program("podman");
  facts.docker = find_program("docker");
  facts.init = init_program();
  if (facts.uid != 0) try_user_namespace(facts);
  try_tun(facts);
  facts.ipv6 = reaches_ipv6();
  for (const char* name : {"http", "https", "all", "no"}) facts.proxies[name] = proxy_variable(name);
  cpu_set_t cpus;
  if (::sched_getaffinity(0, sizeof cpus, &cpus) == 0) facts.processors = CPU_COUNT(&cpus);
  facts.gpu = look_at_gpus();
  facts.seccomp = text_of("/usr/share/containers/seccomp.json");
  facts.cgroup_self = text_of("/proc/self/cgroup");
  facts.mountinfo = text_of("/proc/self/mountinfo");
  facts.writable = [](const std::string& path) { return ::access(path.c_str(), W_OK) == 0; };
  facts.read = [](const std::string& path) { return text_of(path); };
  for (const Mount& mount : spec.mounts) facts.paths[mount.from] = look_at(mount.from);
  if (spec.ssh) {
    for (const std::string& file : spec.ssh->authorized_keys) facts.paths[file] = look_at(file);
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(facts.home + "/.ssh", ignored))
      if (entry.path().extension() == ".pub") facts.own_keys.push_back(entry.path());
    std::sort(facts.own_keys.begin(), facts.own_keys.end());
    for (const std::string& file : facts.own_keys) facts.paths[file] = look_at(file);
  }
  return facts;
}

std::string state_folder(const Facts& facts, const std::string& name) {
  return facts.state_home + "/ninefold/environments/" + name;
}

std::string volume_folder(const Facts& facts, const std::string& environment, const std::string& volume) {
  return facts.data_home + "/ninefold/volumes/" + environment + "/" + volume;
}

}  // namespace ninefold::env::run
