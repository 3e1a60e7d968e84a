// In: events of sockets. Out: links that come, change and end. link_steps.cc knows what a link does.
// A listener belongs to the network outside or inside, as who made it; this process stands outside.
#include "env/supervise/exchange.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "env/supervise/wire.h"

namespace ninefold::env::supervise {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void prepare_socket(int fd) {
  const int yes = 1, idle = 120;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  // A machine that vanished must not hold its place for ever.
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
}

bool arrived_by_loopback(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  return ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0 && run::on_loopback(address);
}

std::int64_t patience(Link::Phase phase) {
  switch (phase) {
    case Link::Phase::greeting: return 10000;
    case Link::Phase::gate: return 30000;
    case Link::Phase::asking: return 60000;
    case Link::Phase::naming: return 20000;
    case Link::Phase::dialing: return 10000;  // each address
    case Link::Phase::bargaining: return 30000;
    case Link::Phase::leaving: return 3000;
    case Link::Phase::moving: return 0;
  }
  return 0;
}

}  // namespace

Exchange::Exchange(std::vector<const Listener*> doors, Fd requests, const Inside& inside, Terms terms)
    : doors_(std::move(doors)), requests_(std::move(requests)), inside_(inside), terms_(std::move(terms)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

void Exchange::mark(int fd, Watched::Kind kind, const Listener* door, Link* link) {
  if (fd < 0) return;
  if (watched_.size() <= static_cast<std::size_t>(fd)) watched_.resize(static_cast<std::size_t>(fd) + 1);
  watched_[static_cast<std::size_t>(fd)] = {kind, door, link};
}

void Exchange::forget(int fd) { mark(fd, Watched::Kind::nothing, nullptr, nullptr); }

void Exchange::enter(Link& link, Link::Phase phase) {
  link.phase = phase;
  const std::int64_t wait = patience(phase);
  link.deadline = wait ? now_ms() + wait : 0;
}

// Whoever comes while all places are taken waits in the kernel's queue.
void Exchange::open_doors(bool open) {
  if (open == open_) return;
  open_ = open;
  for (const Listener* door : doors_) {
    epoll_event event{};
    event.events = open ? static_cast<std::uint32_t>(EPOLLIN) : 0u;
    event.data.fd = door->socket.get();
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, door->socket.get(), &event);
  }
}

