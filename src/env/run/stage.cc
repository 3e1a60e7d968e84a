// In: a plan. Out: namespaces, mounts and a container, in the order that the kernel's rules dictate:
//   cgroups          while we are still who we were
//   mounts' sources  as the caller: root inside may not walk his folders. Root opens them before the
//                    user namespace exists, since only then may it map ids; anybody else after it
//   tmpfs            over kStage, in a mount namespace that only this process has; the sources go there
//   overlay          as root inside, which the kernel makes the owner of its work folder
//   runtime          the same; its files lie in the tmpfs and vanish with this process
#include "env/run/stage.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "base/check.h"
#include "env/run/namespaces.h"

namespace ninefold::env::run {
namespace {

// Inside this process a failure is thrown: stage() reports it and ends.
[[noreturn]] void broken(const std::string& phrase) { throw errno_error(errno, phrase); }

void hold_on(const Fd& go) {
  char byte = 0;
  if (::read(go.get(), &byte, 1) != 1) ::_exit(1);  // the keeper is gone
}

void say(const Fd& report, const std::string& text) {
  if (::write(report.get(), (text + "\n").data(), text.size() + 1) < 0) ::_exit(1);
}

void put(const std::string& path, const std::string& text) {
  const Fd file = open_file("up", path, O_WRONLY).value();
  write_all("up", path, file.get(), text).value();
}

Error no_layer(const Plan& plan) {
  return Error(Code::failed_precondition, fmt::format("up: the folder {} is on a file system that cannot carry an overlay's "
                                                      "upper layer; set XDG_STATE_HOME to a folder on ext4, xfs, btrfs or tmpfs",
                                                      plan.state));
}

Fd open_tree(const Bind& bind) {
  const long fd = ::syscall(SYS_open_tree, AT_FDCWD, bind.from.c_str(),
                            OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (fd < 0) broken(fmt::format("up: mount {} at {}", bind.from, bind.to));
  return Fd(static_cast<int>(fd));
}

void set_attributes(const Fd& tree, const Bind& bind, std::uint64_t flags, int user_namespace) {
  mount_attr attributes{};
  attributes.attr_set = flags;
  if (user_namespace >= 0) {
    attributes.attr_set |= MOUNT_ATTR_IDMAP;
    attributes.userns_fd = static_cast<std::uint64_t>(user_namespace);
  }
  const unsigned how = AT_EMPTY_PATH | (user_namespace >= 0 ? 0 : AT_RECURSIVE);
  if (::syscall(SYS_mount_setattr, tree.get(), "", how, &attributes, sizeof attributes) != 0)
    broken(fmt::format("up: {} the mount {}", user_namespace >= 0 ? "map the ids of" : "restrict", bind.to));
}

std::vector<Fd> open_binds(const Plan& plan) {
  std::vector<Fd> trees;
  Fd ids;
  for (const Bind& bind : plan.binds) {
    trees.push_back(open_tree(bind));
    struct stat status {};
    if (!plan.ids.root_files || ::fstat(trees.back().get(), &status) != 0 || status.st_uid != 0) continue;
    if (bind.from == plan.cgroups.memory_folder) continue;  // read only, and cgroups map no ids
    if (bind.driver) continue;  // everybody's to read, and device nodes map no ids
    if (!ids) ids = mount_namespace_ids(0, plan.ids.user, plan.ids.group).value();
    try {
      set_attributes(trees.back(), bind, 0, ids.get());
    } catch (const Error&) {
      if (bind.from.rfind(plan.state, 0) == 0) throw no_layer(plan);
      throw Error(Code::failed_precondition,
                  fmt::format("up: mount {}: it is root's, and its file system cannot show root's files as the user's "
                              "inside; give it to the user who works there (chown), or start as him", bind.from));
    }
  }
  return trees;
}

Fd overlay(const Plan& plan) {
  const Fd context(static_cast<int>(::syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC)));
  if (!context) broken("up: overlay");
  const auto set = [&](const char* key, const std::string& value) {
    if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_STRING, key, value.c_str(), 0) == 0) return;
    if (errno == EINVAL && key == std::string("upperdir")) throw no_layer(plan);  // kernels since 6.5 look here already
    broken(fmt::format("up: overlay: {}={}", key, value));
  };
  set("lowerdir", std::string(kStage) + "/tree");
  set("upperdir", stage_layer(plan) + "/upper");
  set("workdir", stage_layer(plan) + "/work");
  if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_SET_FLAG, "userxattr", nullptr, 0) != 0)
    broken("up: overlay: userxattr");
  if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    if (errno == EINVAL || errno == EOPNOTSUPP) throw no_layer(plan);
    broken("up: overlay on " + plan.state);
  }
  const long mount = ::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
  if (mount < 0) broken("up: overlay: mount");
  return Fd(static_cast<int>(mount));
}

