// In: host names. Out: addresses, each looked up by a process of its own: the C library's resolver waits
// for its servers, and whoever serves many connections must not.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"
#include "env/run/proxy.h"

struct sockaddr_storage;

namespace ninefold::env::supervise {

struct Lookup {
  pid_t pid = -1;
  Fd answer;  // readable when there is one
};

// As this machine resolves names, or by the servers that `outgoing` names. The process dies with its
// parent; the caller ignores SIGCHLD and ends it by killing `pid`.
Result<Lookup> look_up(const run::Endpoint& target, const run::Outgoing& outgoing);

// Reads what the process said; call it once `answer` is readable. An error says why there is none.
Result<std::vector<sockaddr_storage>> addresses_of(const Lookup& lookup, const std::string& host);

}  // namespace ninefold::env::supervise
