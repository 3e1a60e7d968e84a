// In: connections on loopback. Out: bytes to and from the environment, one thread, one epoll.
// A socket belongs to the network in which it was made: listeners were made outside, and what this
// process makes after setns() is inside.
#include "env/supervise/connector.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <list>
#include <memory>
#include <optional>

#include "env/supervise/wire.h"

namespace ninefold::env::supervise {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;

struct Half {  // bytes on their way from one socket to the other
  std::string pending;
  bool ended = false;   // the source has sent all
  bool closed = false;  // and the target was told
};

struct Pair {
  Fd outside, inside;
  Half in, out;  // in: outside -> inside
  bool connected = false;
  bool dead = false;
};

// The user on the other end of a loopback connection, as the kernel knows him.
class Peers {
 public:
  Peers() : socket_(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {}
  std::optional<std::uint32_t> user_of(int connection) const;

 private:
  Fd socket_;
};

std::optional<std::uint32_t> Peers::user_of(int connection) const {
  sockaddr_storage local{}, remote{};
  socklen_t size = sizeof local;
  if (::getsockname(connection, reinterpret_cast<sockaddr*>(&local), &size) != 0) return {};
  size = sizeof remote;
  if (::getpeername(connection, reinterpret_cast<sockaddr*>(&remote), &size) != 0) return {};
  struct {
    nlmsghdr head;
    inet_diag_req_v2 body;
  } request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.head.nlmsg_flags = NLM_F_REQUEST;
  request.body.sdiag_family = static_cast<std::uint8_t>(local.ss_family);
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = ~0u;
  request.body.id.idiag_cookie[0] = request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  // The peer's own socket has our addresses the other way round.
  const auto fill = [&](const sockaddr_storage& from, __be16& port, __be32* address) {
    if (from.ss_family == AF_INET) {
      const auto& a = reinterpret_cast<const sockaddr_in&>(from);
      port = a.sin_port;
      std::memcpy(address, &a.sin_addr, 4);
    } else {
      const auto& a = reinterpret_cast<const sockaddr_in6&>(from);
      port = a.sin6_port;
      std::memcpy(address, &a.sin6_addr, 16);
    }
  };
  fill(remote, request.body.id.idiag_sport, request.body.id.idiag_src);
  fill(local, request.body.id.idiag_dport, request.body.id.idiag_dst);
  if (::send(socket_.get(), &request, sizeof request, 0) < 0) return {};
  alignas(nlmsghdr) char answer[4096];
  const ssize_t got = ::recv(socket_.get(), answer, sizeof answer, 0);
  const auto* head = reinterpret_cast<const nlmsghdr*>(answer);
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg))) ||
      head->nlmsg_type != SOCK_DIAG_BY_FAMILY)
    return {};
  return reinterpret_cast<const inet_diag_msg*>(NLMSG_DATA(head))->idiag_uid;
}

Fd dial(int port, bool blocking) {
  Fd made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK), 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS)
    return Fd();
  return made;
}

class Connector {
 public:
  Connector(const std::vector<Listener>& listeners, Fd requests, std::uint32_t owner, Peers peers)
      : listeners_(listeners), requests_(std::move(requests)), owner_(owner), peers_(std::move(peers)) {}
  [[noreturn]] void run();

 private:
  void accept(const Listener& listener);
  void request();
  void move(Pair& pair);
  bool pump(int from, int to, Half& half, bool readable_source);
  void watch(Pair& pair);

  const std::vector<Listener>& listeners_;
  Fd requests_;
  std::uint32_t owner_;
  Peers peers_;
  Fd epoll_;
  std::list<Pair> pairs_;
};

void Connector::accept(const Listener& listener) {
  Fd outside(::accept4(listener.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!outside) {
    if (errno == EMFILE || errno == ENFILE) ::usleep(10000);
    return;
  }
  if (listener.port.owner_only) {
    const std::optional<std::uint32_t> user = peers_.user_of(outside.get());
    if (!user || (*user != owner_ && *user != 0)) return;  // somebody else on this machine
  }
  Fd inside = dial(listener.port.inside, false);
  if (!inside) return;
  const int yes = 1;
  for (const int fd : {outside.get(), inside.get()})
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  pairs_.push_back({});
  Pair& pair = pairs_.back();
  pair.outside = std::move(outside);
  pair.inside = std::move(inside);
  for (const int fd : {pair.outside.get(), pair.inside.get()}) {
    epoll_event event{};
    event.data.ptr = &pair;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) pair.dead = true;
  }
  watch(pair);
}

// Interest follows the buffers: a full one stops its source, so that neither side is outrun.
void Connector::watch(Pair& pair) {
  const auto set = [&](int fd, const Half& from, const Half& to, bool writable) {
    epoll_event event{};
    event.data.ptr = &pair;
    if (!from.ended && from.pending.size() < kBuffer && pair.connected) event.events |= EPOLLIN;
    if (!to.pending.empty() || writable) event.events |= EPOLLOUT;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
  };
  set(pair.outside.get(), pair.in, pair.out, false);
  set(pair.inside.get(), pair.out, pair.in, !pair.connected);
}

