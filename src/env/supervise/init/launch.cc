// In: the name of a job or service. Out: this process becomes it, its output in O_APPEND files.
// No process stands between a job and its log. A job with a terminal is the exception that
// `ninefold job run --tty` asks for: its launcher stays and copies the terminal to the log.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "env/supervise/init/places.h"
#include "env/supervise/init/small.h"

namespace ninefold::env::supervise {
namespace {

void point(int descriptor, const std::string& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  ::dup2(fd, descriptor);
  ::close(fd);
}

[[noreturn]] void become(const Fields& spec) {
  for (const std::string& setting : every(spec, "env")) {
    const std::size_t equal = setting.find('=');
    if (equal != std::string::npos && equal > 0)
      ::setenv(setting.substr(0, equal).c_str(), setting.substr(equal + 1).c_str(), 1);
  }
  const std::string folder = first(spec, "cwd");
  if (!folder.empty() && ::chdir(folder.c_str()) != 0) {
    std::fprintf(stderr, "ninefold: enter folder %s: %s\n", folder.c_str(), std::strerror(errno));
    ::_exit(126);
  }
  std::vector<std::string> arguments = every(spec, "arg");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  if (arguments.empty()) ::_exit(127);
  ::execvp(pointers[0], pointers.data());
  const int failed = errno;
  std::fprintf(stderr, "ninefold: start %s: %s\n", pointers[0], std::strerror(failed));
  ::_exit(failed == ENOENT ? 127 : 126);
}

// Copies the terminal to standard output until the program has ended and nothing is left to read.
[[noreturn]] void with_terminal(const Fields& spec) {
  int master = -1, slave = -1;
  if (!open_terminal(master, slave)) {
    std::fprintf(stderr, "ninefold: open a terminal: %s\n", std::strerror(errno));
    ::_exit(126);
  }
  winsize size{};
  size.ws_row = static_cast<unsigned short>(std::atoi(first(spec, "rows", "24").c_str()));
  size.ws_col = static_cast<unsigned short>(std::atoi(first(spec, "columns", "80").c_str()));
  ::ioctl(master, TIOCSWINSZ, &size);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::setsid();
    ::ioctl(slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; ++fd) ::dup2(slave, fd);
    become(spec);
  }
  ::close(slave);
  // `job stop` signals this group: hand it on to the program's own.
  static volatile pid_t group = 0;
  group = pid;
  for (const int number : {SIGTERM, SIGINT, SIGHUP})
    ::signal(number, [](int n) { ::kill(-group, n); });
  char piece[16384];
  for (;;) {
    const ssize_t got = ::read(master, piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || !write_whole(1, std::string(piece, static_cast<std::size_t>(got)))) break;
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (WIFEXITED(status)) ::_exit(WEXITSTATUS(status));
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);  // the program has dumped already, if it does
  ::signal(WTERMSIG(status), SIG_DFL);
  ::raise(WTERMSIG(status));
  ::_exit(128 + WTERMSIG(status));
}

}  // namespace

int launch(const std::string& kind, const std::string& id) {
  const bool job = kind == "job";
  const std::string folder = std::string(kState) + (job ? "/jobs/" + id : "/logs");
  const Fields spec = packed_file(job ? folder + "/spec" : std::string(kBoot) + "/services/" + id);
  ::setsid();
  ::umask(022);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing > 0) ::dup2(nothing, 0), ::close(nothing);
  // In a container of others its own output is where logs are looked for, and our folder is memory.
  const bool shared = !job && first(packed_file(std::string(kBoot) + "/settings"), "output") == "shared";
  if (!shared) point(1, folder + (job ? "/out" : "/" + id));
  if (job) point(2, folder + "/err");
  else if (!shared) ::dup2(1, 2);
  if (job) {
    // So that the kernel takes the job before sshd, Jupyter and this environment's first process.
    const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score >= 0) write_whole(score, "500"), ::close(score);
    ::setenv("NINEFOLD_JOB", id.c_str(), 1);
  }
  ::close_range(3, ~0u, 0);
  if (job && first(spec, "tty") == "1") with_terminal(spec);
  become(spec);
}

}  // namespace ninefold::env::supervise
