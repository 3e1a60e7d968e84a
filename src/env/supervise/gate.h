// In: a plan that publishes services. Out: the certificate and the token that guard them; both are made
// once an environment and outlive `down`.
#pragma once

#include <string>

#include "base/result.h"
#include "env/run/plan.h"
#include "env/supervise/tls.h"

namespace ninefold::env::supervise {

struct Gate {
  Tls tls;            // none: nothing is published through TLS
  std::string login;  // "user:token"; empty: every published service has a login of its own
};

Result<Gate> open_gate(const run::Plan& plan);
// The same login, for whoever shows it to the user.
Result<std::string> gate_login(const run::Plan& plan);

}  // namespace ninefold::env::supervise
