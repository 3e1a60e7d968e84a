// In: a plan, listeners. Out: the process that serves them. It stands outside, without root's rights;
// sockets of the inside come to it from inside.cc, and exchange.cc moves the bytes.
#include "env/supervise/connector.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "env/supervise/exchange.h"
#include "env/supervise/wire.h"

namespace ninefold::env::supervise {
namespace {

constexpr int kMostLinks = 4096;
constexpr int kSpare = 64;  // descriptors beside those of connections: listeners, look-ups, requests

// What this process inherited and must not keep open, the keeper's lock above all.
void close_others(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned from = 3;
  for (const int fd : kept) {
    if (fd < 3) continue;
    if (static_cast<unsigned>(fd) > from) ::close_range(from, static_cast<unsigned>(fd) - 1, 0);
    from = static_cast<unsigned>(fd) + 1;
  }
  ::close_range(from, ~0u, 0);
}

// As many connections as descriptors allow, two each.
int raise_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  const rlim_t want = 2 * kMostLinks + kSpare;
  if (limit.rlim_cur < want) {
    limit.rlim_cur = std::min(want, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  const rlim_t usable = std::min<rlim_t>(limit.rlim_cur, want);
  return usable < kSpare + 8 ? 4 : static_cast<int>((usable - kSpare) / 2);
}

Fd listen_address(const sockaddr_storage& address) {
  const bool six = address.ss_family == AF_INET6;
  Fd made(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (six) ::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), six ? sizeof(sockaddr_in6) : sizeof(sockaddr_in)) == 0 &&
      ::listen(made.get(), 512) == 0)
    return made;
  return Fd();
}

Error cannot_listen(int number, const std::string& address, const run::Port& port) {
  if (number == EADDRINUSE)
    return Error(Code::already_exists,
                 fmt::format("up: port {} ({}) is in use on this machine; choose another in your file, or see who has "
                             "it: ss -ltnp 'sport = :{}'", port.outside, port.service, port.outside));
  if (number == EADDRNOTAVAIL)
    return Error(Code::failed_precondition,
                 fmt::format("up: publish.address {} is not an address of this machine; ip address lists them", address));
  return errno_error(number, fmt::format("up: listen on {} port {} ({})", address, port.outside, port.service));
}

// The process's whole life. A word goes to `ready` once it serves: "ok", or why it cannot.
[[noreturn]] void serve(const std::vector<Listener>& listeners, Fd requests, const run::Plan& plan, pid_t first, Fd ready,
                        Terms terms) {
  const auto say = [&](const std::string& text) {
    if (::write(ready.get(), text.data(), text.size()) < 0) ::_exit(1);
    ready.close();
  };
  Result<Inside> inside = Inside::join(plan, first);
  if (!inside) {
    say(inside.error().message());
    ::_exit(1);
  }
  std::vector<int> kept = {requests.get(), ready.get(), inside.value().fd()};
  for (const Listener& listener : listeners) kept.push_back(listener.socket.get());
  close_others(kept);
  drop_rights(plan);
  terms.most = raise_limit();
  std::vector<Listener> within;
  const auto listen_within = [&](Listener::Leads leads, int port) {
    Listener made;
    made.leads = leads;
    made.port.outside = made.port.inside = port;
    made.socket = inside.value().listener(port);
    if (!made.socket) {
      say(fmt::format("connector: listen on port {} inside: {}", port, std::strerror(errno)));
      ::_exit(1);
    }
    within.push_back(std::move(made));
  };
  if (plan.outgoing.port) listen_within(Listener::Leads::proxy, plan.outgoing.port);
  for (const int port : plan.outgoing.host_ports) listen_within(Listener::Leads::host, port);
  std::vector<const Listener*> doors;
  for (const Listener& listener : listeners) doors.push_back(&listener);
  for (const Listener& listener : within) doors.push_back(&listener);
  say("ok");
  Exchange(std::move(doors), std::move(requests), inside.value(), std::move(terms)).run();
}

}  // namespace

