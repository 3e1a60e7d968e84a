// In: a link whose sockets have news. Out: its next phase. Every function returns without waiting.
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "env/supervise/exchange.h"

namespace ninefold::env::supervise {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;
constexpr std::size_t kAddresses = 4;  // of one name that are tried
constexpr int kLookups = 32;           // at once
constexpr int kRounds = 16;            // of one link before others have their turn

bool open_to_inside(const run::Outgoing& outgoing, int port) {
  return std::find(outgoing.host_ports.begin(), outgoing.host_ports.end(), port) != outgoing.host_ports.end();
}

std::string loopback_words(const run::Endpoint& target) {
  const std::string remedy = target.port >= 1024
                                 ? fmt::format("to open one port, write host_ports = [{}] below [network] in ninefold.toml",
                                               target.port)
                                 : "ports from 1024 on can be opened: host_ports below [network] in ninefold.toml";
  return fmt::format("{} is this machine's own loopback, which environments do not reach; {}", run::text(target), remedy);
}

Trouble trouble_of(int number) {
  if (number == ECONNREFUSED || number == ECONNRESET) return Trouble::refused;
  return number == ETIMEDOUT ? Trouble::too_slow : Trouble::unreachable;
}

// Compares in the same time wherever the difference is.
bool same_secret(const std::string& a, const std::string& b) {
  unsigned char differs = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) differs |= static_cast<unsigned char>(a[i] ^ b[i]);
  return differs == 0;
}

// The value of the Authorization field of a request's head.
std::string login_of(const std::string& head) {
  std::string low = head;
  for (char& c : low) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::size_t at = low.find("\nauthorization:");
  if (at == std::string::npos) return {};
  const std::size_t start = head.find_first_not_of(" \t", at + 15), end = head.find_first_of("\r\n", at + 15);
  return start < end ? head.substr(start, end - start) : std::string();
}

}  // namespace

void Exchange::step(Link& link) {
  using Phase = Link::Phase;
  for (bool again = true; again && !link.dead;) {
    const Phase before = link.phase;
    switch (link.phase) {
      case Phase::greeting: greet(link); break;
      case Phase::gate: check_gate(link); break;
      case Phase::asking: hear(link); break;
      case Phase::naming: break;  // its own descriptor has the news
      case Phase::dialing: dialled(link); break;
      case Phase::bargaining: talk_to_proxy(link); break;
      case Phase::moving: move(link); break;
      case Phase::leaving: leave(link); break;
    }
    again = link.phase != before;
  }
  if (!link.dead) watch(link);
}

// False when the connection is broken.
bool Exchange::fill(Stream& from, Half& half) {
  char piece[16384];
  while (!half.ended && half.pending.size() < kBuffer) {
    std::size_t got = 0;
    const Moved moved = from.receive(piece, sizeof piece, got);
    if (moved == Moved::later) break;
    if (moved == Moved::broken) return false;
    if (moved == Moved::ended) half.ended = true;
    half.pending.append(piece, got);
  }
  return true;
}

bool Exchange::drain(Stream& to, Half& half) {
  std::size_t done = 0;
  while (done < half.pending.size()) {
    std::size_t sent = 0;
    const Moved moved = to.send(half.pending.data() + done, half.pending.size() - done, sent);
    if (moved == Moved::later) break;
    if (moved != Moved::some) return false;
    done += sent;
  }
  half.pending.erase(0, done);
  if (half.ended && half.pending.empty() && !half.closed) {
    const Moved moved = to.finish();
    if (moved == Moved::broken) return false;
    half.closed = moved == Moved::some;
  }
  return true;
}

void Exchange::greet(Link& link) {
  const Moved moved = link.near.shake_hands();
  if (moved == Moved::later) return;
  if (moved != Moved::some) link.dead = true;  // garbage, or a client that does not trust us
  else if (link.door->port.gate) enter(link, Link::Phase::gate);
  else dial_inside(link, link.door->port.inside);
}

