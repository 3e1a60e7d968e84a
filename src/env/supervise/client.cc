// In: verbs. Out: requests, and the states behind them.
#include "env/supervise/client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "env/run/apply.h"
#include "env/supervise/init/places.h"
#include "env/supervise/keeper.h"

namespace ninefold::env::supervise {
namespace {

std::string known() {
  std::string list;
  for (const std::string& name : environment_names()) list += (list.empty() ? "" : ", ") + name;
  return list.empty() ? "there are none; ninefold up starts one" : "there are " + list;
}

// Puts the caller's terminal back however this ends.
class Raw {
 public:
  explicit Raw(int fd) : fd_(fd), ok_(::tcgetattr(fd, &before_) == 0) {
    if (!ok_) return;
    termios raw = before_;
    ::cfmakeraw(&raw);
    ::tcsetattr(fd, TCSADRAIN, &raw);
  }
  ~Raw() {
    if (ok_) ::tcsetattr(fd_, TCSADRAIN, &before_);
  }

 private:
  int fd_;
  termios before_{};
  bool ok_;
};

bool pass_on(int from, int to) {
  char piece[16384];
  const ssize_t got = ::read(from, piece, sizeof piece);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got <= 0) return false;
  return write_all("", "", to, std::string_view(piece, static_cast<std::size_t>(got))).ok();
}

// Signals as a descriptor while a command runs; the old mask comes back.
class Signals {
 public:
  Signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) sigaddset(&set, number);
    sigprocmask(SIG_BLOCK, &set, &before_);
    fd_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  ~Signals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  int fd() const { return fd_.get(); }
  int next() const {
    signalfd_siginfo info{};
    return ::read(fd_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
  }

 private:
  sigset_t before_{};
  Fd fd_;
};

int exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

Result<Fd> reach(const Environment& environment) {
  for (int attempt = 0;; ++attempt) {
    Fd line(connect_to(environment.folder + "/shared", kControl));
    if (line) return line;
    if (attempt == 250 || !alive(environment.state))
      return errno_error(errno, "reach the supervisor of " + environment.name);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

Result<Environment> find(const std::string& name) {
  Environment found;
  found.name = name;
  found.folder = environment_folder(name);
  for (int attempt = 0;; ++attempt) {
    Result<State> state = read_state(found.folder);
    if (!state && state.error().code() == Code::not_found)
      return Error(Code::not_found, fmt::format("no environment {} is up; {}", name, known()));
    if (!state) return state.error();
    Result<run::Plan> plan = read_plan(found.folder);
    if (!plan) return plan.error();
    found.state = state.value();
    found.plan = plan.value();
    found.runs = alive(found.state) && found.state.phase != "starting";
    if (keeper_alive(found.folder)) {
      // It is starting, running, or cleaning up behind an environment that has just ended.
      if (found.runs || attempt == 500) return found;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    if (found.state.phase == "killed") return found;
    Result<Fd> lock = lock_environment(name);
    if (!lock) return lock.error();
    if (keeper_alive(found.folder)) continue;  // another verb was faster
    if (found.runs) {
      Result<void> adopted = start_keeper(found.folder, true, {});
      if (adopted) return found;
      if (alive(found.state)) return adopted.error();
      continue;
    }
    // Nobody keeps it and nothing runs: a killed start, or a keeper that died with its environment.
    Result<void> swept = run::sweep(found.plan);
    if (!swept) return swept.error();
    found.state.phase = "killed";
    Result<void> written = write_state(found.folder, found.state);
    if (!written) return written.error();
  }
}

Result<Environment> find_running(const std::string& operation, const std::string& name) {
  Result<Environment> found = find(name).within(operation);
  if (!found || found.value().runs) return found;
  return Error(Code::failed_precondition,
               fmt::format("{}: environment {} was killed; start it again: ninefold up", operation, name));
}

Result<Fields> ask(const Environment& environment, const Fields& request) {
  Result<Fd> line = reach(environment);
  if (!line) return line.error();
  Fields answer;
  if (!send_message(line.value().get(), request) || !receive_message(line.value().get(), answer))
    return Error(Code::unavailable, "the supervisor went away before it answered; look before you try again");
  if (const std::string error = first(answer, "error"); !error.empty()) return Error(Code::failed_precondition, error);
  return answer;
}

Result<int> execute(const Environment& environment, const Call& call, int in, int out, int err) {
  Fields request = {{"op", "exec"}, {"cwd", call.folder}, {"tty", call.terminal ? "1" : "0"}};
  for (const std::string& argument : call.arguments) request.emplace_back("arg", argument);
  for (const std::string& variable : call.environment) request.emplace_back("env", variable);
  winsize size{};
  if (call.terminal && ::ioctl(in, TIOCGWINSZ, &size) == 0) {
    request.emplace_back("rows", std::to_string(size.ws_row));
    request.emplace_back("columns", std::to_string(size.ws_col));
    if (const char* term = std::getenv("TERM")) request.emplace_back("env", std::string("TERM=") + term);
  }
  Result<Fd> line = reach(environment);
  if (!line) return line.error();
  Fields answer;
  std::vector<int> received;
  const Signals signals;
  if (!send_message(line.value().get(), request, call.terminal ? std::vector<int>{} : std::vector<int>{in, out, err}) ||
      !receive_message(line.value().get(), answer, &received))
    return Error(Code::unavailable, "the supervisor went away before it answered; look before you try again");
  if (const std::string error = first(answer, "error"); !error.empty()) return Error(Code::failed_precondition, error);
  const Fd master(received.empty() ? -1 : received[0]);
  std::optional<Raw> raw;
  if (master) raw.emplace(in);
  bool reading = true, typing = true;
  for (;;) {
    pollfd watch[4] = {{line.value().get(), POLLIN, 0}, {signals.fd(), POLLIN, 0},
                       {master && reading ? master.get() : -1, POLLIN, 0}, {master && typing ? in : -1, POLLIN, 0}};
    ::poll(watch, 4, -1);
    if (watch[1].revents)
      for (int number; (number = signals.next()) != 0;) {
        if (number == SIGWINCH) {
          if (master && ::ioctl(in, TIOCGWINSZ, &size) == 0) ::ioctl(master.get(), TIOCSWINSZ, &size);
        } else {
          send_message(line.value().get(), {{"signal", std::to_string(number)}});
        }
      }
    if (watch[2].revents) reading = pass_on(master.get(), out);
    if (watch[3].revents) typing = pass_on(in, master.get());
    if (!watch[0].revents) continue;
    if (!receive_message(line.value().get(), answer))
      return Error(Code::unavailable, "the supervisor was killed; how the command ends is unknown");
    while (master && reading) {  // what the terminal still holds
      pollfd rest{master.get(), POLLIN, 0};
      if (::poll(&rest, 1, 0) <= 0) break;
      reading = pass_on(master.get(), out);
    }
    return exit_status(std::atoi(first(answer, "ended", "0").c_str()));
  }
}

Result<std::string> output_of(const Environment& environment, const Call& call) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, "make a pipe");
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  std::string text;
  std::thread reader([&] {
    char piece[4096];
    for (ssize_t got; (got = ::read(read_end.get(), piece, sizeof piece)) != 0;)
      if (got > 0) text.append(piece, static_cast<std::size_t>(got));
      else if (errno != EINTR) break;
  });
  Result<int> status = execute(environment, call, nothing.get(), write_end.get(), nothing.get());
  write_end.close();
  reader.join();
  if (!status) return status.error();
  if (status.value() != 0)
    return Error(Code::aborted, fmt::format("{} ended with status {}", call.arguments[0], status.value()));
  return text;
}

Result<void> bring_down(const Environment& environment, std::int64_t wait_ms) {
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, environment.state.first, 0)));
  if (process && alive(environment.state)) {
    // Again and again: the kernel drops what reaches a PID 1 that is not listening yet.
    pollfd watch{process.get(), POLLIN, 0};
    for (std::int64_t waited = 0; waited < wait_ms; waited += 200) {
      ::syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0);
      if (::poll(&watch, 1, 200) != 0) break;
    }
    if (!watch.revents) ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
  }
  // The keeper cleans up; where it died, this is done here.
  for (int attempt = 0; attempt < 3000 && keeper_alive(environment.folder); ++attempt)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  if (keeper_alive(environment.folder))
    return Error(Code::deadline_exceeded, "down: the keeper does not end; see " + environment.folder + "/keeper.log");
  Result<void> swept = run::sweep(environment.plan);
  if (!swept) return swept;
  return remove_state(environment.plan);
}

}  // namespace ninefold::env::supervise
