// In: a verb's arguments. Out: the environment it means, and the lines that tell how to reach it.
#pragma once

#include <iosfwd>
#include <string>

#include "cli/verb.h"
#include "env/run/apply.h"
#include "env/supervise/client.h"

namespace ninefold::cli {

// --name, for verbs that work on an environment.
inline const Flag name_flag = {"--name NAME", "which environment; without it, that of the ninefold.toml here or above"};

// --name's value, else the name in the ninefold.toml here or above.
std::string environment_name(const Args& args);
// The values of [secrets], from their files and variables; raises where one is not there.
env::run::SecretValues secret_values(const std::string& verb, const env::Spec& spec);
// That environment; raises unless it runs.
env::supervise::Environment running(const std::string& verb, const Args& args);

// What `up --json` says of one that runs.
std::string facts_text(const env::supervise::Environment& environment);
// URL, SSH line and the `ssh -N -L` line for another machine. The token is read from inside.
void print_addresses(const env::supervise::Environment& environment, Io& io);
// "proxy at 127.0.0.1:3128 inside (/dev/net/tun cannot be opened: ...)".
std::string network_text(const env::run::Plan& plan);
// Of the certificate for other machines; empty: nothing is published through TLS.
std::string fingerprint(const env::run::Plan& plan);
std::string jupyter_url(const env::supervise::Environment& environment);  // empty: no Jupyter
const env::run::Port* find_port(const env::run::Plan& plan, const std::string& service);

// "2 h 5 min", "3.2 GB".
std::string duration_text(std::int64_t milliseconds);
std::string size_text(std::uint64_t bytes);

}  // namespace ninefold::cli
