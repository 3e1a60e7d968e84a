// In: a name. Out: getaddrinfo's answer through a pipe.
#include "env/supervise/names.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <nss.h>
#include <resolv.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace ninefold::env::supervise {
namespace {

constexpr std::size_t kMost = 16;  // addresses of one name that are tried

struct Said {
  int problem = 0;  // of getaddrinfo
  std::uint32_t count = 0;
  sockaddr_storage addresses[kMost] = {};
};

// The file's own name servers instead of this machine's; the C library obeys a changed _res.
void use_servers(const run::Outgoing& outgoing) {
  if (outgoing.name_servers.empty() && outgoing.search.empty()) return;
  if (::res_init() != 0) return;
  if (!outgoing.name_servers.empty()) {
    ::__nss_configure_lookup("hosts", "files dns");
    int count = 0;
    for (const std::string& server : outgoing.name_servers) {
      sockaddr_storage address{};
      if (count == MAXNS || !run::literal_address(server, 53, address)) continue;
      if (address.ss_family == AF_INET) {
        std::memcpy(&_res.nsaddr_list[count], &address, sizeof(sockaddr_in));
      } else {
        _res.nsaddr_list[count].sin_family = 0;
        auto* six = static_cast<sockaddr_in6*>(std::malloc(sizeof(sockaddr_in6)));
        if (!six) continue;
        std::memcpy(six, &address, sizeof *six);
        _res._u._ext.nsaddrs[count] = six;
      }
      ++count;
    }
    _res.nscount = count;
  }
  std::size_t used = 0;
  int domains = 0;
  for (const std::string& domain : outgoing.search) {
    if (domains == MAXDNSRCH || used + domain.size() + 1 > sizeof _res.defdname) break;
    std::memcpy(_res.defdname + used, domain.c_str(), domain.size() + 1);
    _res.dnsrch[domains++] = _res.defdname + used;
    used += domain.size() + 1;
  }
  if (domains) _res.dnsrch[domains] = nullptr;
}

[[noreturn]] void answer(const run::Endpoint& target, const run::Outgoing& outgoing, int pipe) {
  use_servers(outgoing);
  addrinfo hints{}, *list = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  Said said;
  said.problem = ::getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &list);
  if (said.problem == 0)
    for (const addrinfo* one = list; one && said.count < kMost; one = one->ai_next)
      std::memcpy(&said.addresses[said.count++], one->ai_addr, one->ai_addrlen);
  ::_exit(::write(pipe, &said, sizeof said) == sizeof said ? 0 : 1);
}

}  // namespace

Result<Lookup> look_up(const run::Endpoint& target, const run::Outgoing& outgoing) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, "make a pipe");
  Lookup lookup;
  lookup.answer = Fd(ends[0]);
  const Fd write_end(ends[1]);
  lookup.pid = ::fork();
  if (lookup.pid < 0) return errno_error(errno, "start a process");
  if (lookup.pid > 0) return lookup;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto kept = static_cast<unsigned>(write_end.get());
  if (kept > 3) ::close_range(3, kept - 1, 0);
  ::close_range(kept + 1, ~0u, 0);
  answer(target, outgoing, write_end.get());
}

Result<std::vector<sockaddr_storage>> addresses_of(const Lookup& lookup, const std::string& host) {
  Said said;
  if (::read(lookup.answer.get(), &said, sizeof said) != sizeof said)
    return Error(Code::unavailable, fmt::format("the look-up of {} ended without an answer", host));
  if (said.problem == EAI_AGAIN)
    return Error(Code::unavailable, fmt::format("no name server answers for {}; look at this machine's network", host));
  if (said.problem != 0 || said.count == 0)
    return Error(Code::not_found, fmt::format("no such host: {}", host));
  return std::vector<sockaddr_storage>(said.addresses, said.addresses + std::min<std::size_t>(said.count, kMost));
}

}  // namespace ninefold::env::supervise
