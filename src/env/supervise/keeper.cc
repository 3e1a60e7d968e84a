// In: a plan on disk. Out: a running environment and, for as long as it runs, its ports, network, key
// refresh and watchdog. The keeper stays outside of all namespaces, so its death harms nothing: the
// next verb starts another, which finds PID 1 by pid, start time and boot.
#include "env/supervise/keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "base/check.h"
#include "base/process.h"
#include "env/supervise/connector.h"
#include "env/supervise/gate.h"
#include "env/supervise/hold.h"
#include "env/supervise/state.h"
#include "env/supervise/watchdog.h"
#include "env/supervise/wire.h"

namespace ninefold::env::supervise {
namespace {

constexpr int kReport = 3;
constexpr const char* kComplete = ".";  // after the secrets; no secret has this name

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string fresh_name() {
  unsigned char bytes[8] = {};
  if (Result<Fd> random = open_file("", "/dev/urandom", O_RDONLY))
    (void)read_some("", "", random.value().get(), bytes, sizeof bytes);
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

class Keeper {
 public:
  Keeper(std::string folder, run::Plan plan) : folder_(std::move(folder)), plan_(std::move(plan)) {}
  Result<void> begin(bool adopt);
  int loop();

 private:
  Result<void> start_first();
  Result<void> network();
  Result<pid_t> connector();
  Result<void> join(pid_t first);
  void children();
  int finish();

  std::string folder_;
  run::Plan plan_;
  State state_;
  Fd lock_, first_;
  Lease lease_;   // on image and tree
  std::vector<Listener> listeners_;
  Gate gate_;     // to what is published
  pid_t connector_ = -1, slirp_ = -1;
  std::int64_t network_after_ = 0;
};

// slirp4netns joins by itself; it must not outlive us, and its words go to our log.
Result<void> Keeper::network() {
  if (plan_.network != "tun") return {};
  int ready[2];
  if (::pipe2(ready, O_CLOEXEC) != 0) return errno_error(errno, "up: make a pipe");
  Fd read_end(ready[0]), write_end(ready[1]);
  slirp_ = ::fork();
  if (slirp_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(write_end.get(), 9);
    const std::string pid = std::to_string(state_.first);
    std::vector<const char*> words = {"slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback", "--ready-fd=9"};
    if (plan_.outgoing.ipv6) words.push_back("--enable-ipv6");
    words.insert(words.end(), {pid.c_str(), "tap0", nullptr});
    ::execv(plan_.slirp.c_str(), const_cast<char**>(words.data()));
    ::_exit(127);
  }
  write_end.close();
  pollfd watch{read_end.get(), POLLIN, 0};
  char byte = 0;
  if (slirp_ < 0 || ::poll(&watch, 1, 3000) <= 0 || ::read(read_end.get(), &byte, 1) != 1) {
    if (slirp_ > 0) ::kill(slirp_, SIGKILL);
    return Error(Code::unavailable, "up: slirp4netns does not start; see " + folder_ + "/keeper.log");
  }
  return {};
}

Result<pid_t> Keeper::connector() {
  return start_connector(listeners_, plan_, state_.first, gate_.tls.get(), gate_.login);
}

Result<void> Keeper::join(pid_t first) {
  state_.first = first;
  state_.first_began = process_began(first);
  state_.boot = boot_id();
  Result<void> written = write_state(folder_, state_);
  if (!written) return written;
  Result<void> outgoing = network();
  if (!outgoing && state_.phase != "running") return outgoing;
  if (!outgoing) std::fprintf(stderr, "keeper: %s\n", outgoing.error().what());  // loop() tries again
  Result<pid_t> started = connector();
  if (!started) return started.error();
  connector_ = started.value();
  return {};
}

Result<void> Keeper::start_first() {
  Fields given;
  std::string bytes;
  char piece[4096];
  for (ssize_t got; (got = ::read(0, piece, sizeof piece)) > 0;) bytes.append(piece, static_cast<std::size_t>(got));
  if (!unpack(bytes, given) || given.empty() || given.back().first != kComplete)
    return Error(Code::aborted, "up: its caller was killed before it handed the secrets over; run the same command again");
  given.pop_back();
  run::SecretValues secrets(given.begin(), given.end());
  if (plan_.jupyter_token) secrets["jupyter_token"] = fresh_name() + fresh_name() + fresh_name();
  state_ = {.phase = "starting", .session = fresh_name(), .boot = boot_id(), .project = plan_.project,
            .image = plan_.image, .first = 0, .first_began = 0, .started = now_ms()};
  Result<void> written = write_state(folder_, state_);
  if (!written) return written;
  Result<void> prepared = run::prepare(plan_, state_.session);
  if (!prepared) return prepared;
  Result<Fd> log = open_file("up", folder_ + "/first.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (!log) return log.error();
  Result<pid_t> first = run::start(plan_, secrets, log.value().get(), [this](pid_t pid) { return join(pid); });
  if (!first) return first.error();
  state_.phase = "running";
  return write_state(folder_, state_);
}

Result<void> Keeper::begin(bool adopt) {
  Result<Fd> lock = lock_keeper(folder_);
  if (!lock) return lock.error();
  lock_ = std::move(lock).value();
  Result<Lease> lease = hold_image(plan_.image, plan_.tree);
  if (!lease) return lease.error();
  lease_ = std::move(lease).value();
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  Result<Gate> gate = open_gate(plan_);
  if (!gate) return gate.error();
  gate_ = std::move(gate).value();
  Result<std::vector<Listener>> listeners = listen_on(plan_.ports);
  if (!listeners) return listeners.error();
  listeners_ = std::move(listeners).value();
  Result<void> outcome;
  if (adopt) {
    Result<State> state = read_state(folder_);
    if (!state) return state.error();
    state_ = state.value();
    if (!alive(state_)) return Error(Code::failed_precondition, "keeper: nothing runs in " + folder_);
    outcome = join(state_.first);
  } else {
    outcome = start_first();
  }
  if (outcome) {
    first_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, state_.first, 0)));
    if (first_) return {};
    outcome = Error(Code::aborted, "up: the environment ended as soon as it began; see " + folder_ + "/first.log");
  }
  if (adopt) return outcome;
  for (const pid_t child : {connector_, slirp_})
    if (child > 0) ::kill(child, SIGKILL);
  std::string words;
  if (Result<std::string> log = read_file("", folder_ + "/first.log")) words = log.value();
  (void)run::sweep(plan_);
  (void)remove_state(plan_);
  if (words.empty()) return outcome;
  return Error(outcome.error().code(), outcome.error().message() + "\n" + words);
}

void Keeper::children() {
  for (pid_t pid; (pid = ::waitpid(-1, nullptr, WNOHANG)) > 0;) {
    if (pid == connector_) connector_ = -1;
    if (pid == slirp_) slirp_ = -1;
  }
}

int Keeper::finish() {
  for (const pid_t child : {connector_, slirp_})
    if (child > 0) ::kill(child, SIGKILL);
  while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {}
  const Journal journal = read_journal(folder_);
  const bool orderly = !journal.sessions.empty() && journal.sessions.back().name == state_.session &&
                       journal.sessions.back().ended;
  Result<void> swept = run::sweep(plan_);
  if (!swept) std::fprintf(stderr, "keeper: %s\n", swept.error().what());
  if (orderly) {
    (void)remove_state(plan_);
    return 0;
  }
  // Somebody shall read this: `status` says "killed" until the next `up` or `down`.
  state_.phase = "killed";
  (void)write_state(folder_, state_);
  return 1;
}

int Keeper::loop() {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&watched, number);
  sigprocmask(SIG_SETMASK, &watched, nullptr);
  const Fd signals(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
  Watchdog watchdog(plan_, state_.first);
  for (;;) {
    pollfd watch[2] = {{first_.get(), POLLIN, 0}, {signals.get(), POLLIN, 0}};
    ::poll(watch, 2, watchdog.pause());
    if (watch[1].revents) {
      signalfd_siginfo info{};
      while (::read(signals.get(), &info, sizeof info) == sizeof info) {}
    }
    children();
    if (watch[0].revents) return finish();
    watchdog.look();
    (void)run::refresh_keys(plan_);
    if (now_ms() < network_after_) continue;
    if (connector_ < 0) {
      network_after_ = now_ms() + 500;
      if (Result<pid_t> again = connector()) connector_ = again.value();
    }
    if (slirp_ < 0 && plan_.network == "tun") {
      network_after_ = now_ms() + 2000;
      if (Result<void> again = network(); !again) std::fprintf(stderr, "keeper: %s\n", again.error().what());
    }
  }
}

}  // namespace

