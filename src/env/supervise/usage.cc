// In: cgroup files or /proc. Out: Usage.
#include "env/supervise/usage.h"

#include <unistd.h>

#include <cstdlib>

#include "base/fd.h"
#include "env/supervise/processes.h"

namespace ninefold::env::supervise {

Usage usage_of(const run::Plan& plan, pid_t first) {
  Usage usage;
  const std::string space = space_of(first);
  const std::vector<pid_t> all = members(space);
  usage.processes = static_cast<int>(all.size());
  static const long ticks = ::sysconf(_SC_CLK_TCK);
  for (const pid_t pid : all) {
    const std::string stat = proc_text(pid, "stat");
    std::size_t at = stat.rfind(')');
    for (int field = 2; at != std::string::npos && field < 14; ++field) at = stat.find(' ', at + 1);
    if (at == std::string::npos) continue;
    char* rest = nullptr;
    const long user = std::strtol(stat.c_str() + at, &rest, 10);
    usage.cpu_ms += (user + std::strtol(rest, nullptr, 10)) * 1000 / ticks;
  }
  for (const char* name : {"/memory.current", "/memory.usage_in_bytes"}) {
    if (plan.cgroups.memory_folder.empty()) break;
    if (Result<std::string> text = read_file("", plan.cgroups.memory_folder + name))
      usage.memory = std::strtoull(text.value().c_str(), nullptr, 10);
  }
  if (usage.memory == 0)
    for (const pid_t pid : all) usage.memory += proportional(pid);
  return usage;
}

}  // namespace ninefold::env::supervise