void Exchange::accept(const Listener& door) {
  Fd near(::accept4(door.socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!near) {
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;
    closed_until_ = now_ms() + 100;  // the machine is short of something; those who are here go on
    open_doors(false);
    return;
  }
  prepare_socket(near.get());
  const bool here = door.reach == Listener::Reach::here ||
                    (door.reach == Listener::Reach::everywhere && arrived_by_loopback(near.get()));
  if (here && door.leads == Listener::Leads::inside && door.port.owner_only) {
    const std::optional<std::uint32_t> user = peers_.user_of(near.get());
    if (!user || (*user != terms_.owner && *user != 0)) return;  // somebody else on this machine
  }
  links_.emplace_back();
  Link& link = links_.back();
  link.door = &door;
  link.near = Stream(std::move(near));
  mark(link.near.fd(), Watched::Kind::link, nullptr, &link);
  if (door.leads == Listener::Leads::proxy) {
    enter(link, Link::Phase::asking);
  } else if (door.leads == Listener::Leads::host) {
    dial_host(link, door.port.outside);
  } else if (!here && door.port.tls) {
    if (!terms_.tls || !link.near.encrypt(terms_.tls)) link.dead = true;
    enter(link, Link::Phase::greeting);
  } else {
    dial_inside(link, door.port.inside);
  }
  if (!link.dead) step(link);
}

void Exchange::watch(int fd, std::uint32_t events, bool& watched, Link& link) {
  if (fd < 0) return;
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  // What interests nobody is taken out: a hang-up is told again and again otherwise.
  if (events == 0) {
    if (watched) ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    watched = false;
    return;
  }
  if (::epoll_ctl(epoll_.get(), watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) link.dead = true;
  watched = true;
}

// Interest follows the buffers: a full one stops its source, so that neither side is outrun.
void Exchange::watch(Link& link) {
  using Phase = Link::Phase;
  const Phase phase = link.phase;
  std::uint32_t near = 0, far = 0;
  const bool room_up = !link.up.ended && link.up.pending.size() < kBuffer;
  const bool room_down = !link.down.ended && link.down.pending.size() < kBuffer;
  if (phase == Phase::greeting || phase == Phase::gate || phase == Phase::asking || phase == Phase::leaving ||
      (phase == Phase::moving && room_up))
    near |= EPOLLIN;
  const bool to_near = !link.down.pending.empty() || (link.down.ended && !link.down.closed);
  const bool waits = phase == Phase::naming || phase == Phase::dialing || phase == Phase::bargaining;
  if (!waits && (to_near || link.near.wants_to_write())) near |= EPOLLOUT;
  if (phase == Phase::dialing || (phase == Phase::bargaining && !link.errand.empty())) far |= EPOLLOUT;
  if (phase == Phase::bargaining || (phase == Phase::moving && room_down)) far |= EPOLLIN;
  if (phase == Phase::moving && (!link.up.pending.empty() || (link.up.ended && !link.up.closed) ||
                                 (room_up && link.near.holds_some())))
    far |= EPOLLOUT;
  watch(link.near.fd(), near, link.near_watched, link);
  watch(link.far.fd(), far, link.far_watched, link);
}

void Exchange::serve(int fd) {
  if (fd < 0 || watched_.size() <= static_cast<std::size_t>(fd)) return;
  const Watched found = watched_[static_cast<std::size_t>(fd)];
  switch (found.kind) {
    case Watched::Kind::nothing: return;  // it was closed a moment ago
    case Watched::Kind::door:
      if (open_) accept(*found.door);
      if (static_cast<int>(links_.size()) >= terms_.most) open_doors(false);
      return;
    case Watched::Kind::request: return request();
    case Watched::Kind::name:
      if (!found.link->dead) named(*found.link);
      if (!found.link->dead) step(*found.link);
      return;
    case Watched::Kind::link:
      if (!found.link->dead) step(*found.link);
      return;
  }
}

void Exchange::look_at_clock(std::int64_t now) {
  for (Link& link : links_) {
    if (link.dead || link.deadline == 0 || now < link.deadline) continue;
    if (link.phase == Link::Phase::dialing) {
      link.problem = ETIMEDOUT;
      dial(link);
      if (!link.dead) step(link);
    } else if (link.phase == Link::Phase::naming) {
      refuse(link, Trouble::too_slow, "no name server answers for " + link.talk.target().host);
      step(link);
    } else if (link.phase == Link::Phase::bargaining) {
      refuse(link, Trouble::too_slow, "the proxy of this machine does not answer");
      step(link);
    } else {
      link.dead = true;
    }
  }
}

// A port inside for a caller outside, as a connected socket. The supervisor's and sshd's ports answer at
// once or not at all, so that nobody waits long for this.
void Exchange::request() {
  const Fd caller(::accept4(requests_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const timeval patience{1, 0}, none{0, 0};
  ::setsockopt(caller.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  Fields fields;
  if (!caller || !receive_message(caller.get(), fields)) return;
  if (first(fields, "op") == "load") {
    send_message(caller.get(), {{"open", std::to_string(links_.size())}, {"most", std::to_string(terms_.most)}});
    return;
  }
  int problem = ECONNREFUSED;
  for (const char* address : {"127.0.0.1", "::1"}) {
    sockaddr_storage target{};
    run::literal_address(address, std::atoi(first(fields, "port", "0").c_str()), target);
    const Fd far = inside_.socket(target.ss_family);
    ::fcntl(far.get(), F_SETFL, 0);
    ::setsockopt(far.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const socklen_t size = target.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (::connect(far.get(), reinterpret_cast<sockaddr*>(&target), size) == 0) {
      ::setsockopt(far.get(), SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none);
      send_message(caller.get(), {{"state", "connected"}}, {far.get()});
      return;
    }
    if (target.ss_family == AF_INET) problem = errno;
  }
  send_message(caller.get(), {{"error", std::strerror(problem)}});
}

void Exchange::run() {
  const auto add = [&](int fd, Watched::Kind kind, const Listener* door) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
    mark(fd, kind, door, nullptr);
  };
  for (const Listener* door : doors_) add(door->socket.get(), Watched::Kind::door, door);
  add(requests_.get(), Watched::Kind::request, nullptr);
  add(inside_.fd(), Watched::Kind::nothing, nullptr);
  mark(inside_.fd(), Watched::Kind::nothing, nullptr, nullptr);
  open_ = true;
  std::int64_t looked = 0;
  for (;;) {
    bool timed = !open_;
    for (const Link& link : links_) timed = timed || link.deadline != 0;
    epoll_event events[64];
    const int count = ::epoll_wait(epoll_.get(), events, 64, timed ? 100 : -1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == inside_.fd()) ::_exit(1);  // its process is gone; the keeper starts both again
      serve(events[i].data.fd);
    }
    const std::int64_t now = now_ms();
    if (timed && now - looked >= 100) look_at_clock(looked = now);
    for (auto at = links_.begin(); at != links_.end();) {
      if (!at->dead) {
        ++at;
        continue;
      }
      if (at->lookup.pid > 0) {
        ::kill(at->lookup.pid, SIGKILL);
        --lookups_;
      }
      for (const int fd : {at->near.fd(), at->far.fd(), at->lookup.answer.get()}) forget(fd);
      at = links_.erase(at);
    }
    for (Link& link : links_)
      if (link.phase == Link::Phase::naming && link.lookup.pid < 0 && !link.dead) {
        resolve(link);
        if (link.phase != Link::Phase::naming) step(link);
      }
    if (!open_ && now >= closed_until_ && static_cast<int>(links_.size()) < terms_.most) open_doors(true);
  }
}

}  // namespace ninefold::env::supervise
