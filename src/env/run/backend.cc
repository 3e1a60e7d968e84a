// In: a plan. Out: a container of podman's or docker's. `podman init` is what lets a first process wait until its network is
// joined; docker has no such word, and a copy of the tree in a store of its own (`docker import`).
#include "env/run/backend.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/process.h"
#include "base/text.h"
#include "env/run/namespaces.h"

namespace ninefold::env::run {
namespace fs = std::filesystem;
namespace {

bool is_docker(const Plan& plan) { return plan.backend == "docker"; }

// Memory that no other user can look into; a bind of it is what `/run/secrets` shows.
std::string secrets_folder(const Plan& plan) { return "/dev/shm/" + backend_name(plan); }

Program engine_program(const Plan& plan, const std::vector<std::string>& words) {
  Program program;
  program.arguments = {plan.engine};
  // Podman finds its own containers by these; where they are not set it takes others.
  if (!is_docker(plan)) program.arguments.insert(program.arguments.end(), {"--cgroup-manager", "cgroupfs", "--events-backend", "none"});
  program.arguments.insert(program.arguments.end(), words.begin(), words.end());
  return program;
}

Result<Finished> engine(const Plan& plan, const std::vector<std::string>& words) {
  return run_or_fail("up: " + plan.backend + " " + words[0], engine_program(plan, words));
}

Result<void> write_secrets_for(const Plan& plan, const SecretValues& secrets) {
  const std::string folder = secrets_folder(plan);
  std::error_code problem;
  fs::remove_all(folder, problem);
  if (::mkdir(folder.c_str(), 0700) != 0) return errno_error(errno, "up: make folder " + folder);
  const auto own = [&](const std::string& path) { return ::geteuid() != 0 || ::lchown(path.c_str(), plan.ids.user, plan.ids.group) == 0; };
  for (const auto& [name, value] : secrets) {
    const std::string path = folder + "/" + name;
    Result<Fd> file = open_file("up: secret", path, O_WRONLY | O_CREAT | O_EXCL, 0400);
    if (!file) return file.error();
    Result<void> written = write_all("up: secret", path, file.value().get(), value);
    if (!written) return written;
    if (!own(path)) return errno_error(errno, "up: secret " + name);
  }
  return own(folder) ? Result<void>() : errno_error(errno, "up: secrets");
}

// Of the processes that are started while one lives: the first processors, as many as the limit says.
class FewerProcessors {
 public:
  explicit FewerProcessors(const Plan& plan) {
    if (plan.cgroups.cpus != Strength::soft || ::sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t fewer;
    CPU_ZERO(&fewer);
    int left = std::max(1, static_cast<int>(plan.limits.cpus + 0.999));
    for (int cpu = 0; cpu < CPU_SETSIZE && left > 0; ++cpu)
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &fewer), --left;
    changed_ = ::sched_setaffinity(0, sizeof fewer, &fewer) == 0;
  }
  ~FewerProcessors() {
    if (changed_) ::sched_setaffinity(0, sizeof before_, &before_);
  }
  FewerProcessors(const FewerProcessors&) = delete;
  FewerProcessors& operator=(const FewerProcessors&) = delete;

 private:
  cpu_set_t before_{};
  bool changed_ = false;
};

std::string ulimit(const char* name, int which, std::uint64_t most) {
  rlimit limit{};
  ::getrlimit(static_cast<__rlimit_resource_t>(which), &limit);
  if (most && most < limit.rlim_cur) limit.rlim_cur = limit.rlim_max = most;
  const auto text = [](rlim_t value) { return value == RLIM_INFINITY ? std::string("-1") : std::to_string(value); };
  return fmt::format("{}={}:{}", name, text(limit.rlim_cur), text(limit.rlim_max));
}

// An ordinary user's podman lowers its own limit of processes to the kernel's highest number of one, and may not hand on
// more than it has then.
std::uint64_t most_processes(const Plan& plan) {
  Result<std::string> text = read_file("", "/proc/sys/kernel/pid_max");
  const std::uint64_t most = text ? std::strtoull(text.value().c_str(), nullptr, 10) : 32768;
  return plan.cgroups.processes == Strength::soft ? std::min<std::uint64_t>(most, plan.limits.processes) : most;
}

// Podman gives the root folder of a writable layer to a user whom it takes for the container's; sshd wants it to be root's.
Result<void> own_root(pid_t first) {
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "up: start a process");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const Fd target(static_cast<int>(::syscall(SYS_pidfd_open, first, 0)));
    const bool joined = ::setns(target.get(), CLONE_NEWUSER | CLONE_NEWNS) == 0;
    ::_exit(joined && ::chown("/", 0, 0) == 0 && ::chmod("/", 0755) == 0 ? 0 : 1);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return status == 0 ? Result<void>() : Error(Code::aborted, "up: podman's container cannot be joined to give / to root");
}

// In: a program and where its standard input and output lead. Out: its pid, or -1.
pid_t start_piped(const std::function<int()>& body, int in, int out) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (in >= 0) ::dup2(in, 0);
  if (out >= 0) ::dup2(out, 1);
  ::close_range(3, ~0u, 0);  // the other's end of a pipe above all: whoever writes must see that nobody reads any more
  ::_exit(body());
}

