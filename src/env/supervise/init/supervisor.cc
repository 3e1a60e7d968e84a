// In: requests on the control socket. Out: jobs and services started through PID 1, commands run.
// The supervisor may die at any moment: what it must know lies in files (jobs/ID/spec, services/, the
// journal), and PID 1, not it, is the parent of jobs and services.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>

#include "env/supervise/init/places.h"
#include "env/supervise/init/small.h"
#include "env/supervise/journal.h"

namespace ninefold::env::supervise {
namespace {

struct Service {
  std::string restart = "on-failure";
  pid_t pid = 0;               // 0: not running
  std::int64_t started = 0, start_at = 0;
  int failures = 0;            // in a row; the pause before the next start grows with them
  int starts = 0;
  bool wanted = true;
};

struct Command {  // of `exec`: a child of ours
  int socket;
  pid_t pid;
};

struct Stop {  // a job that was asked to end
  pid_t pid;
  std::uint64_t began;
  std::int64_t kill_at;
};

class Supervisor {
 public:
  int run();

 private:
  void load();
  void start_services();
  bool spawn(const std::string& kind, const std::string& id, std::string& pid);  // else the reason, in `pid`
  void heard(const Fields& notice);
  void serve(int socket);
  void command(int socket, const Fields& request, std::vector<int>& descriptors);
  Fields job(const Fields& request);
  Fields stop(const Fields& request);
  Fields restart(const Fields& request);
  Fields services() const;
  void reap();
  void kill_late();
  int pause() const;

