// In: a connection that somebody made. Out: what is known of it until it ends; exchange.cc moves it on.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "env/supervise/connector.h"
#include "env/supervise/names.h"
#include "env/supervise/stream.h"
#include "env/supervise/talk.h"

namespace ninefold::env::supervise {

struct Half {  // bytes on their way from one socket to the other
  std::string pending;
  bool ended = false;   // the source has sent all
  bool closed = false;  // and the target was told
};

struct Link {
  enum class Phase {
    greeting,    // TLS' handshake
    gate,        // a published service without a login of its own: its first request must bring ours
    asking,      // a client of the proxy says what it wants
    naming,      // a name is looked up
    dialing,     // one address after the other
    bargaining,  // with the proxy that this machine uses
    moving,      // bytes go both ways
    leaving,     // a last answer is sent; what still comes is thrown away
  };

  const Listener* door = nullptr;
  Phase phase = Phase::asking;
  Stream near, far;  // near: who came; far: what was dialled for him
  bool near_watched = false, far_watched = false;
  Half up, down;     // up: near -> far
  Talk talk;
  bool through = false;  // another proxy stands between us and the target
  std::optional<Bargain> bargain;
  std::string errand, reply;  // of that bargain
  run::Endpoint place;   // whose name is looked up: the target or that proxy
  Lookup lookup;
  std::vector<sockaddr_storage> addresses;
  std::size_t next = 0;
  int problem = 0;              // errno of the last address
  std::int64_t deadline = 0;    // of this phase, milliseconds; 0: none
  bool dead = false;
};

}  // namespace ninefold::env::supervise
