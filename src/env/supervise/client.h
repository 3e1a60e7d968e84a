// In: an environment's name and what a verb wants of it. Out: answers of its supervisor.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "env/supervise/state.h"
#include "env/supervise/wire.h"

namespace ninefold::env::supervise {

struct Environment {
  std::string name, folder;
  State state;
  run::Plan plan;
  bool runs = false;
};

// Reads the folder, checks what runs, and starts a keeper where the old one died. not_found lists what
// environments there are. An environment whose first process is gone is cleaned up and comes back with
// `runs` false.
Result<Environment> find(const std::string& name);
// The same, and an error unless it runs.
Result<Environment> find_running(const std::string& operation, const std::string& name);

// One request; waits up to five seconds for a supervisor that PID 1 is just starting again.
Result<Fields> ask(const Environment& environment, const Fields& request);

struct Call {
  std::vector<std::string> arguments;
  std::vector<std::string> environment = {};  // "NAME=value", on top of the environment's own
  std::string folder = {};
  bool terminal = false;
};

// Runs a program inside with these three descriptors and returns its exit status (128 + signal). With
// `terminal` the descriptors must be the caller's terminal: it is set raw, resized along, and restored.
// SIGINT and SIGTERM of the caller go to the program.
Result<int> execute(const Environment& environment, const Call& call, int in, int out, int err);
// The same without a terminal, its output as text.
Result<std::string> output_of(const Environment& environment, const Call& call);

// Signals PID 1 and waits until everything is gone; `wait_ms` later it is killed.
Result<void> bring_down(const Environment& environment, std::int64_t wait_ms);

}  // namespace ninefold::env::supervise
