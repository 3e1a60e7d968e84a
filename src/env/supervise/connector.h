// In: ports of this machine. Out: connections to the same ports inside an environment.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "env/run/plan.h"

namespace ninefold::env::supervise {

struct Listener {
  Fd socket;
  run::Port port;
};

// Binds loopback, both families. already_exists: somebody else has the port.
Result<std::vector<Listener>> listen_on(const std::vector<run::Port>& ports);

// Starts the process that serves them: it joins the environment's network once, and connects there for
// whoever comes to a listener or asks on the unix socket `connect` in `folder` (message port=N; the
// answer carries the connected socket). It dies with its parent.
Result<pid_t> start_connector(const std::vector<Listener>& listeners, const run::Plan& plan, pid_t first);

// For callers outside: a socket that is connected to a port inside.
Result<Fd> connect_inside(const std::string& folder, int port);

}  // namespace ninefold::env::supervise
