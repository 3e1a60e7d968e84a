// In: an environment whose memory no cgroup limits. Out: its biggest job killed, and named, in time.
#pragma once

#include <sys/types.h>

#include <string>

#include "env/run/plan.h"

namespace ninefold::env::supervise {

class Watchdog {
 public:
  Watchdog(const run::Plan& plan, pid_t first);
  int pause() const;  // milliseconds until the next look
  void look();

 private:
  const run::Plan& plan_;
  std::string space_;  // the environment's pid namespace
  bool on_;
  std::uint64_t last_ = 0;
};

}  // namespace ninefold::env::supervise
