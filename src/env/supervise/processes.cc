// In: pids. Out: what the kernel tells of them.
#include "env/supervise/processes.h"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "base/fd.h"

namespace ninefold::env::supervise {

std::string proc_text(pid_t pid, const char* file) {
  Result<std::string> text = read_file("", fmt::format("/proc/{}/{}", pid, file));
  return text ? text.value() : std::string();
}

std::string space_of(pid_t pid) {
  char text[64] = {};
  const ssize_t size = ::readlink(fmt::format("/proc/{}/ns/pid", pid).c_str(), text, sizeof text - 1);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}


std::vector<pid_t> members(const std::string& space) {
  std::vector<pid_t> list;
  DIR* proc = ::opendir("/proc");
  while (const dirent* entry = proc ? ::readdir(proc) : nullptr) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid > 1 && !space.empty() && space_of(pid) == space) list.push_back(pid);
  }
  if (proc) ::closedir(proc);
  return list;
}

std::uint64_t resident(pid_t pid) {
  const std::string text = proc_text(pid, "statm");
  const std::size_t blank = text.find(' ');
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return blank == std::string::npos ? 0 : std::strtoull(text.c_str() + blank, nullptr, 10) * page;
}

std::uint64_t proportional(pid_t pid) {
  const std::string text = proc_text(pid, "smaps_rollup");
  const std::size_t at = text.find("\nPss:");
  return at == std::string::npos ? resident(pid) : std::strtoull(text.c_str() + at + 5, nullptr, 10) * 1024;
}

}  // namespace ninefold::env::supervise
