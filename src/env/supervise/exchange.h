// In: listeners, a way to make sockets inside. Out: bytes to and from the environment; one thread, one
// epoll, nothing that waits.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "env/supervise/inside.h"
#include "env/supervise/link.h"
#include "env/supervise/peers.h"

namespace ninefold::env::supervise {

struct Terms {
  std::uint32_t owner = 0;  // whose connections reach services without a login
  run::Outgoing outgoing;
  ssl_ctx_st* tls = nullptr;
  std::string gate;         // "user:token"
  int most = 1024;          // connections at once
};

class Exchange {
 public:
  Exchange(std::vector<const Listener*> doors, Fd requests, const Inside& inside, Terms terms);
  [[noreturn]] void run();

 private:
  struct Watched {
    enum class Kind { nothing, door, request, name, link } kind = Kind::nothing;
    const Listener* door = nullptr;
    Link* link = nullptr;
  };

  void serve(int fd);
  void accept(const Listener& door);
  void request();
  void open_doors(bool open);
  void look_at_clock(std::int64_t now);

  void step(Link& link);
  void greet(Link& link);
  void check_gate(Link& link);
  void hear(Link& link);
  void decide(Link& link);
  void resolve(Link& link);
  void dial_inside(Link& link, int port);
  void dial_host(Link& link, int port);
  void named(Link& link);
  void dial(Link& link);
  void dialled(Link& link);
  void arrived(Link& link);
  void talk_to_proxy(Link& link);
  void move(Link& link);
  void leave(Link& link);
  void refuse(Link& link, Trouble trouble, const std::string& why);
  void enter(Link& link, Link::Phase phase);

  bool fill(Stream& from, Half& half);   // false: broken
  bool drain(Stream& to, Half& half);
  void watch(Link& link);
  void watch(int fd, std::uint32_t events, bool& watched, Link& link);
  void mark(int fd, Watched::Kind kind, const Listener* door, Link* link);
  void forget(int fd);

  const std::vector<const Listener*> doors_;
  Fd requests_;
  const Inside& inside_;
  const Terms terms_;
  const Peers peers_;
  Fd epoll_;
  std::vector<Watched> watched_;  // by descriptor
  std::list<Link> links_;
  bool open_ = false;               // the doors are
  std::int64_t closed_until_ = 0;   // no descriptors were left
  int lookups_ = 0;
};

}  // namespace ninefold::env::supervise
