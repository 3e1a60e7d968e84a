// In: /proc, /sys, /etc, a caller. Out: what the doctor asks of a machine beyond what planning asks.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "base/fd.h"
#include "base/text.h"
#include "env/doctor/gather.h"
#include "env/doctor/reach.h"
#include "env/run/proxy.h"

namespace ninefold::env::doctor {
namespace fs = std::filesystem;
namespace {

constexpr int kPatience = 2000;  // milliseconds for a name server or a proxy to answer

std::string text_of(const std::string& path) {
  Result<std::string> text = read_file("doctor", path);
  return text ? std::string(strip(text.value())) : std::string();
}

// The line "NAME: 123 kB" of /proc/meminfo, in bytes.
std::uint64_t kilobytes(const std::string& meminfo, const std::string& name) {
  for (const std::string_view line : split(meminfo, '\n'))
    if (line.rfind(name + ":", 0) == 0) return std::strtoull(std::string(line.substr(name.size() + 1)).c_str(), nullptr, 10) * 1024;
  return 0;
}

// Asks for the name servers of the root: every resolver answers that somehow, and any answer will do.
bool name_server_answers(const std::string& address) {
  sockaddr_storage to{};
  const std::string bare = address.substr(0, address.find('%'));
  if (!run::literal_address(bare, 53, to)) return false;
  const Fd socket(::socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const socklen_t size = to.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  const unsigned char question[] = {0x39, 0x46, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};
  for (int tries = 0; tries < 2; ++tries) {
    if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), size) != 0 ||
        ::send(socket.get(), question, sizeof question, MSG_NOSIGNAL) < 0)
      return false;
    pollfd waiting{socket.get(), POLLIN, 0};
    unsigned char answer[512];
    if (::poll(&waiting, 1, kPatience / 2) == 1 && ::recv(socket.get(), answer, sizeof answer, 0) >= 12 && answer[0] == 0x39) return true;
  }
  return false;
}

std::vector<Nameserver> nameservers(const std::string& root) {
  std::vector<Nameserver> list;
  const std::string text = text_of(root + "/etc/resolv.conf");
  for (const std::string_view line : split(text, '\n')) {
    if (line.rfind("nameserver", 0) != 0 || line.size() < 12) continue;
    Nameserver one{std::string(strip(line.substr(10)))};
    one.address = one.address.substr(0, one.address.find_first_of(" \t#"));
    if (root.empty()) one.answers = name_server_answers(one.address);
    list.push_back(one);
  }
  return list;
}

// Nothing is asked of the proxy: that something takes a connection is what can be known without its password.
Proxy proxy_facts(const std::string& variable, const std::string& given) {
  const Result<run::ProxyServer> server = run::parse_proxy(given);
  if (!server) return {variable, given, "it is no address of a proxy, as http://HOST:PORT"};
  switch (reach(server.value().host, server.value().port, kPatience)) {
    case Reached::yes: return {variable, run::shown(server.value()), ""};
    case Reached::unknown_host: return {variable, run::shown(server.value()), "no such host is known"};
    case Reached::refused: return {variable, run::shown(server.value()), "nothing listens there"};
    case Reached::silent: break;
  }
  return {variable, run::shown(server.value()), "it does not answer"};
}

// Written in the past, whatever the clock says: the command itself, and the machine's own records of packages and boots.
void note_youngest(Machine& machine, const std::string& root) {
  for (const char* path : {"/proc/self/exe", "/var/lib/dpkg/status", "/etc/machine-id", "/var/log/wtmp"}) {
    struct stat status {};
    if (::stat((root + path).c_str(), &status) != 0 || status.st_mtime <= machine.young) continue;
    machine.young = status.st_mtime;
    machine.young_file = std::string(path) == "/proc/self/exe" ? machine.command : path;
  }
}

// newuidmap needs root's right to write id maps: by its mode or by its capability.
std::string newuidmap_fault(const std::string& path) {
  struct stat status {};
  if (path.empty() || ::stat(path.c_str(), &status) != 0) return {};
  char capability[64];
  const bool able = ::getxattr(path.c_str(), "security.capability", capability, sizeof capability) > 0;
  if (able || (status.st_uid == 0 && (status.st_mode & S_ISUID))) return {};
  return fmt::format("mode {:04o} of user {}, without the set-user-id bit and without a capability", status.st_mode & 07777, status.st_uid);
}

