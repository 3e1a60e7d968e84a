// In: requests on a line. Out: sockets of the network that this process lives in, one an answer. Used by the connector's
// child, and by the static program inside where the caller may not join the network himself.
#pragma once

namespace ninefold::env::supervise {

struct SocketRequest {
  char what;   // 's': a socket of a family; 'l': a listener on a port of loopback
  int number;
};

// Until the line ends.
[[noreturn]] void hand_out_sockets(int line);

}  // namespace ninefold::env::supervise
