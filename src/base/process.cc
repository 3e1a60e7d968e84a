// In: a program to run. Out: its output and status; pipes are polled, so that neither side can block.
#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/fd.h"
#include "base/text.h"

namespace ninefold {
namespace {

constexpr std::size_t kErrorsKept = 64 * 1024;

struct Pipe {
  Fd read, write;
};

Result<Pipe> make_pipe(const std::string& operation) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, operation + ": make a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

// Between fork and exec: only async-signal-safe calls. The errno goes back through `report`.
[[noreturn]] void child(const std::string& path, char** argv, char** env, const char* root, const char* folder,
                        int in, int out, int err, int report) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (::dup2(in, 0) >= 0 && ::dup2(out, 1) >= 0 && ::dup2(err, 2) >= 0 && 
      (!*root || (::chroot(root) == 0 && ::chdir("/") == 0)) && (!*folder || ::chdir(folder) == 0))
    ::execve(path.c_str(), argv, env);
  const int number = errno;
  (void)!::write(report, &number, sizeof number);
  ::_exit(127);
}

void keep_end(std::string& text) {
  if (text.size() > 2 * kErrorsKept) text.erase(0, text.size() - kErrorsKept);
}

}  // namespace

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  const std::string all = std::string(path ? path : "") + ":/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
  for (std::string_view folder : split(all, ':')) {
    if (folder.empty()) continue;
    const std::string candidate = std::string(folder) + "/" + name;
    struct stat status {};
    if (::access(candidate.c_str(), X_OK) == 0 && ::stat(candidate.c_str(), &status) == 0 && S_ISREG(status.st_mode))
      return candidate;
  }
  return {};
}

NoPipeSignal::NoPipeSignal() {
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before_);
}
NoPipeSignal::~NoPipeSignal() { ::sigaction(SIGPIPE, &before_, nullptr); }

Result<Finished> run_program(const std::string& operation, const Program& program) {
  const std::string& name = program.arguments.at(0);
  const std::string path = name.find('/') == std::string::npos && program.root.empty() ? find_program(name) : name;
  if (path.empty())
    return Error(Code::not_found, operation + ": the program '" + name + "' is not on this machine; install it");
  Result<Pipe> in = make_pipe(operation), out = make_pipe(operation), err = make_pipe(operation),
               report = make_pipe(operation);
  for (const auto* pipe : {&in, &out, &err, &report})
    if (!*pipe) return pipe->error();
  std::vector<char*> argv = pointers(program.arguments);
  std::vector<char*> env = program.environment ? pointers(*program.environment) : std::vector<char*>();
  const int error_end = (program.merge ? out : err).value().write.get();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, operation + ": start " + name);
  if (pid == 0)
    child(path, argv.data(), program.environment ? env.data() : environ, program.root.c_str(), program.folder.c_str(),
          in.value().read.get(), out.value().write.get(), error_end, report.value().write.get());
  in.value().read.close(), out.value().write.close(), err.value().write.close(), report.value().write.close();
  int number = 0;
  const bool failed = ::read(report.value().read.get(), &number, sizeof number) == sizeof number;

  Finished finished;
  std::string line;
  std::size_t written = 0;
  ::fcntl(in.value().write.get(), F_SETFL, O_NONBLOCK);
  if (program.input.empty()) in.value().write.close();
  std::optional<NoPipeSignal> quiet(std::in_place);
  while (out.value().read || err.value().read) {
    std::array<pollfd, 3> polled = {{{out.value().read.get(), POLLIN, 0}, {err.value().read.get(), POLLIN, 0},
                                     {in.value().write.get(), POLLOUT, 0}}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
    if (polled[2].revents) {
      const ssize_t n = ::write(in.value().write.get(), program.input.data() + written, program.input.size() - written);
      if (n > 0) written += static_cast<std::size_t>(n);
      if ((n < 0 && errno != EAGAIN && errno != EINTR) || written == program.input.size()) in.value().write.close();
    }
    for (int i = 0; i < 2; ++i) {
      if (!polled[i].revents) continue;
      Fd& end = i == 0 ? out.value().read : err.value().read;
      char bytes[65536];
      const ssize_t n = ::read(end.get(), bytes, sizeof bytes);
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (n <= 0) {
        end.close();
        continue;
      }
      (i == 0 ? finished.output : finished.errors).append(bytes, static_cast<std::size_t>(n));
      if (i == 1) keep_end(finished.errors);
      if (i == 1 || !program.on_line) continue;
      line.append(bytes, static_cast<std::size_t>(n));
      for (std::size_t end_of_line; (end_of_line = line.find('\n')) != std::string::npos;) {
        program.on_line(std::string_view(line).substr(0, end_of_line));
        line.erase(0, end_of_line + 1);
      }
    }
  }
  quiet.reset();
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (failed) return errno_error(number, operation + ": start " + name);
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return finished;
}

Result<Finished> run_or_fail(const std::string& operation, const Program& program) {
  Result<Finished> finished = run_program(operation, program);
  if (!finished || finished.value().status == 0) return finished;
  std::string_view said = strip(finished.value().errors.empty() ? finished.value().output : finished.value().errors);
  if (said.size() > 1500) said.remove_prefix(said.size() - 1500);
  return Error(Code::os, operation + ": " + program.arguments[0] + " ended with status " +
                             std::to_string(finished.value().status) + ": " + std::string(said));
}

}  // namespace ninefold
