// In: ports of this machine, and programs inside that want to go out. Out: connections between them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "env/run/plan.h"
#include "env/supervise/tls.h"

namespace ninefold::env::supervise {

struct Listener {
  enum class Leads { inside, proxy, host } leads = Leads::inside;
  enum class Reach { here, others, everywhere } reach = Reach::here;  // everywhere: here and others, on one socket
  Fd socket;
  run::Port port;
};

// Binds loopback, both families, and what is published on its address. already_exists: somebody else
// has the port.
Result<std::vector<Listener>> listen_on(const std::vector<run::Port>& ports);

// Starts the process that serves them, and the built-in proxy where the plan has one. Whoever asks on
// the unix socket `connect` in `folder` (message port=N) gets a socket that is connected to a port inside.
// It dies with its parent. `tls`: for what is published; `gate`: "user:token" that published services
// without a login of their own ask for.
Result<pid_t> start_connector(const std::vector<Listener>& listeners, const run::Plan& plan, pid_t first,
                              ssl_ctx_st* tls, const std::string& gate);

// For callers outside: a socket that is connected to a port inside.
Result<Fd> connect_inside(const std::string& folder, int port);

// How many connections are open, and how many may be.
struct Load {
  int open = 0, most = 0;
};
Result<Load> load_of(const std::string& folder);

}  // namespace ninefold::env::supervise
