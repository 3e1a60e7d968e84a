// In: children that end, requests of the supervisor, SIGTERM. Out: a journal that says so, synced first.
// PID 1 does as little as can be: it starts what the supervisor asks for, reaps whatever ends, and
// starts the supervisor again when that dies. So the death of any other process loses no status.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>

#include "env/supervise/init/places.h"
#include "env/supervise/init/small.h"
#include "env/supervise/journal.h"

namespace ninefold::env::supervise {
namespace {

constexpr const char* kSelf = "/proc/self/exe";

struct Child {
  std::string kind, id;
  std::uint64_t began;
};

class First {
 public:
  int run();

 private:
  enum class Unwritten { keep, drop };
  bool write(Record record, Unwritten unwritten = Unwritten::keep);
  bool flush();
  void start_supervisor();
  void answer();
  void spawn(const std::string& kind, const std::string& id);
  void reap();
  void ended(pid_t pid);
  void stop();
  std::int64_t memory_kills() const;
  void count_memory_kills();

  int journal_ = -1;
  std::string unwritten_;  // whole lines that the disk had no room for
  int supervisor_socket_ = -1;
  pid_t supervisor_ = -1;
  std::int64_t supervisor_after_ = 0;  // not started again before this moment
  std::map<pid_t, Child> children_;
  bool stopping_ = false;
  bool forced_ = false;
  std::int64_t kill_at_ = 0;
  std::int64_t grace_ms_ = 10000;
  std::int64_t kills_seen_ = 0, unclaimed_ = 0, kill_seen_at_ = 0;
};

// True once everything is on disk. What a full disk tore is cut off again, so that no line is half there.
bool First::flush() {
  if (unwritten_.empty()) return true;
  const off_t end = ::lseek(journal_, 0, SEEK_END);
  if (write_whole(journal_, unwritten_) && ::fdatasync(journal_) == 0) {
    unwritten_.clear();
    return true;
  }
  const int failed = errno;
  if (end >= 0 && ::ftruncate(journal_, end) != 0) unwritten_.insert(0, "\n");
  errno = failed;
  return false;
}

// A full disk must not stop the reaping: what cannot be written waits in memory for room, in its order.
bool First::write(Record record, Unwritten unwritten) {
  record.time = now_ms();
  const std::string text = line(record);
  const bool first = unwritten_.empty();
  unwritten_ += text;
  if (flush()) return true;
  const int failed = errno;
  if (unwritten == Unwritten::drop) unwritten_.resize(unwritten_.size() - text.size());
  if (first) std::fprintf(stderr, "init: the journal cannot be written: %s\n", std::strerror(failed));
  errno = failed;
  return false;
}

// Version 1 says "oom_kill N" in memory.oom_control, version 2 in memory.events.
std::int64_t First::memory_kills() const {
  // Podman and docker show the container's own group at the usual place instead.
  for (const char* place : {kLimits, "/sys/fs/cgroup", "/sys/fs/cgroup/memory"})
    for (const char* name : {"/memory.events", "/memory.oom_control"}) {
      const std::string text = "\n" + slurp(std::string(place) + name);
      const std::size_t at = text.find("\noom_kill ");
      if (at != std::string::npos) return std::strtoll(text.c_str() + at + 10, nullptr, 10);
    }
  return 0;
}

// The kernel counts first and the process dies a moment later, a big one much later. A kill that no
// ended child claims within five seconds was of somebody else's.
void First::count_memory_kills() {
  const std::int64_t kills = memory_kills(), now = now_ms();
  if (kills > kills_seen_) {
    unclaimed_ += kills - kills_seen_;
    kill_seen_at_ = now;
  } else if (now - kill_seen_at_ > 5000) {
    unclaimed_ = 0;
  }
  kills_seen_ = kills;
}

void First::start_supervisor() {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return;
  const pid_t pid = ::fork();
  if (pid == 0) {
    default_signals();
    ::setsid();
    if (pair[1] == kInitSocket) ::fcntl(kInitSocket, F_SETFD, 0);
    else ::dup2(pair[1], kInitSocket);
    ::execl(kSelf, "ninefold-supervisor", "supervise", nullptr);
    ::_exit(127);
  }
  ::close(pair[1]);
  supervisor_ = pid;
  supervisor_socket_ = pair[0];
  supervisor_after_ = now_ms() + 500;
}

// The child waits until its start is on disk: a program that ran is always in the journal.
void First::spawn(const std::string& kind, const std::string& id) {
  int gate[2];
  pid_t pid = -1;
  std::string refused;
  if (!stopping_ && ::pipe2(gate, O_CLOEXEC) == 0) {
    pid = ::fork();
    if (pid == 0) {
      ::close(gate[1]);
      char go = 0;
      if (::read(gate[0], &go, 1) != 1) ::_exit(127);
      default_signals();
      ::execl(kSelf, "ninefold-launch", "launch", kind.c_str(), id.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(gate[0]);
    if (pid > 0) {
      Record record{.what = "start", .kind = kind, .id = id, .pid = pid, .began = began(pid)};
      // A service runs without a record; a job that nobody could account for does not.
      const bool job = kind == "job";
      if (!write(record, job ? Unwritten::drop : Unwritten::keep) && job) refused = std::strerror(errno);
      if (refused.empty()) children_[pid] = {kind, id, record.began};
      if (!refused.empty() || ::write(gate[1], "g", 1) != 1) ::kill(pid, SIGKILL);
    }
    ::close(gate[1]);
  }
  if (pid < 0 && refused.empty()) refused = stopping_ ? "the environment is going down" : std::strerror(errno);
  if (!refused.empty()) send_message(supervisor_socket_, {{"op", "refused"}, {"id", id}, {"why", refused}});
  else send_message(supervisor_socket_, {{"op", "started"}, {"id", id}, {"pid", std::to_string(pid)}});
}

void First::answer() {
  Fields fields;
  if (!receive_message(supervisor_socket_, fields)) {
    ::close(supervisor_socket_);  // its end is reaped like any other
    supervisor_socket_ = -1;
    return;
  }
  if (first(fields, "op") == "spawn") spawn(first(fields, "kind"), first(fields, "id"));
}

void First::ended(pid_t pid) {
  siginfo_t seen{};
  int status = 0;
  // Looked at, written down, and only then reaped: a crash in between finds it again or not at all.
  const auto child = children_.find(pid);
  if (child != children_.end() && ::waitid(P_PID, pid, &seen, WEXITED | WNOHANG | WNOWAIT) == 0 &&
      seen.si_pid == pid) {
    status = seen.si_code == CLD_EXITED ? seen.si_status << 8
             : seen.si_code == CLD_DUMPED ? seen.si_status | 0x80
                                          : seen.si_status;
    const bool killed = (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
                        (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGKILL);
    count_memory_kills();
    const bool memory = killed && unclaimed_ > 0;
    if (memory) --unclaimed_;
    write({.what = "exit", .kind = child->second.kind, .id = child->second.id, .pid = pid,
           .began = child->second.began, .status = status, .note = memory ? "memory" : "-"});
  }
  ::waitpid(pid, &status, WNOHANG);
  if (child != children_.end()) {
    if (supervisor_socket_ >= 0)
      send_message(supervisor_socket_, {{"op", "ended"}, {"kind", child->second.kind},
                                        {"id", child->second.id}, {"status", std::to_string(status)}});
    children_.erase(child);
  }
  if (pid == supervisor_) {
    supervisor_ = -1;
    if (supervisor_socket_ >= 0) ::close(supervisor_socket_);
    supervisor_socket_ = -1;
  }
}

void First::reap() {
  for (;;) {
    siginfo_t seen{};
    if (::waitid(P_ALL, 0, &seen, WEXITED | WNOHANG | WNOWAIT) != 0 || seen.si_pid == 0) return;
    ended(seen.si_pid);
  }
}

void First::stop() {
  if (stopping_) return;
  stopping_ = true;
  kill_at_ = now_ms() + grace_ms_;
  write({.what = "stop"});
  // A shell ignores SIGTERM but obeys SIGHUP; what is stopped must run to see either.
  for (const int number : {SIGTERM, SIGHUP, SIGCONT}) ::kill(-1, number);
}

int First::run() {
  ::prctl(PR_SET_NAME, "ninefold-init");
  sigset_t watched;
  sigemptyset(&watched);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT}) sigaddset(&watched, number);
  sigprocmask(SIG_SETMASK, &watched, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const int signals = ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  const std::string path = std::string(kState) + "/journal";
  journal_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (signals < 0 || journal_ < 0) {
    std::fprintf(stderr, "init: open %s: %s\n", path.c_str(), std::strerror(errno));
    return 1;
  }
  std::string boot = slurp("/proc/sys/kernel/random/boot_id");
  while (!boot.empty() && boot.back() == '\n') boot.pop_back();
  const Fields settings = packed_file(std::string(kBoot) + "/settings");
  grace_ms_ = std::strtoll(first(settings, "grace_ms", "10000").c_str(), nullptr, 10);
  write_whole(journal_, "\n");  // a line torn by the last crash ends here
  write({.what = "boot", .id = boot, .note = first(settings, "session", "-")});
  kills_seen_ = memory_kills();

  for (;;) {
    if (supervisor_ < 0 && !stopping_ && now_ms() >= supervisor_after_) start_supervisor();
    pollfd watch[2] = {{signals, POLLIN, 0}, {supervisor_socket_, POLLIN, 0}};
    const int ready = ::poll(watch, 2, stopping_ || supervisor_ < 0 ? 50 : 1000);
    if (ready == 0 && !stopping_) count_memory_kills();
    flush();
    if (watch[0].revents) {
      signalfd_siginfo info{};
      while (::read(signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo != SIGCHLD) stop();
    }
    reap();
    if (supervisor_socket_ >= 0 && watch[1].fd == supervisor_socket_ && watch[1].revents) answer();
    if (!stopping_) continue;
    if (!forced_ && now_ms() >= kill_at_) {
      forced_ = true;
      ::kill(-1, SIGKILL);
    }
    siginfo_t any{};
    if (::waitid(P_ALL, 0, &any, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD) {
      write({.what = "end"});
      return 0;
    }
  }
}

}  // namespace

int pid1() { return First().run(); }

}  // namespace ninefold::env::supervise
