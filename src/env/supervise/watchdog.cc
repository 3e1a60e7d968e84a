// In: /proc. Out: sums of sizes; a SIGKILL when they pass the limit, written down before it is sent.
#include "env/supervise/watchdog.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "base/fd.h"
#include "env/supervise/journal.h"
#include "env/supervise/state.h"

namespace ninefold::env::supervise {
namespace {

std::string link_of(const std::string& path) {
  char text[64] = {};
  const ssize_t size = ::readlink(path.c_str(), text, sizeof text - 1);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string text_of(const std::string& path) {
  Result<std::string> text = read_file("", path);
  return text ? text.value() : std::string();
}

std::vector<pid_t> members(const std::string& space) {
  std::vector<pid_t> list;
  DIR* proc = ::opendir("/proc");
  while (const dirent* entry = proc ? ::readdir(proc) : nullptr) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid > 1 && !space.empty() && link_of(fmt::format("/proc/{}/ns/pid", pid)) == space) list.push_back(pid);
  }
  if (proc) ::closedir(proc);
  return list;
}

std::uint64_t resident(pid_t pid) {
  const std::string text = text_of(fmt::format("/proc/{}/statm", pid));
  const std::size_t blank = text.find(' ');
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return blank == std::string::npos ? 0 : std::strtoull(text.c_str() + blank, nullptr, 10) * page;
}

std::uint64_t proportional(pid_t pid) {
  const std::string text = text_of(fmt::format("/proc/{}/smaps_rollup", pid));
  const std::size_t at = text.find("\nPss:");
  return at == std::string::npos ? resident(pid) : std::strtoull(text.c_str() + at + 5, nullptr, 10) * 1024;
}

bool is_job(pid_t pid) { return std::atoi(text_of(fmt::format("/proc/{}/oom_score_adj", pid)).c_str()) >= 500; }

// The session's leader is the job; as PID 1 numbers it.
pid_t inside(pid_t pid) {
  const std::string text = text_of(fmt::format("/proc/{}/status", pid));
  const std::size_t at = text.find("\nNSpid:"), end = text.find('\n', at + 1);
  if (at == std::string::npos) return 0;
  const std::string line = text.substr(at, end - at);
  return std::atoi(line.c_str() + line.find_last_of("\t ") + 1);
}

pid_t session(pid_t pid) {
  const std::string text = text_of(fmt::format("/proc/{}/stat", pid));
  std::size_t at = text.rfind(')');
  for (int field = 2; at != std::string::npos && field < 6; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + 1);
}

}  // namespace

std::uint64_t memory_of(pid_t first) {
  std::uint64_t sum = 0;
  for (const pid_t pid : members(link_of(fmt::format("/proc/{}/ns/pid", first)))) sum += proportional(pid);
  return sum;
}

Watchdog::Watchdog(const run::Plan& plan, pid_t first)
    : plan_(plan), space_(link_of(fmt::format("/proc/{}/ns/pid", first))),
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