int keep(const std::string& folder, bool adopt) {
  ::signal(SIGPIPE, SIG_IGN);
  ::umask(077);
  ::fcntl(kReport, F_SETFD, FD_CLOEXEC);  // whoever waits for our word waits for its end
  const auto report = [](const std::string& text) {
    (void)write_all("", "", kReport, text);
    ::close(kReport);
  };
  Result<run::Plan> plan = read_plan(folder);
  if (!plan) return report(plan.error().message()), 1;
  Keeper keeper(folder, plan.value());
  Result<void> begun = keeper.begin(adopt);
  if (!begun) return report(begun.error().message()), 1;
  report("ok");
  return keeper.loop();
}

Result<void> start_keeper(const std::string& folder, bool adopt, const run::SecretValues& secrets) {
  int report[2], given[2];
  if (::pipe2(report, O_CLOEXEC) != 0 || ::pipe2(given, O_CLOEXEC) != 0)
    return errno_error(errno, "up: make a pipe");
  Fd report_read(report[0]), report_write(report[1]), given_read(given[0]), given_write(given[1]);
  const std::string log = folder + "/keeper.log";
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "up: start a process");
  if (pid == 0) {
    ::setsid();
    if (::fork() != 0) ::_exit(0);  // nobody's child: it stays when the caller leaves
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(given_read.get(), 0);
    ::dup2(file, 1);
    ::dup2(file, 2);
    if (report_write.get() == kReport) ::fcntl(kReport, F_SETFD, 0);
    else ::dup2(report_write.get(), kReport);
    ::close_range(4, ~0u, 0);
    if (::chdir("/") != 0) ::_exit(1);
    ::execl("/proc/self/exe", "ninefold", "keeper", adopt ? "--adopt" : "--start", folder.c_str(), nullptr);
    ::_exit(127);
  }
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
  report_write.close();
  given_read.close();
  Fields fields(secrets.begin(), secrets.end());
  fields.emplace_back(kComplete, "");
  {
    const NoPipeSignal quiet;  // a keeper that refuses at once reads none; its report says why
    (void)write_all("up", "secrets", given_write.get(), pack(fields));
  }
  given_write.close();
  std::string text;
  char piece[1024];
  for (ssize_t got; (got = ::read(report_read.get(), piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR);)
    if (got > 0) text.append(piece, static_cast<std::size_t>(got));
  if (text == "ok") return {};
  if (text.empty()) text = "up: the keeper was killed while it started; run the same command again";
  return Error(text.find("is in use on this machine") != std::string::npos ? Code::already_exists
                                                                           : Code::failed_precondition, text);
}

}  // namespace ninefold::env::supervise
