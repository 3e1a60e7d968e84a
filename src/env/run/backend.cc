// In: a plan. Out: podman's words, and a container of podman's. Its ids, mounts, limits and filter of system calls are the
// plan's; `--network none`, since the keeper joins the network itself. `podman init` is what lets a first process wait.
#include "env/run/backend.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/hash.h"
#include "base/process.h"
#include "base/text.h"

namespace ninefold::env::run {
namespace fs = std::filesystem;
namespace {

// Memory that no other user can look into; a bind of it is what `/run/secrets` shows.
std::string secrets_folder(const Plan& plan) { return "/dev/shm/" + backend_name(plan); }

Result<Finished> engine(const Plan& plan, std::vector<std::string> words) {
  Program program;
  // It finds its own containers by these; where they are not set it takes others.
  program.arguments = {plan.engine, "--cgroup-manager", "cgroupfs", "--events-backend", "none"};
  program.arguments.insert(program.arguments.end(), words.begin(), words.end());
  return run_or_fail("up: " + plan.backend + " " + words[0], program);
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
  // Podman lowers its own for an ordinary user to so many processes, and may not hand on more than it has.
  if (which == RLIMIT_NPROC) limit.rlim_cur = limit.rlim_max = std::min<rlim_t>(limit.rlim_cur, 32768);
  if (most && most < limit.rlim_cur) limit.rlim_cur = limit.rlim_max = most;
  const auto text = [](rlim_t value) { return value == RLIM_INFINITY ? std::string("-1") : std::to_string(value); };
  return fmt::format("{}={}:{}", name, text(limit.rlim_cur), text(limit.rlim_max));
}

}  // namespace

std::string backend_name(const Plan& plan) { return fmt::format("ninefold-{}-{:08x}", plan.name, crc32c(plan.state)); }

std::vector<std::string> backend_words(const Plan& plan, const std::string& secrets) {
  std::vector<std::string> words = {"create", "--name", backend_name(plan), "--label", "ninefold.environment=" + plan.name, "--hostname", plan.name,
                                    "--network", "none", "--user", "1000:1000", "--cap-drop", "all", "--security-opt", "no-new-privileges",
                                    "--security-opt", "seccomp=" + plan.state + "/boot/seccomp.json", "--cgroupns", "private", "--unsetenv-all",
                                    "--systemd=false", "--no-hosts", "--http-proxy=false", "--log-driver", "k8s-file", "--log-opt",
                                    "path=" + plan.state + "/first.log", "--tmpfs", "/run:rw,nosuid,nodev,mode=755,size=64m", "--workdir", "/"};
  const auto add = [&](const std::string& name, const std::string& value) { words.push_back(name), words.push_back(value); };
  if (plan.ids.keeps_caller) {  // podman's own ranges of an ordinary user, in the order of ours
    add("--userns", "keep-id:uid=1000,gid=1000");
  } else {
    for (const image::IdRange& range : plan.ids.map.uids) add("--uidmap", fmt::format("{}:{}:{}", range.inside, range.outside, range.count));
    for (const image::IdRange& range : plan.ids.map.gids) add("--gidmap", fmt::format("{}:{}:{}", range.inside, range.outside, range.count));
  }
  const Limits& limits = plan.limits;
  add("--shm-size", fmt::format("{}b", limits.shared_memory ? limits.shared_memory : 1u << 30));
  if (plan.cgroups.memory == Strength::hard) add("--memory", fmt::format("{}b", limits.memory)), add("--memory-swap", fmt::format("{}b", limits.memory));
  if (plan.cgroups.cpus == Strength::hard) add("--cpus", fmt::format("{}", limits.cpus));
  if (plan.cgroups.processes == Strength::hard) add("--pids-limit", std::to_string(limits.processes));
  for (const std::string& variable : plan.environment) add("--env", variable);
  for (const Bind& bind : plan.binds) {
    const bool node = bind.driver && bind.to.rfind("/dev/", 0) == 0;
    if (node && bind.from == bind.to) add("--device", bind.from + ":" + bind.to + ":rw");  // its rights in the devices' cgroup, too
    else
      add("--mount", fmt::format("type=bind,source={},destination={},bind-propagation=rprivate,ro={}{}", bind.from, bind.to, bind.read_only,
                                 node ? ",dev=true" : ""));
  }
  add("--mount", fmt::format("type=bind,source={},destination=/run/secrets,bind-propagation=rprivate,ro=true", secrets));
  words.insert(words.end(), {"--rootfs", plan.tree + ":O", "/run/ninefold/boot/init"});
  return words;
}

Result<pid_t> start_backend(const Plan& plan, const SecretValues& secrets, const std::function<Result<void>(pid_t)>& created) {
  Result<void> gone = sweep_backend(plan);
  if (!gone) return gone.error();
  Result<void> written = write_secrets_for(plan, secrets);
  if (!written) return written.error();
  const FewerProcessors fewer(plan);
  std::vector<std::string> words = backend_words(plan, secrets_folder(plan));
  // Podman's own limits may be above this machine's, which it may not raise.
  const bool soft = plan.cgroups.processes == Strength::soft;
  words.insert(words.begin() + 1, {"--ulimit", ulimit("nofile", RLIMIT_NOFILE, 0), "--ulimit", ulimit("nproc", RLIMIT_NPROC, soft ? plan.limits.processes : 0)});
  const std::string name = backend_name(plan);
  for (const std::vector<std::string>& step : {words, {"init", name}})
    if (Result<Finished> done = engine(plan, step); !done) return done.error();
  Result<Finished> told = engine(plan, {"inspect", "--format", "{{.State.Pid}}", name});
  if (!told) return told.error();
  const pid_t first = std::atoi(told.value().output.c_str());
  if (first <= 1) return Error(Code::aborted, fmt::format("up: {} made {} and names no first process of it", plan.backend, name));
  Result<void> joined = created(first);
  if (!joined) return joined.error();
  if (Result<Finished> done = engine(plan, {"start", name}); !done) return done.error();
  return first;
}

Result<void> sweep_backend(const Plan& plan) {
  Result<Finished> done = engine(plan, {"rm", "--force", "--ignore", "--time", "0", backend_name(plan)});
  std::error_code ignored;
  fs::remove_all(secrets_folder(plan), ignored);
  return done ? Result<void>() : done.error();
}

}  // namespace ninefold::env::run