Result<std::vector<Listener>> listen_on(const std::vector<run::Port>& ports) {
  std::vector<Listener> listeners;
  for (const run::Port& port : ports) {
    using Reach = Listener::Reach;
    // One socket where the address covers loopback too: two would be two owners of one port.
    const bool all_four = port.published == "0.0.0.0" || port.published == "::", all_six = port.published == "::";
    struct Place {
      std::string address;
      Reach reach;
      bool needed;  // without IPv6 on the machine, or where another program has that port there, IPv4 is enough
    };
    std::vector<Place> places = {{all_four ? "0.0.0.0" : "127.0.0.1", all_four ? Reach::everywhere : Reach::here, true},
                                 {all_six ? "::" : "::1", all_six ? Reach::everywhere : Reach::here, all_six}};
    if (!port.published.empty() && !all_four) places.push_back({port.published, Reach::others, true});
    for (const Place& place : places) {
      sockaddr_storage address{};
      run::literal_address(place.address, port.outside, address);
      Fd socket = listen_address(address);
      if (!socket && place.needed) return cannot_listen(errno, place.address, port);
      if (!socket) continue;
      Listener listener;
      listener.reach = place.reach;
      listener.socket = std::move(socket);
      listener.port = port;
      listeners.push_back(std::move(listener));
    }
  }
  return listeners;
}

Result<pid_t> start_connector(const std::vector<Listener>& listeners, const run::Plan& plan, pid_t first,
                              ssl_ctx_st* tls, const std::string& gate) {
  Fd requests(listen_at(plan.state, "connect"));
  if (!requests) return errno_error(errno, "connector: listen in " + plan.state);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, "connector: make a pipe");
  Fd read_end(ends[0]), write_end(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "connector: start a process");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, "ninefold-connec");
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGCHLD, SIG_IGN);  // look-ups end by themselves
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    Terms terms;
    terms.owner = ::geteuid() == 0 && plan.ids.root_files ? 0 : plan.ids.user;
    terms.outgoing = plan.outgoing;
    terms.tls = tls;
    terms.gate = gate;
    read_end.close();
    serve(listeners, std::move(requests), plan, first, std::move(write_end), std::move(terms));
  }
  write_end.close();
  pollfd watch{read_end.get(), POLLIN, 0};
  char text[512];
  const ssize_t got = ::poll(&watch, 1, 5000) > 0 ? ::read(read_end.get(), text, sizeof text) : -1;
  const std::string said(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  if (said == "ok") return pid;
  ::kill(pid, SIGKILL);
  return Error(Code::unavailable, said.empty() ? "connector: it ended before it served" : said);
}

Result<Fd> connect_inside(const std::string& folder, int port) {
  const Fd line(connect_to(folder, "connect"));
  if (!line) return errno_error(errno, "connect: reach the connector of " + folder);
  Fields answer;
  std::vector<int> descriptors;
  if (!send_message(line.get(), {{"port", std::to_string(port)}}) ||
      !receive_message(line.get(), answer, &descriptors) || descriptors.size() != 1)
    return Error(Code::unavailable, fmt::format("connect: port {} inside: {}", port,
                                                supervise::first(answer, "error", "the connector is gone")));
  return Fd(descriptors[0]);
}

Result<Load> load_of(const std::string& folder) {
  const Fd line(connect_to(folder, "connect"));
  if (!line) return errno_error(errno, "connect: reach the connector of " + folder);
  const timeval patience{1, 0};
  ::setsockopt(line.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  Fields answer;
  if (!send_message(line.get(), {{"op", "load"}}) || !receive_message(line.get(), answer))
    return Error(Code::unavailable, "connect: the connector of " + folder + " does not answer");
  return Load{std::atoi(supervise::first(answer, "open", "0").c_str()),
              std::atoi(supervise::first(answer, "most", "0").c_str())};
}

}  // namespace ninefold::env::supervise
