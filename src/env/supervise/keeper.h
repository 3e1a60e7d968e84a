// In: the folder of a planned environment. Out: it runs, is kept, and is cleaned up when it ends.
#pragma once

#include <string>

#include "base/result.h"
#include "env/run/apply.h"
#include "env/run/plan.h"

namespace ninefold::env::supervise {

// The keeper's body: the hidden verb `keeper`. Reports on descriptor 3, "ok" or the error's text; reads
// secrets from standard input when it starts an environment. Returns the process's exit status.
int keep(const std::string& folder, bool adopt);

// Starts a keeper as a process of its own session and waits for its word. `adopt`: the environment
// runs already and its keeper is dead.
Result<void> start_keeper(const std::string& folder, bool adopt, const run::SecretValues& secrets);

}  // namespace ninefold::env::supervise
