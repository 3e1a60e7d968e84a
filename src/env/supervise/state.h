// In: an environment's name. Out: what its folder says about it, checked against what really runs.
// The folder (XDG_STATE_HOME/ninefold/environments/NAME) holds
//   plan      what was started (run/plan.h)       record   who runs it, in which boot
//   shared/   the inside's own: journal, kills, jobs/, logs/, the supervisor's socket
//   boot/ keys/ hostkey/ layer/ (of the overlay)   vanish with `down`;   keeper.log, first.log
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "env/run/plan.h"
#include "env/supervise/journal.h"

namespace ninefold::env::supervise {

struct State {
  std::string phase;  // starting running killed
  std::string session, boot, project, image;
  pid_t first = 0;              // PID 1, as the host numbers it
  std::uint64_t first_began = 0;
  std::int64_t started = 0;     // milliseconds since 1970
};

std::string environments_folder();  // of this user
std::string environment_folder(const std::string& name);
std::vector<std::string> environment_names();

Result<State> read_state(const std::string& folder);  // not_found: no such environment
Result<void> write_state(const std::string& folder, const State& state);
Result<run::Plan> read_plan(const std::string& folder);

// PID 1 runs: same boot, same pid, same start.
bool alive(const State& state);
// The keeper holds this lock for life.
Result<Fd> lock_keeper(const std::string& folder);  // failed_precondition: another one lives
bool keeper_alive(const std::string& folder);
// One verb at a time changes an environment. Waits.
Result<Fd> lock_environment(const std::string& name);

std::uint64_t process_began(pid_t pid);  // 0: gone
std::string boot_id();
Journal read_journal(const std::string& folder);

// Removes what a finished environment leaves: all, or all but the records of its jobs.
Result<void> remove_state(const run::Plan& plan);

}  // namespace ninefold::env::supervise
