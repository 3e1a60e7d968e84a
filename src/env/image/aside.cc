// In: work. Out: its answer through a pipe; an error keeps its code.
#include "env/image/aside.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/check.h"

namespace ninefold::env::image {
namespace {

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

int processors() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

Aside::Aside(const std::string& operation, const std::function<std::string()>& body) : operation_(operation) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw errno_error(errno, operation + ": make a pipe");
  answer_ = Fd(ends[0]);
  const Fd write_end(ends[1]);
  pid_ = ::fork();
  if (pid_ < 0) throw errno_error(errno, operation + ": start");
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::string text;
  try {
    text = "v0\n" + body();
  } catch (const Error& error) {
    text = fmt::format("e{}\n{}", static_cast<int>(error.code()), error.message());
  } catch (const std::exception& error) {
    text = fmt::format("e{}\n{}: {}", static_cast<int>(Code::internal), operation, error.what());
  }
  (void)write_all(operation, "pipe", write_end.get(), text);
  ::_exit(0);
}

Aside::~Aside() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  wait_for(pid_);
}

std::string Aside::join() {
  std::string text;
  char bytes[4096];
  for (ssize_t got; (got = ::read(answer_.get(), bytes, sizeof bytes)) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    text.append(bytes, static_cast<std::size_t>(got));
  }
  wait_for(std::exchange(pid_, -1));
  const auto line = text.find('\n');
  check(line != std::string::npos, Code::aborted, "{}: a worker was killed; run it again", operation_);
  if (text[0] == 'v') return text.substr(line + 1);
  throw Error(static_cast<Code>(std::atoi(text.c_str() + 1)), text.substr(line + 1));
}

}  // namespace ninefold::env::image
