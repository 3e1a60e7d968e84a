// In: a plan. Out: cgroups and a child that stages the container; later, everything gone again.
#include "env/run/apply.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/check.h"
#include "env/run/backend.h"
#include "env/run/namespaces.h"
#include "env/run/stage.h"

namespace ninefold::env::run {
namespace fs = std::filesystem;
namespace {

Result<void> write_setting(const std::string& path, const std::string& text) {
  Result<Fd> file = open_file("up: limits", path, O_WRONLY);
  if (!file) return file.error();
  return write_all("up: limits", path, file.value().get(), text);
}

Result<void> make_cgroups(const Plan& plan) {
  for (const Cgroup& cgroup : plan.cgroups.folders) {
    for (const auto& [file, text] : cgroup.enable) {
      Result<void> done = write_setting(file, text);
      if (!done) return done;
    }
    if (::mkdir(cgroup.folder.c_str(), 0755) != 0 && errno != EEXIST)
      return errno_error(errno, "up: limits: make " + cgroup.folder);
    ::chmod(cgroup.folder.c_str(), 0755);  // PID 1 reads there how many were killed for memory
    for (const auto& [name, text] : cgroup.settings) {
      Result<void> done = write_setting(cgroup.folder + "/" + name, text);
      // Kernels without swap accounting have no file for it.
      if (!done && name.find("sw") == std::string::npos) return done;
    }
  }
  return {};
}

// Lines of the child, one at a time.
class Lines {
 public:
  explicit Lines(int fd) : fd_(fd) {}
  bool next(std::string& line) {
    line.clear();
    char c = 0;
    for (;;) {
      const ssize_t got = ::read(fd_, &c, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      if (c == '\n') return true;
      line += c;
    }
  }

 private:
  int fd_;
};

}  // namespace

Result<pid_t> start(const Plan& plan, const SecretValues& secrets, int log,
                    const std::function<Result<void>(pid_t)>& created) {
  if (!plan.backend.empty()) return start_backend(plan, secrets, created);
  Result<void> limits = make_cgroups(plan);
  if (!limits) return limits.error();
  int report[2], go[2];
  if (::pipe2(report, O_CLOEXEC) != 0) return errno_error(errno, "up: make a pipe");
  Fd report_read(report[0]), report_write(report[1]);
  if (::pipe2(go, O_CLOEXEC) != 0) return errno_error(errno, "up: make a pipe");
  Fd go_read(go[0]), go_write(go[1]);
  const pid_t child = ::fork();
  if (child < 0) return errno_error(errno, "up: start a process");
  if (child == 0) {
    report_read.close();
    go_write.close();
    stage(plan, secrets, report_write, go_read, log);
  }
  report_write.close();
  go_read.close();
  pid_t first = -1;
  Result<void> outcome;
  Lines lines(report_read.get());
  for (std::string line; outcome && lines.next(line);) {
    if (line == "maps") {
      outcome = write_maps(child, plan.ids.map, plan.newuidmap);
    } else if (line.rfind("made ", 0) == 0) {
      first = static_cast<pid_t>(std::strtol(line.c_str() + 5, nullptr, 10));
      outcome = created(first);
    } else if (line.rfind("error ", 0) == 0) {
      outcome = Error(Code::failed_precondition, line.substr(6));
    }
    if (outcome && ::write(go_write.get(), "g", 1) != 1) break;
  }
  go_write.close();
  int status = 0;
  if (!outcome) ::kill(child, SIGKILL);
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  if (!outcome) return outcome.error();
  if (status != 0 || first < 0)
    return Error(Code::aborted, fmt::format("up: the start of {} was killed; run `ninefold up` again", plan.name));
  return first;
}

std::vector<pid_t> processes_of(const Plan& plan) {
  // The kernel shows an overlay's layers in mountinfo to whoever may see the process.
  const std::string mark = "upperdir=" + stage_layer(plan) + "/upper";
  std::vector<pid_t> found;
  DIR* proc = ::opendir("/proc");
  while (const dirent* entry = proc ? ::readdir(proc) : nullptr) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 1 || pid == ::getpid()) continue;
    Result<std::string> mounts = read_file("", fmt::format("/proc/{}/mountinfo", pid));
    if (mounts && mounts.value().find(mark) != std::string::npos) found.push_back(pid);
  }
  if (proc) ::closedir(proc);
  return found;
}

Result<void> remove_tree(const Plan& plan, const std::string& folder) {
  std::error_code problem;
  const auto remove = [&folder]() {
    std::error_code ignored;
    // A job may have taken its own right to a folder away.
    for (auto at = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, ignored);
         at != fs::recursive_directory_iterator(); at.increment(ignored)) {
      if (ignored) break;
      if (at->is_directory(ignored) && !at->is_symlink(ignored)) ::chmod(at->path().c_str(), 0700);
    }
    fs::remove_all(folder, ignored);
    return ignored ? 1 : 0;
  };
  if (!fs::exists(folder, problem)) return {};
  // A process that was killed this moment may still be making a file.
  for (int attempt = 0; attempt < 5; ++attempt) {
    Result<int> done = ::geteuid() == 0 ? Result<int>(remove()) : in_namespace(plan.ids, plan.newuidmap, remove);
    if (!done) return done.error();
    if (done.value() == 0) return {};
    ::usleep(20000);
  }
  return Error(Code::os, "down: " + folder + " cannot be removed");
}

Result<void> sweep(const Plan& plan) {
  for (int round = 0; round < 100; ++round) {
    std::vector<pid_t> left = processes_of(plan);
    for (const Cgroup& cgroup : plan.cgroups.folders)
      if (Result<std::string> procs = read_file("", cgroup.folder + "/cgroup.procs"))
        for (std::size_t at = 0; at < procs.value().size(); at = procs.value().find('\n', at) + 1)
          left.push_back(std::atoi(procs.value().c_str() + at));
    std::erase_if(left, [](pid_t pid) { return pid <= 1; });
    if (left.empty()) break;
    for (const pid_t pid : left) ::kill(pid, SIGKILL);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {}
    ::usleep(10000);
  }
  Result<void> outcome;
  if (!plan.backend.empty()) outcome = sweep_backend(plan);
  for (const Cgroup& cgroup : plan.cgroups.folders)
    for (int round = 0; ::rmdir(cgroup.folder.c_str()) != 0 && errno != ENOENT; ++round) {
      if (round == 100) {
        outcome = errno_error(errno, "down: remove " + cgroup.folder);
        break;
      }
      ::usleep(10000);  // the kernel counts the dead a moment longer
    }
  for (const char* name : {"/layer", "/boot", "/keys", "/hostkey"}) {
    Result<void> removed = remove_tree(plan, plan.state + name);
    if (!removed && outcome) outcome = removed;
  }
  return outcome;
}

}  // namespace ninefold::env::run
