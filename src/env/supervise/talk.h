// In: bytes of a client that wants a connection. Out: what it wants, and the bytes of our answers. HTTP
// (CONNECT, and plain requests with a whole address) and SOCKS5 on one port, told apart by the first
// byte. Nothing here touches a socket: tests feed it rows.
#pragma once

#include <string>

#include "env/run/proxy.h"

namespace ninefold::env::supervise {

enum class Trouble { bad_request, forbidden, no_such_host, refused, unreachable, too_slow, upstream, busy };

// Our side of the talk, as a proxy.
class Talk {
 public:
  enum class Step { more, wish, refused };

  // Uses up the front of `input` and appends to `answer` what is to be sent now. `wish`: target() is
  // known, and accept() or refuse() comes next. `refused`: `answer` ends the talk.
  Step take(std::string& input, std::string& answer);

  const run::Endpoint& target() const { return target_; }
  bool plain() const { return kind_ == Kind::plain; }
  // A plain request's head, as its server wants it or, `whole`, as another proxy does.
  std::string head(bool whole, const std::string& authorization = {}) const;
  std::string accept() const;  // the connection stands; empty for a plain request
  std::string refuse(Trouble trouble, const std::string& why) const;

 private:
  enum class Kind { unknown, tunnel, plain, socks };
  Step http(std::string& input, std::string& answer);
  Step socks(std::string& input, std::string& answer);

  Kind kind_ = Kind::unknown;
  bool greeted_ = false;  // SOCKS: the methods are agreed
  run::Endpoint target_;
  std::string method_, path_, version_, fields_;  // of a plain request
};

// The other side: what another proxy is told, and what it answers.
class Bargain {
 public:
  enum class Step { more, done, failed };

  Bargain(const run::ProxyServer& proxy, run::Endpoint target) : proxy_(proxy), target_(std::move(target)) {}
  std::string opening() const;
  // Uses up the front of `input`; `done`: what is left of it comes from the target.
  Step take(std::string& input, std::string& answer);
  const std::string& problem() const { return problem_; }

 private:
  Step http(std::string& input);
  Step socks(std::string& input, std::string& answer);
  std::string request() const;

  run::ProxyServer proxy_;
  run::Endpoint target_;
  int stage_ = 0;
  std::string problem_;
};

std::string base64(const std::string& bytes);
// "Basic ..." of a proxy's login; empty where it has none.
std::string authorization(const run::ProxyServer& proxy);

}  // namespace ninefold::env::supervise