void Exchange::check_gate(Link& link) {
  if (!fill(link.near, link.up) || (link.up.ended && link.up.pending.empty())) {
    link.dead = true;
    return;
  }
  const std::size_t end = std::min(link.up.pending.find("\r\n\r\n"), link.up.pending.find("\n\n"));
  if (end == std::string::npos && link.up.pending.size() < kBuffer && !link.up.ended) return;
  const std::string given = login_of(link.up.pending.substr(0, end == std::string::npos ? 0 : end + 2));
  const std::string token = terms_.gate.substr(terms_.gate.find(':') + 1);
  if (!terms_.gate.empty() &&
      (same_secret(given, "Basic " + base64(terms_.gate)) || same_secret(given, "Bearer " + token)))
    return dial_inside(link, link.door->port.inside);
  const std::string body = "ninefold: this service asks for the user and the token that `ninefold up` printed\n";
  link.down.pending += fmt::format("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"ninefold\"\r\n"
                                   "Content-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                                   body.size(), body);
  link.down.ended = true;
  enter(link, Link::Phase::leaving);
}

void Exchange::hear(Link& link) {
  if (!fill(link.near, link.up)) {
    link.dead = true;
    return;
  }
  const Talk::Step heard = link.talk.take(link.up.pending, link.down.pending);
  if (!drain(link.near, link.down)) link.dead = true;
  else if (heard == Talk::Step::wish) return decide(link);
  else if (heard == Talk::Step::more) {
    link.dead = link.up.ended;
  } else {
    link.down.ended = true;
    enter(link, Link::Phase::leaving);
  }
}

// Where to, and by which road. Loopback is refused by name here and by address in named().
void Exchange::decide(Link& link) {
  const run::Endpoint& target = link.talk.target();
  if (run::names_loopback(target.host)) {
    if (open_to_inside(terms_.outgoing, target.port)) return dial_host(link, target.port);
    return refuse(link, Trouble::forbidden, loopback_words(target));
  }
  const run::ProxyServer& proxy = link.talk.plain() ? terms_.outgoing.http : terms_.outgoing.https;
  link.through = !proxy.kind.empty() && !run::goes_direct(terms_.outgoing.direct, target);
  const run::Endpoint place = link.through ? run::Endpoint{proxy.host, proxy.port} : target;
  if (link.through && !(proxy.kind == "http" && link.talk.plain())) link.bargain.emplace(proxy, target);
  sockaddr_storage address{};
  if (run::literal_address(place.host, place.port, address)) {
    link.addresses = {address};
    return dial(link);
  }
  link.place = place;
  enter(link, Link::Phase::naming);
  resolve(link);
}

// Beyond so many at once a name waits for another's end; run() asks again.
void Exchange::resolve(Link& link) {
  if (lookups_ >= kLookups) return;
  // The machine's own proxy is found as the machine finds it.
  Result<Lookup> lookup = look_up(link.place, link.through ? run::Outgoing{} : terms_.outgoing);
  if (!lookup) return refuse(link, Trouble::busy, lookup.error().message());
  link.lookup = std::move(lookup).value();
  ++lookups_;
  const int fd = link.lookup.answer.get();
  mark(fd, Watched::Kind::name, nullptr, &link);
  bool watched = false;
  watch(fd, EPOLLIN, watched, link);
}

void Exchange::named(Link& link) {
  if (link.phase != Link::Phase::naming) return;
  const std::string host = link.through ? "the proxy of this machine" : link.talk.target().host;
  Result<std::vector<sockaddr_storage>> found = addresses_of(link.lookup, host);
  forget(link.lookup.answer.get());
  link.lookup = {};
  --lookups_;
  if (!found) return refuse(link, Trouble::no_such_host, found.error().message());
  link.addresses = std::move(found).value();
  const run::Endpoint& target = link.talk.target();
  if (!link.through && !open_to_inside(terms_.outgoing, target.port)) {
    std::erase_if(link.addresses, [](const sockaddr_storage& address) { return run::on_loopback(address); });
    if (link.addresses.empty()) return refuse(link, Trouble::forbidden, loopback_words(target));
  }
  if (link.addresses.size() > kAddresses) link.addresses.resize(kAddresses);
  dial(link);
}

void Exchange::dial_inside(Link& link, int port) {
  link.addresses.resize(2);
  run::literal_address("127.0.0.1", port, link.addresses[0]);
  run::literal_address("::1", port, link.addresses[1]);
  dial(link);
}

void Exchange::dial_host(Link& link, int port) { dial_inside(link, port); }

void Exchange::dial(Link& link) {
  const bool inside = link.door->leads == Listener::Leads::inside;
  while (link.next < link.addresses.size()) {
    sockaddr_storage& address = link.addresses[link.next++];
    forget(link.far.fd());
    link.far = Stream(inside ? inside_.socket(address.ss_family)
                             : Fd(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
    link.far_watched = false;
    const socklen_t size = address.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (link.far.fd() >= 0) {
      const int yes = 1;
      ::setsockopt(link.far.fd(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      ::setsockopt(link.far.fd(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
      if (::connect(link.far.fd(), reinterpret_cast<sockaddr*>(&address), size) == 0 || errno == EINPROGRESS) {
        mark(link.far.fd(), Watched::Kind::link, nullptr, &link);
        return enter(link, Link::Phase::dialing);
      }
    }
    link.problem = errno;
  }
  if (link.door->leads != Listener::Leads::proxy) {
    link.dead = true;  // nothing listens there yet: our end closes as its would
    return;
  }
  const std::string whom = link.through ? "the proxy of this machine" : run::text(link.talk.target());
  refuse(link, link.through ? Trouble::upstream : trouble_of(link.problem),
         fmt::format("{}: {}", whom, std::strerror(link.problem)));
}

void Exchange::dialled(Link& link) {
  int problem = 0;
  socklen_t size = sizeof problem;
  ::getsockopt(link.far.fd(), SOL_SOCKET, SO_ERROR, &problem, &size);
  if (problem != 0) {
    link.problem = problem;
    return dial(link);
  }
  sockaddr_storage peer{};
  size = sizeof peer;
  if (::getpeername(link.far.fd(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return;  // on its way
  arrived(link);
}

void Exchange::arrived(Link& link) {
  if (link.bargain) {
    link.errand = link.bargain->opening();
    return enter(link, Link::Phase::bargaining);
  }
  if (link.door->leads == Listener::Leads::proxy) {
    if (link.talk.plain())
      link.up.pending.insert(0, link.talk.head(link.through, link.through ? authorization(terms_.outgoing.http) : ""));
    else link.down.pending += link.talk.accept();
  }
  enter(link, Link::Phase::moving);
}

void Exchange::talk_to_proxy(Link& link) {
  Half heard;
  Half said{std::move(link.errand)};
  const bool whole = drain(link.far, said) && fill(link.far, heard);
  link.errand = std::move(said.pending);
  link.reply += heard.pending;
  const Bargain::Step agreed = link.bargain->take(link.reply, link.errand);
  if (agreed == Bargain::Step::failed || (agreed == Bargain::Step::more && (!whole || heard.ended))) {
    const std::string why = link.bargain->problem();
    return refuse(link, Trouble::upstream, "the proxy of this machine refuses: " + (why.empty() ? "it hung up" : why));
  }
  if (agreed == Bargain::Step::more) {
    if (!link.errand.empty()) {
      Half next{std::move(link.errand)};
      if (!drain(link.far, next)) return refuse(link, Trouble::upstream, "the proxy of this machine hung up");
      link.errand = std::move(next.pending);
    }
    return;
  }
  if (link.talk.plain()) link.up.pending.insert(0, link.talk.head(false));
  else link.down.pending += link.talk.accept();
  link.down.pending += link.reply;
  link.down.ended = heard.ended;
  link.bargain.reset();
  enter(link, Link::Phase::moving);
}

void Exchange::move(Link& link) {
  // A connection that broke ends as a broken one: a clean end would pass for the whole answer.
  const auto break_off = [&](const Stream& other) {
    const linger at_once{1, 0};
    ::setsockopt(other.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    link.dead = true;
  };
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t before = link.up.pending.size() + link.down.pending.size();
    if (!fill(link.near, link.up) || !drain(link.near, link.down)) return break_off(link.far);
    if (!fill(link.far, link.down)) return break_off(link.near);
    if (link.up.closed) link.up.pending.clear();
    else if (!drain(link.far, link.up)) link.up.closed = true;  // it reads no more; its answer still counts
    if (!drain(link.near, link.down)) return break_off(link.far);
    if (link.up.closed && link.down.closed) {
      if (link.up.ended) link.dead = true;
      else enter(link, Link::Phase::leaving);
      return;
    }
    const std::size_t after = link.up.pending.size() + link.down.pending.size();
    if (after == before && !link.near.holds_some()) return;
  }
}

void Exchange::refuse(Link& link, Trouble trouble, const std::string& why) {
  link.down.pending += link.talk.refuse(trouble, why);
  link.down.ended = true;
  enter(link, Link::Phase::leaving);
}

// A socket that is closed while bytes wait in it resets the connection, and the answer is lost.
void Exchange::leave(Link& link) {
  link.up.pending.clear();
  if (!fill(link.near, link.up) || !drain(link.near, link.down)) link.dead = true;
  else if (link.up.ended && link.down.closed) link.dead = true;
}

}  // namespace ninefold::env::supervise
