// In: a running environment. Out: what it uses now.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "env/run/plan.h"

namespace ninefold::env::supervise {

struct Usage {
  std::uint64_t memory = 0;  // bytes: the controller's count, else the sum of proportional sizes
  std::int64_t cpu_ms = 0;   // of the processes that run now
  int processes = 0;
};

Usage usage_of(const run::Plan& plan, pid_t first);

}  // namespace ninefold::env::supervise