  std::map<std::string, Service> services_;
  std::vector<Command> commands_;
  std::vector<Stop> stops_;
};

std::vector<std::string> entries(const std::string& folder) {
  std::vector<std::string> names;
  if (DIR* open = ::opendir(folder.c_str())) {
    while (const dirent* entry = ::readdir(open))
      if (entry->d_name[0] != '.') names.push_back(entry->d_name);
    ::closedir(open);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Services that an earlier supervisor started go on; only the journal knows them.
void Supervisor::load() {
  const Journal journal = fold(parse_journal(slurp(std::string(kState) + "/journal")));
  const std::string folder = std::string(kBoot) + "/services";
  for (const std::string& name : entries(folder)) {
    Service& service = services_[name];
    service.restart = first(packed_file(folder + "/" + name), "restart", "on-failure");
  }
  for (const Run& run : journal.runs) {
    const auto service = services_.find(run.id);
    if (run.kind != "service" || service == services_.end() || run.session + 1 != journal.sessions.size())
      continue;
    ++service->second.starts;
    service->second.started = run.started;
    service->second.pid = run.status ? 0 : static_cast<pid_t>(run.pid);
  }
}

void Supervisor::start_services() {
  for (auto& [name, service] : services_) {
    if (!service.wanted || service.pid != 0 || now_ms() < service.start_at) continue;
    std::string pid;
    if (!spawn("service", name, pid)) {
      service.start_at = now_ms() + 1000;
      continue;
    }
    service.pid = std::atoi(pid.c_str());
    service.started = now_ms();
    ++service.starts;
  }
}

bool Supervisor::spawn(const std::string& kind, const std::string& id, std::string& pid) {
  if (!send_message(kInitSocket, {{"op", "spawn"}, {"kind", kind}, {"id", id}})) ::_exit(1);
  Fields reply;
  for (;;) {
    if (!receive_message(kInitSocket, reply)) ::_exit(1);  // PID 1 is gone, and so are we
    const std::string op = first(reply, "op");
    if (op == "ended") {
      heard(reply);
      continue;
    }
    pid = first(reply, op == "started" ? "pid" : "why");
    return op == "started";
  }
}

void Supervisor::heard(const Fields& notice) {
  const auto found = services_.find(first(notice, "id"));
  if (first(notice, "kind") != "service" || found == services_.end()) return;
  Service& service = found->second;
  const int status = std::atoi(first(notice, "status").c_str());
  const std::int64_t now = now_ms();
  service.pid = 0;
  service.failures = now - service.started > 10000 ? 0 : service.failures + 1;
  service.wanted = service.restart == "always" || (service.restart == "on-failure" && status != 0);
  constexpr std::int64_t kPauses[] = {100, 500, 1000, 2000, 5000, 10000};
  service.start_at = now + kPauses[std::min(service.failures, 5)];
}

Fields fault(const std::string& text) { return {{"error", text}}; }

// Accepted means: on disk and known to PID 1. Anything less is reported as not started.
Fields Supervisor::job(const Fields& request) {
  const std::string jobs = std::string(kState) + "/jobs";
  int next = 1;
  for (const std::string& name : entries(jobs)) next = std::max(next, std::atoi(name.c_str()) + 1);
  const std::string id = std::to_string(next), folder = jobs + "/" + id;
  if (::mkdir(folder.c_str(), 0700) != 0) return fault("make folder " + folder + ": " + std::strerror(errno));
  Fields spec;
  for (const auto& [key, value] : request)
    if (key != "op") spec.emplace_back(key, value);
  spec.emplace_back("submitted", std::to_string(now_ms()));
  const auto refuse = [&](const std::string& why) {
    ::unlink((folder + "/spec").c_str());
    ::unlink((folder + "/.spec.new").c_str());
    ::rmdir(folder.c_str());
    return fault(why);
  };
  if (!write_durably(folder, "spec", pack(spec)) || !write_durably(jobs, ".synced", ""))
    return refuse("write " + folder + "/spec: " + std::strerror(errno));
  std::string pid;
  if (!spawn("job", id, pid)) return refuse("job " + id + " was not started: " + pid);
  return {{"id", id}, {"pid", pid}};
}

Fields Supervisor::stop(const Fields& request) {
  const std::string id = first(request, "id");
  const Journal journal = fold(parse_journal(slurp(std::string(kState) + "/journal")));
  const Run* found = nullptr;
  for (const Run& run : journal.runs)
    if (run.kind == "job" && run.id == id && run.session + 1 == journal.sessions.size()) found = &run;
  if (!found || found->status || began(found->pid) != found->began) return {{"state", "not running"}};
  const pid_t pid = static_cast<pid_t>(found->pid);
  const int number = std::atoi(first(request, "signal", "15").c_str());
  ::kill(-pid, number);
  if (number != SIGKILL) ::kill(-pid, SIGCONT);
  const std::int64_t grace = std::strtoll(first(request, "grace_ms", "-1").c_str(), nullptr, 10);
  if (grace >= 0) stops_.push_back({pid, found->began, now_ms() + grace});
  return {{"state", "asked"}};
}

Fields Supervisor::restart(const Fields& request) {
  const auto found = services_.find(first(request, "service"));
  if (found == services_.end()) {
    std::string known;
    for (const auto& [name, service] : services_) known += (known.empty() ? "" : ", ") + name;
    return fault("no service '" + first(request, "service") + "'; there are " + (known.empty() ? "none" : known));
  }
  Service& service = found->second;
  service.wanted = true;
  service.failures = 0;
  service.start_at = 0;
  if (service.pid != 0) {
    ::kill(-service.pid, SIGTERM);
    stops_.push_back({service.pid, began(service.pid), now_ms() + 3000});
    service.restart = service.restart == "never" ? "on-failure" : service.restart;
  }
  return {{"state", "asked"}};
}

Fields Supervisor::services() const {
  Fields list = {{"protocol", kProtocol}};
  for (const auto& [name, service] : services_) {
    list.emplace_back("service", name);
    list.emplace_back("pid", std::to_string(service.pid));
    list.emplace_back("starts", std::to_string(service.starts));
    list.emplace_back("started", std::to_string(service.started));
  }
  return list;
}

[[noreturn]] void run_command(const Fields& request, const std::vector<int>& descriptors, int terminal) {
  default_signals();
  ::setsid();
  if (terminal >= 0) ::ioctl(terminal, TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; ++fd) ::dup2(terminal >= 0 ? terminal : descriptors[fd], fd);
  for (const std::string& setting : every(request, "env")) {
    const std::size_t equal = setting.find('=');
    if (equal != std::string::npos && equal > 0)
      ::setenv(setting.substr(0, equal).c_str(), setting.substr(equal + 1).c_str(), 1);
  }
  ::umask(022);
  ::close_range(3, ~0u, 0);
  const std::string folder = first(request, "cwd");
  if (!folder.empty() && ::chdir(folder.c_str()) != 0) {
    dprintf(2, "ninefold: enter folder %s: %s\n", folder.c_str(), std::strerror(errno));
    ::_exit(126);
  }
  std::vector<std::string> arguments = every(request, "arg");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  if (arguments.empty()) ::_exit(127);
  ::execvp(pointers[0], pointers.data());
  const int failed = errno;
  dprintf(2, "ninefold: start %s: %s\n", pointers[0], std::strerror(failed));
  ::_exit(failed == ENOENT ? 127 : 126);
}

// The caller's own descriptors become the command's; or a terminal made here, whose other end the
// caller gets, so that no byte passes through us.
void Supervisor::command(int socket, const Fields& request, std::vector<int>& descriptors) {
  const bool tty = first(request, "tty") == "1";
  int master = -1, slave = -1;
  if ((!tty && descriptors.size() != 3) || (tty && !open_terminal(master, slave))) {
    send_message(socket, fault(tty ? std::string("open a terminal: ") + std::strerror(errno)
                                   : "exec needs three descriptors"));
    ::close(socket);
    return;
  }
  if (tty) {
    winsize size{};
    size.ws_row = static_cast<unsigned short>(std::atoi(first(request, "rows", "24").c_str()));
    size.ws_col = static_cast<unsigned short>(std::atoi(first(request, "columns", "80").c_str()));
    ::ioctl(master, TIOCSWINSZ, &size);
  }
  const pid_t pid = ::fork();
  if (pid == 0) run_command(request, descriptors, slave);
  if (slave >= 0) ::close(slave);
  if (pid < 0) {
    send_message(socket, fault(std::string("start a process: ") + std::strerror(errno)));
    ::close(socket);
  } else {
    send_message(socket, {{"pid", std::to_string(pid)}}, tty ? std::vector<int>{master} : std::vector<int>{});
    commands_.push_back({socket, pid});
  }
  if (master >= 0) ::close(master);
}

void Supervisor::serve(int socket) {
  // A caller that connects and stays silent must not hold up the others.
  const timeval patience{2, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  Fields request;
  std::vector<int> descriptors;
  if (!receive_message(socket, request, &descriptors)) {
    ::close(socket);
  } else {
    const std::string op = first(request, "op");
    if (op == "exec") {
      command(socket, request, descriptors);
    } else {
      send_message(socket, op == "job"        ? job(request)
                           : op == "stop"     ? stop(request)
                           : op == "restart"  ? restart(request)
                           : op == "services" ? services()
                                              : fault("unknown request '" + op + "'"));
      ::close(socket);
    }
  }
  for (const int fd : descriptors) ::close(fd);
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto found = std::find_if(commands_.begin(), commands_.end(),
                                    [&](const Command& c) { return c.pid == pid; });
    if (found == commands_.end()) continue;
    send_message(found->socket, {{"ended", std::to_string(status)}});
    ::close(found->socket);
    commands_.erase(found);
  }
}

void Supervisor::kill_late() {
  std::erase_if(stops_, [](const Stop& s) {
    if (began(s.pid) != s.began) return true;
    if (now_ms() < s.kill_at) return false;
    ::kill(-s.pid, SIGKILL);
    return true;
  });
}

// Milliseconds until something is due.
int Supervisor::pause() const {
  std::int64_t pause = 60000;
  for (const auto& [name, service] : services_)
    if (service.wanted && service.pid == 0) pause = std::min(pause, service.start_at - now_ms());
  if (!stops_.empty()) pause = std::min<std::int64_t>(pause, 50);
  return static_cast<int>(std::max<std::int64_t>(pause, 1));
}

int Supervisor::run() {
  ::prctl(PR_SET_NAME, "ninefold-superv");
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigprocmask(SIG_SETMASK, &watched, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  const int signals = ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  ::fcntl(kInitSocket, F_SETFD, FD_CLOEXEC);
  for (const char* name : {"/jobs", "/logs"}) ::mkdir((std::string(kState) + name).c_str(), 0700);
  load();
  const int listener = listen_at(kState, kControl);
  if (listener < 0 || signals < 0) return 1;
  for (;;) {
    start_services();
    std::vector<pollfd> watch = {{listener, POLLIN, 0}, {signals, POLLIN, 0}, {kInitSocket, POLLIN, 0}};
    for (const Command& c : commands_) watch.push_back({c.socket, POLLIN, 0});
    const std::vector<Command> asked = commands_;
    ::poll(watch.data(), watch.size(), pause());
    kill_late();
    if (watch[2].revents) {
      Fields notice;
      if (!receive_message(kInitSocket, notice)) return 1;
      heard(notice);
    }
    for (std::size_t i = 3; i < watch.size(); ++i) {
      if (!watch[i].revents) continue;
      const Command& c = asked[i - 3];
      Fields request;
      if (receive_message(c.socket, request)) {
        ::kill(-c.pid, std::atoi(first(request, "signal", "0").c_str()));
      } else {
        // The caller is gone: so is whoever read the output.
        ::kill(-c.pid, SIGHUP);
        ::close(c.socket);
        std::erase_if(commands_, [&](const Command& other) { return other.pid == c.pid; });
      }
    }
    if (watch[1].revents) {
      signalfd_siginfo info{};
      while (::read(signals, &info, sizeof info) == sizeof info) {}
    }
    reap();
    if (watch[0].revents) {
      const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) serve(socket);
    }
  }
}

}  // namespace

int supervise() { return Supervisor().run(); }

}  // namespace ninefold::env::supervise