std::uint32_t first_free_subids(const std::string& root) {
  std::uint64_t next = 100000;
  for (const char* file : {"/etc/subuid", "/etc/subgid"}) {
    const std::string text = text_of(root + file);
    for (const std::string_view line : split(text, '\n')) {
      const std::vector<std::string_view> fields = split(strip(line), ':');
      if (fields.size() != 3) continue;
      const std::uint64_t first = std::strtoull(std::string(fields[1]).c_str(), nullptr, 10);
      const std::uint64_t end = first + std::strtoull(std::string(fields[2]).c_str(), nullptr, 10);
      if (end < 4000000000u) next = std::max(next, end);
    }
  }
  return static_cast<std::uint32_t>(next);
}

}  // namespace

Machine machine_facts(const run::Facts& caller, const std::string& root) {
  Machine machine;
  std::error_code ignored;
  machine.command = fs::read_symlink("/proc/self/exe", ignored);
  for (const char* name : {"user/max_user_namespaces", "kernel/unprivileged_userns_clone", "kernel/apparmor_restrict_unprivileged_userns",
                           "user/max_mnt_namespaces", "user/max_net_namespaces", "fs/inotify/max_user_instances",
                           "fs/inotify/max_user_watches", "net/ipv4/ip_unprivileged_port_start"}) {
    std::string dotted = name;
    std::replace(dotted.begin(), dotted.end(), '/', '.');
    if (const std::string value = text_of(root + "/proc/sys/" + name); !value.empty()) machine.settings[dotted] = value;
  }
  const std::string meminfo = text_of(root + "/proc/meminfo");
  machine.memory = kilobytes(meminfo, "MemTotal");
  machine.available = kilobytes(meminfo, "MemAvailable");
  machine.now = std::time(nullptr);
  note_youngest(machine, root);
  machine.newuidmap_fault = newuidmap_fault(caller.newuidmap);
  machine.tun_node = fs::exists(root + "/dev/net/tun");
  machine.nameservers = nameservers(root);
  if (root.empty())
    for (const auto& [name, address] : caller.proxies)
      if (name != "no" && !address.empty()) machine.proxies.push_back(proxy_facts(name + "_proxy", address));
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) machine.open_files = files.rlim_cur;
  machine.systemd_user = fs::exists(fmt::format("{}/run/user/{}/systemd", root, caller.uid));
  machine.linger = fs::exists(root + "/var/lib/systemd/linger/" + caller.user);
  machine.free_subids = first_free_subids(root);
  return machine;
}

std::optional<Holder> holder_of(int port, const std::string& root) {
  std::string inode;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const std::string text = text_of(root + table);
    for (const std::string_view line : split(text, '\n')) {
      std::vector<std::string> fields;
      for (const std::string_view field : split(strip(line), ' '))
        if (!field.empty()) fields.emplace_back(field);
      if (fields.size() < 10 || fields[3] != "0A") continue;  // 0A: listens
      const std::string& local = fields[1];
      const std::string address = local.substr(0, local.find(':'));
      const bool here = address == "0100007F" || address.find_first_not_of('0') == std::string::npos || address == "00000000000000000000000001000000";
      if (here && std::strtol(local.c_str() + local.find(':') + 1, nullptr, 16) == port) inode = fields[9];
    }
  }
  if (inode.empty()) return {};
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator(root + "/proc", ignored)) {
    const std::string pid = process.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code closed;
    for (const auto& descriptor : fs::directory_iterator(process.path() / "fd", closed))
      if (fs::read_symlink(descriptor, closed) == "socket:[" + inode + "]")
        return Holder{text_of(process.path() / "comm"), std::atoi(pid.c_str())};
  }
  return Holder{"another user's process", 0};
}

int free_port(int above) {
  int port = above + 1;
  while (port < 65535 && holder_of(port)) ++port;
  return port;
}

std::string rule_against(const std::string& ruleset, int port) {
  std::string table, chain;
  for (const std::string_view whole : split(ruleset, '\n')) {
    const std::string line(strip(whole));
    const std::size_t handle = line.rfind("# handle ");
    if (line.rfind("table ", 0) == 0) table = line.substr(6, line.find(" {") - 6);
    if (line.rfind("chain ", 0) == 0) chain = line.substr(6, line.find(" {") - 6);
    const bool ends = line.find(" drop") != std::string::npos || line.find(" reject") != std::string::npos;
    const bool names = line.find(fmt::format("tcp dport {} ", port)) != std::string::npos;
    if (ends && names && handle != std::string::npos) return fmt::format("{} {} handle {}", table, chain, line.substr(handle + 9));
  }
  return {};
}

}  // namespace ninefold::env::doctor