int ended_with(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Which number an id of the tree has for docker: those of the inside, the user excepted, who is the caller.
std::string renumbered(const std::vector<image::IdRange>& ranges, std::uint32_t user, bool outside) {
  std::string lines;
  for (const image::IdRange& range : ranges)
    for (std::uint32_t i = 0; i < range.count; ++i) {
      const std::uint32_t inside = range.inside + i, to = inside == kUser ? user : inside;
      const std::uint32_t from = outside ? range.outside + i : inside;
      if (from != to) lines += fmt::format("+{} x:{}\n", from, to);
    }
  return lines;
}

// The tree becomes an image of docker's. Its files belong to subordinate ids, which their owner reads in a namespace.
Result<void> import_tree(const Plan& plan) {
  const std::string reference = backend_image(plan), label = "ninefold.container=" + backend_name(plan), boot = plan.state + "/boot";
  if (of_store(plan)) {
    Result<Finished> there = run_program("up: docker image", engine_program(plan, {"image", "inspect", "--format", "{{.Id}}", reference}));
    if (!there) return there.error();
    if (there.value().status == 0) return {};
  }
  Result<Finished> older = engine(plan, {"images", "--filter", "label=" + label, "--format", "{{.Repository}}:{{.Tag}}"});
  if (!older) return older.error();
  for (const std::string_view one : split(older.value().output, '\n'))
    if (!one.empty()) (void)run_program("up: docker rmi", engine_program(plan, {"rmi", std::string(one)}));
  const bool root = ::geteuid() == 0;
  for (const auto& [file, ranges, user] : {std::tuple{"/owners", &plan.ids.map.uids, plan.ids.user}, {"/groups", &plan.ids.map.gids, plan.ids.group}}) {
    Result<Fd> made = open_file("up", boot + file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (!made) return made.error();
    Result<void> written = write_all("up", boot + file, made.value().get(), renumbered(*ranges, user, root));
    if (!written) return written;
  }
  int data[2], said[2];
  if (::pipe2(data, O_CLOEXEC) != 0 || ::pipe2(said, O_CLOEXEC) != 0) return errno_error(errno, "up: make a pipe");
  Fd data_read(data[0]), data_write(data[1]), said_read(said[0]), said_write(said[1]);
  const std::string owners = "--owner-map=" + boot + "/owners", groups = "--group-map=" + boot + "/groups", change = "LABEL " + label;
  const pid_t import = start_piped([&] {
    ::dup2(1, 2);
    ::execl(plan.engine.c_str(), "docker", "import", "--change", change.c_str(), "-", reference.c_str(), nullptr);
    return 127;
  }, data_read.get(), said_write.get());
  const auto pack = [&] {
    ::execlp("tar", "tar", "--numeric-owner", "--xattrs", "--xattrs-include=*", owners.c_str(), groups.c_str(), "-C", plan.tree.c_str(), "-c", ".", nullptr);
    return 127;
  };
  const pid_t tar = start_piped([&] {
    if (root) return pack();
    Result<int> done = in_namespace(plan.ids, plan.newuidmap, pack);
    return done ? done.value() : 126;
  }, -1, data_write.get());
  data_read.close(), data_write.close(), said_write.close();
  std::string words;
  char piece[1024];
  for (ssize_t got; (got = ::read(said_read.get(), piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR);)
    if (got > 0) words.append(piece, static_cast<std::size_t>(got));
  const int packed = ended_with(tar), imported = ended_with(import);
  if (imported == 0 && packed == 0) return {};
  (void)run_program("up: docker rmi", engine_program(plan, {"rmi", reference}));
  if (imported != 0) return Error(Code::unavailable, "up: docker import: " + std::string(strip(words)));
  return Error(Code::aborted, fmt::format("up: tar of {} ended with {}; see {}/keeper.log", plan.tree, packed, plan.state));
}

// What Docker's daemon would have to be, and is not.
Result<void> look_at_docker(const Plan& plan) {
  const char* host = std::getenv("DOCKER_HOST");
  if (host && std::strncmp(host, "unix://", 7) != 0)
    return Error(Code::failed_precondition, fmt::format("up: --backend docker: DOCKER_HOST={} leads to another machine, which has not your folders; unset it", host));
  Result<Finished> told = engine(plan, {"info", "--format", "{{.SecurityOptions}}"});
  if (!told) {
    const std::string& why = told.error().message();
    const bool closed = why.find("permission denied") != std::string::npos;
    return Error(Code::unavailable, why + (closed ? "\nask an administrator for: sudo usermod -aG docker $USER (then log in again), or start without --backend"
                                                  : "\nstart Docker's daemon (sudo systemctl start docker), or start without --backend"));
  }
  for (const char* option : {"name=userns", "name=rootless"})
    if (told.value().output.find(option) != std::string::npos)
      return Error(Code::failed_precondition, fmt::format("up: --backend docker: this daemon maps ids by itself ({}), so that your files would not be yours inside; "
                                                          "use --backend podman, or no --backend", option));
  return {};
}

Result<pid_t> first_of(const Plan& plan) {
  Result<Finished> told = engine(plan, {"inspect", "--format", "{{.State.Pid}}", backend_name(plan)});
  if (!told) return told.error();
  const pid_t first = std::atoi(told.value().output.c_str());
  if (first > 1) return first;
  return Error(Code::aborted, fmt::format("up: {} made {} and names no first process of it", plan.backend, backend_name(plan)));
}

// Why it ended as soon as it began is in docker's own log.
Error with_log(const Plan& plan, const Error& error) {
  Result<Finished> log = run_program("up: docker logs", engine_program(plan, {"logs", backend_name(plan)}));
  return Error(error.code(), error.message() + (log ? "\n" + log.value().output + log.value().errors : ""));
}

}  // namespace

Result<pid_t> start_backend(const Plan& plan, const SecretValues& secrets, const std::function<Result<void>(pid_t)>& created) {
  if (is_docker(plan))
    if (Result<void> able = look_at_docker(plan); !able) return able.error();
  Result<void> gone = sweep_backend(plan);
  if (!gone) return gone.error();
  Result<void> written = write_secrets_for(plan, secrets);
  if (!written) return written.error();
  const FewerProcessors fewer(plan);
  std::vector<std::string> words = backend_words(plan, secrets_folder(plan));
  const std::string name = backend_name(plan);
  if (is_docker(plan)) {
    if (Result<void> imported = import_tree(plan); !imported) return imported.error();
    for (const std::vector<std::string>& step : {words, {"start", name}})
      if (Result<Finished> done = engine(plan, step); !done) return done.error();
    Result<pid_t> first = first_of(plan);
    if (!first) return with_log(plan, first.error());
    if (Result<void> joined = created(first.value()); !joined) return with_log(plan, joined.error());
    return first;
  }
  // Podman's own limits may be above this machine's, which it may not raise.
  words.insert(words.begin() + 1, {"--ulimit", ulimit("nofile", RLIMIT_NOFILE, 0), "--ulimit", ulimit("nproc", RLIMIT_NPROC, most_processes(plan))});
  for (const std::vector<std::string>& step : {words, {"init", name}})
    if (Result<Finished> done = engine(plan, step); !done) return done.error();
  Result<pid_t> first = first_of(plan);
  if (!first) return first;
  if (Result<void> owned = own_root(first.value()); !owned) return owned.error();
  if (Result<void> joined = created(first.value()); !joined) return joined.error();
  if (Result<Finished> done = engine(plan, {"start", name}); !done) return done.error();
  return first;
}

Result<void> run_in_backend(const Plan& plan, const std::vector<std::string>& words) {
  std::vector<std::string> all = {"exec", "--detach", backend_name(plan)};
  all.insert(all.end(), words.begin(), words.end());
  Result<Finished> done = engine(plan, all);
  return done ? Result<void>() : done.error();
}

Result<void> sweep_backend(const Plan& plan) {
  std::error_code ignored;
  fs::remove_all(secrets_folder(plan), ignored);
  if (!is_docker(plan)) {
    Result<Finished> done = engine(plan, {"rm", "--force", "--ignore", "--time", "0", backend_name(plan)});
    return done ? Result<void>() : done.error();
  }
  Result<Finished> done = run_program("down: docker rm", engine_program(plan, {"rm", "--force", backend_name(plan)}));
  if (!done) return done.error();
  if (done.value().status != 0 && done.value().errors.find("No such container") == std::string::npos)
    return Error(Code::unavailable, "down: docker rm: " + std::string(strip(done.value().errors)));
  // What an image of the store became stays for the next `up`; a folder may have changed by then.
  if (!of_store(plan)) (void)run_program("down: docker rmi", engine_program(plan, {"rmi", backend_image(plan)}));
  return {};
}

}  // namespace ninefold::env::run
