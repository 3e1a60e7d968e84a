// In: /proc. Out: sums of sizes; a SIGKILL when they pass the limit, written down before it is sent.
#include "env/supervise/watchdog.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "base/fd.h"
#include "env/supervise/journal.h"
#include "env/supervise/processes.h"
#include "env/supervise/state.h"

namespace ninefold::env::supervise {
namespace {

bool is_job(pid_t pid) { return std::atoi(proc_text(pid, "oom_score_adj").c_str()) >= 500; }

// The session's leader is the job; as PID 1 numbers it.
pid_t inside(pid_t pid) {
  const std::string text = proc_text(pid, "status");
  const std::size_t at = text.find("\nNSpid:"), end = text.find('\n', at + 1);
  if (at == std::string::npos) return 0;
  const std::string line = text.substr(at, end - at);
  return std::atoi(line.c_str() + line.find_last_of("\t ") + 1);
}

pid_t session(pid_t pid) {
  const std::string text = proc_text(pid, "stat");
  std::size_t at = text.rfind(')');
  for (int field = 2; at != std::string::npos && field < 6; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + 1);
}

}  // namespace

Watchdog::Watchdog(const run::Plan& plan, pid_t first)
    : plan_(plan), space_(space_of(first)),
      on_(plan.cgroups.memory == run::Strength::soft) {}

// Near the limit there is little time; far from it there is nothing to see.
int Watchdog::pause() const {
  if (!on_) return 1000;
  return last_ * 2 > plan_.limits.memory ? 20 : 100;
}

void Watchdog::look() {
  if (!on_) return;
  const std::vector<pid_t> all = members(space_);
  // Resident sizes are an upper bound and cheap; the exact ones are read only when that bound is near.
  std::uint64_t sum = 0;
  for (const pid_t pid : all) sum += resident(pid);
  last_ = sum;
  if (sum <= plan_.limits.memory) return;
  sum = 0;
  pid_t biggest = 0;
  std::uint64_t most = 0;
  bool biggest_is_job = false;
  for (const pid_t pid : all) {
    const std::uint64_t size = proportional(pid);
    sum += size;
    const bool job = is_job(pid);
    if (std::pair(job, size) > std::pair(biggest_is_job, most)) biggest = pid, most = size, biggest_is_job = job;
  }
  last_ = sum;
  if (sum <= plan_.limits.memory || biggest == 0) return;
  const pid_t leader = session(biggest);
  Record record{.what = "kill", .kind = "job", .id = "-", .pid = inside(leader), .began = process_began(leader),
                .status = 0, .time = 0, .note = "memory"};
  if (Result<Fd> file = open_file("", plan_.state + "/shared/kills", O_WRONLY | O_APPEND | O_CREAT, 0600)) {
    (void)write_all("", "kills", file.value().get(), line(record));
    ::fdatasync(file.value().get());
  }
  ::kill(biggest, SIGKILL);
  std::fprintf(stderr, "watchdog: %llu bytes in use, %llu allowed: killed process %d\n",
               static_cast<unsigned long long>(sum), static_cast<unsigned long long>(plan_.limits.memory), biggest);
}

}  // namespace ninefold::env::supervise