void attach(const Fd& tree, const std::string& target) {
  struct stat status {};
  if (::fstat(tree.get(), &status) != 0) broken("up: stat " + target);
  if (S_ISDIR(status.st_mode)) {
    if (::mkdir(target.c_str(), 0755) != 0) broken("up: make folder " + target);
  } else {
    open_file("up", target, O_WRONLY | O_CREAT, 0644).value();
  }
  if (::syscall(SYS_move_mount, tree.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH) != 0)
    broken("up: attach " + target);
}

void write_secrets(const SecretValues& secrets) {
  const std::string folder = std::string(kStage) + "/secrets";
  if (::mkdir(folder.c_str(), 0500) != 0) broken("up: make folder " + folder);
  if (::mount("tmpfs", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0500,size=4m") != 0)
    broken("up: mount secrets");
  for (const auto& [name, value] : secrets) {
    const std::string path = folder + "/" + name;
    const Fd file = open_file("up: secret", path, O_WRONLY | O_CREAT | O_EXCL, 0400).value();
    write_all("up: secret", path, file.get(), value).value();
    if (::fchown(file.get(), kUser, kUser) != 0) broken("up: secret " + name);
  }
  if (::chown(folder.c_str(), kUser, kUser) != 0) broken("up: secrets");
  if (::mount("", folder.c_str(), "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
              nullptr) != 0)
    broken("up: mount secrets read-only");
}

// Runs the runtime; its own words are in its log.
void runtime(const Plan& plan, const std::vector<std::string>& words, int log) {
  const std::string said = std::string(kStage) + "/runc.log";
  std::vector<std::string> all = {plan.runc, "--root", std::string(kStage) + "/runc", "--log", said};
  all.insert(all.end(), words.begin(), words.end());
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(nothing, 0);
    ::dup2(log, 1);
    ::dup2(log, 2);
    std::vector<char*> pointers;
    for (std::string& word : all) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (pid > 0 && status == 0) return;
  std::string text;
  if (Result<std::string> read = read_file("up", said)) text = read.value();
  throw Error(Code::aborted, fmt::format("up: {} {} ended with status {}: {}", plan.runc, words[0],
                                         WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                                         text.empty() ? "it said nothing" : text));
}

// What cgroups cannot hold: the watchdog holds memory, these hold the rest.
void soft_limits(const Plan& plan) {
  if (plan.cgroups.cpus == Strength::soft) {
    cpu_set_t now, fewer;
    CPU_ZERO(&fewer);
    if (::sched_getaffinity(0, sizeof now, &now) == 0) {
      int left = std::max(1, static_cast<int>(plan.limits.cpus + 0.999));
      for (int cpu = 0; cpu < CPU_SETSIZE && left > 0; ++cpu)
        if (CPU_ISSET(cpu, &now)) CPU_SET(cpu, &fewer), --left;
      ::sched_setaffinity(0, sizeof fewer, &fewer);
    }
  }
  if (plan.cgroups.processes == Strength::soft) {
    const rlimit most{plan.limits.processes, plan.limits.processes};
    ::setrlimit(RLIMIT_NPROC, &most);
  }
}

void run(const Plan& plan, const SecretValues& secrets, const Fd& report, const Fd& go, int log) {
  const bool root = ::geteuid() == 0;
  for (const Cgroup& cgroup : plan.cgroups.folders) put(cgroup.folder + "/cgroup.procs", "0");
  std::vector<Fd> trees;
  if (root) {
    const std::vector<gid_t> groups(plan.ids.groups.begin(), plan.ids.groups.end());
    if (::setgroups(groups.size(), groups.data()) != 0) broken("up: set groups");
    trees = open_binds(plan);
  }
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) broken("up: make namespaces");
  // The runtime would drop the caller's groups, which alone open his team's folders, if it could.
  put("/proc/self/setgroups", "deny");
  say(report, "maps");
  hold_on(go);
  if (::mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0) broken("up: make mounts private");
  if (!root) {
    for (const char* name : {"/layer/upper", "/layer/work"})
      if (::chown((plan.state + name).c_str(), 0, 0) != 0) throw no_layer(plan);  // no owners there, or one for all
    trees = open_binds(plan);
  }
  const Fd tree = open_tree({.from = plan.tree, .to = "/"});
  const Fd layer = open_tree({.from = plan.state + "/layer", .to = "/"});
  for (std::size_t i = 0; i < trees.size(); ++i)
    set_attributes(trees[i], plan.binds[i],
                   MOUNT_ATTR_NOSUID | (plan.binds[i].driver ? 0 : MOUNT_ATTR_NODEV) | (plan.binds[i].read_only ? MOUNT_ATTR_RDONLY : 0), -1);
  soft_limits(plan);
  if (::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0) broken("up: become root of the namespace");
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // the change of ids has cleared it
  // No namespaces inside this one, whatever system call would make them.
  put("/proc/sys/user/max_user_namespaces", "0");

  if (::mount("tmpfs", kStage, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0) broken("up: mount a tmpfs");
  for (const char* name : {"/bind", "/bundle", "/runc"})
    if (::mkdir((kStage + std::string(name)).c_str(), 0755) != 0) broken("up: make folder");
  // The runtime would make a cgroup of its own below ours where it may, and kills for memory would be
  // counted there. What it cannot write it leaves alone.
  mount_attr read_only{};
  read_only.attr_set = MOUNT_ATTR_RDONLY;
  ::syscall(SYS_mount_setattr, AT_FDCWD, "/sys/fs/cgroup", AT_RECURSIVE, &read_only, sizeof read_only);
  attach(tree, std::string(kStage) + "/tree");
  attach(layer, stage_layer(plan));
  attach(overlay(plan), std::string(kStage) + "/root");
  for (std::size_t i = 0; i < trees.size(); ++i) attach(trees[i], stage_bind(i));
  write_secrets(secrets);
  const std::string bundle = std::string(kStage) + "/bundle", pid_file = std::string(kStage) + "/pid";
  {
    const Fd config = open_file("up", bundle + "/config.json", O_WRONLY | O_CREAT, 0644).value();
    write_all("up", bundle + "/config.json", config.get(), plan.config).value();
  }
  runtime(plan, {"create", "--no-new-keyring", "--bundle", bundle, "--pid-file", pid_file, plan.name}, log);
  say(report, "made " + read_file("up", pid_file).value());
  hold_on(go);
  runtime(plan, {"start", plan.name}, log);
}

}  // namespace

void stage(const Plan& plan, const SecretValues& secrets, const Fd& report, const Fd& go, int log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, "ninefold-stage");
  ::umask(022);  // the runtime makes the folders that mounts need
  try {
    run(plan, secrets, report, go, log);
    ::_exit(0);
  } catch (const std::exception& problem) {
    std::string text = problem.what();
    for (char& c : text)
      if (c == '\n') c = ' ';
    say(report, "error " + text);
    ::_exit(1);
  }
}

}  // namespace ninefold::env::run