// False when the connection is broken.
bool Connector::pump(int from, int to, Half& half, bool) {
  while (!half.ended && half.pending.size() < kBuffer) {
    char piece[16384];
    const ssize_t got = ::recv(from, piece, sizeof piece, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got < 0) return false;
    if (got == 0) half.ended = true;
    else half.pending.append(piece, static_cast<std::size_t>(got));
  }
  while (!half.pending.empty()) {
    const ssize_t sent = ::send(to, half.pending.data(), half.pending.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (sent < 0) return false;
    half.pending.erase(0, static_cast<std::size_t>(sent));
  }
  if (half.ended && half.pending.empty() && !half.closed) {
    half.closed = true;
    ::shutdown(to, SHUT_WR);
  }
  return true;
}

void Connector::move(Pair& pair) {
  if (!pair.connected) {
    int problem = 0;
    socklen_t size = sizeof problem;
    ::getsockopt(pair.inside.get(), SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem != 0) {
      pair.dead = true;  // nothing listens inside yet
      return;
    }
    sockaddr_storage peer{};
    size = sizeof peer;
    if (::getpeername(pair.inside.get(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return;
    pair.connected = true;
  }
  const bool whole = pump(pair.outside.get(), pair.inside.get(), pair.in, true) &&
                     pump(pair.inside.get(), pair.outside.get(), pair.out, true);
  pair.dead = !whole || (pair.in.closed && pair.out.closed);
}

void Connector::request() {
  const Fd caller(::accept4(requests_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const timeval patience{1, 0};
  ::setsockopt(caller.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  Fields fields;
  if (!caller || !receive_message(caller.get(), fields)) return;
  const Fd inside = dial(std::atoi(first(fields, "port", "0").c_str()), true);
  if (inside) send_message(caller.get(), {{"state", "connected"}}, {inside.get()});
  else send_message(caller.get(), {{"error", std::strerror(errno)}});
}

void Connector::run() {
  epoll_ = Fd(::epoll_create1(EPOLL_CLOEXEC));
  const auto add = [&](int fd, void* mark) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = mark;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  };
  for (const Listener& listener : listeners_)
    add(listener.socket.get(), const_cast<Listener*>(&listener));
  add(requests_.get(), this);
  for (;;) {
    epoll_event events[64];
    const int count = ::epoll_wait(epoll_.get(), events, 64, -1);
    for (int i = 0; i < count; ++i) {
      void* mark = events[i].data.ptr;
      if (mark == this) {
        request();
        continue;
      }
      const Listener* listener = nullptr;
      for (const Listener& known : listeners_)
        if (mark == &known) listener = &known;
      if (listener) {
        accept(*listener);
        continue;
      }
      Pair& pair = *static_cast<Pair*>(mark);
      if (pair.dead) continue;
      const bool broken = events[i].events & (EPOLLERR | EPOLLHUP) && pair.in.ended && pair.out.ended;
      move(pair);
      if (broken) pair.dead = true;
      if (!pair.dead) watch(pair);
    }
    pairs_.remove_if([](const Pair& pair) { return pair.dead; });
  }
}

// What this process inherited and must not keep open, the keeper's lock above all.
void close_others(const std::vector<Listener>& listeners, std::vector<int> kept) {
  for (const Listener& listener : listeners) kept.push_back(listener.socket.get());
  std::sort(kept.begin(), kept.end());
  unsigned from = 3;
  for (const int fd : kept) {
    if (fd < 3) continue;
    if (static_cast<unsigned>(fd) > from) ::close_range(from, static_cast<unsigned>(fd) - 1, 0);
    from = static_cast<unsigned>(fd) + 1;
  }
  ::close_range(from, ~0u, 0);
}

Fd listen_address(const sockaddr* address, socklen_t size, int family) {
  Fd made(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  ::setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (family == AF_INET6) ::setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  if (::bind(made.get(), address, size) == 0 && ::listen(made.get(), 128) == 0) return made;
  return Fd();
}

}  // namespace

Result<std::vector<Listener>> listen_on(const std::vector<run::Port>& ports) {
  std::vector<Listener> listeners;
  for (const run::Port& port : ports) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(static_cast<std::uint16_t>(port.outside));
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Fd socket = listen_address(reinterpret_cast<sockaddr*>(&four), sizeof four, AF_INET);
    if (!socket && errno == EADDRINUSE)
      return Error(Code::already_exists,
                   fmt::format("up: port {} ({}) is in use on this machine; choose another in your file, "
                               "or see who has it: ss -ltnp 'sport = :{}'", port.outside, port.service,
                               port.outside));
    if (!socket) return errno_error(errno, fmt::format("up: listen on port {} ({})", port.outside, port.service));
    listeners.push_back({std::move(socket), port});
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = four.sin_port;
    six.sin6_addr = in6addr_loopback;
    // Where the machine has no IPv6, or another program that port there, IPv4 is enough.
    socket = listen_address(reinterpret_cast<sockaddr*>(&six), sizeof six, AF_INET6);
    if (socket) listeners.push_back({std::move(socket), port});
  }
  return listeners;
}

Result<pid_t> start_connector(const std::vector<Listener>& listeners, const run::Plan& plan, pid_t first) {
  const std::string folder = fmt::format("/proc/{}/ns/", first);
  Result<Fd> users = open_file("connector", folder + "user", O_RDONLY);
  Result<Fd> network = open_file("connector", folder + "net", O_RDONLY);
  if (!users) return users.error();
  if (!network) return network.error();
  Fd requests(listen_at(plan.state, "connect"));
  if (!requests) return errno_error(errno, "connector: listen in " + plan.state);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "connector: start a process");
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "ninefold-connec");
  ::signal(SIGPIPE, SIG_IGN);
  close_others(listeners, {requests.get(), users.value().get(), network.value().get()});
  Peers peers;  // of the network outside
  if (::geteuid() != 0 && ::setns(users.value().get(), CLONE_NEWUSER) != 0) ::_exit(1);
  if (::setns(network.value().get(), CLONE_NEWNET) != 0) ::_exit(1);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::uint32_t owner = ::geteuid() == 0 && plan.ids.root_files ? 0 : plan.ids.user;
  Connector(listeners, std::move(requests), owner, std::move(peers)).run();
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

}  // namespace ninefold::env::supervise
