// In: an id map and a piece of work. Out: its answer through a pipe; an error keeps its code.
#include "env/image/chamber.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/fd.h"
#include "base/text.h"

namespace ninefold::env::image {
namespace {

void must(bool done, const std::string& phrase) {
  if (!done) throw errno_error(errno, phrase);
}

// "inside outside count" lines, as the kernel and newuidmap want them.
std::vector<std::string> numbers(const std::vector<IdRange>& ranges) {
  std::vector<std::string> all;
  for (const IdRange& range : ranges)
    for (std::uint32_t number : {range.inside, range.outside, range.count}) all.push_back(std::to_string(number));
  return all;
}

Result<void> write_map(const std::string& operation, pid_t pid, const char* kind, const std::vector<IdRange>& ranges) {
  if (::geteuid() == 0) {
    std::string text;
    for (const IdRange& range : ranges) text += fmt::format("{} {} {}\n", range.inside, range.outside, range.count);
    const std::string path = fmt::format("/proc/{}/{}_map", pid, kind);
    Result<Fd> file = open_file(operation, path, O_WRONLY);
    if (!file) return file.error();
    return write_all(operation, path, file.value().get(), text);
  }
  Program program;
  program.arguments = {fmt::format("new{}map", kind), std::to_string(pid)};
  for (std::string& number : numbers(ranges)) program.arguments.push_back(std::move(number));
  Result<Finished> done = run_or_fail(operation, program);
  if (done) return {};
  if (done.error().code() == Code::not_found)
    return Error(Code::not_found, operation + ": newuidmap is not on this machine; install the package uidmap");
  return Error(Code::permission_denied, done.error().message() +
                                            "; an administrator grants ids with: usermod --add-subuids 100000-165535 "
                                            "--add-subgids 100000-165535 YOU");
}

void answer(int pipe, char kind, int code, const std::string& text) {
  const std::string whole = std::string(1, kind) + std::to_string(code) + "\n" + text;
  (void)write_all("answer", "pipe", pipe, whole);
}

[[noreturn]] void child(const std::string& operation, const std::string& folder, int go, int pipe,
                        const std::function<Result<std::string>()>& body) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  try {
    must(::chdir(folder.c_str()) == 0, operation + ": enter " + folder);
    must(::unshare(CLONE_NEWUSER) == 0, operation + ": make a user namespace");
    answer(pipe, 'm', 0, "");  // the parent writes the maps now
    char ready = 0;
    must(::read(go, &ready, 1) == 1, operation + ": wait for the id map");
    must(::setresgid(0, 0, 0) == 0 && ::setresuid(0, 0, 0) == 0, operation + ": become namespace root");
    must(::prctl(PR_SET_DUMPABLE, 1) == 0, operation + ": keep /proc readable");
    must(::unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET) == 0,
         operation + ": make namespaces");
    must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, operation + ": take the mounts private");
    // Package scripts may look at the host's name.
    must(::sethostname("ninefold", 8) == 0, operation + ": set the host name");
    ::umask(022);
    const pid_t pid = ::fork();  // the first process of the new process namespace
    must(pid >= 0, operation + ": start");
    if (pid > 0) {
      int status = 0;
      while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
      }
      ::_exit(0);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Result<std::string> result = body();
    if (result) answer(pipe, 'v', 0, result.value());
    else answer(pipe, 'e', static_cast<int>(result.error().code()), result.error().message());
  } catch (const Error& error) {
    answer(pipe, 'e', static_cast<int>(error.code()), error.message());
  } catch (const std::exception& error) {
    answer(pipe, 'e', static_cast<int>(Code::internal), operation + ": " + error.what());
  }
  ::_exit(0);
}

}  // namespace

Result<std::string> in_namespaces(const std::string& operation, const IdMap& map, const std::string& folder,
                                  const std::function<Result<std::string>()>& body) {
  int go[2], back[2];
  if (::pipe2(go, O_CLOEXEC) != 0) return errno_error(errno, operation + ": make a pipe");
  const Fd go_read(go[0]), go_write(go[1]);
  if (::pipe2(back, O_CLOEXEC) != 0) return errno_error(errno, operation + ": make a pipe");
  const Fd back_read(back[0]);
  Fd back_write(back[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, operation + ": start");
  if (pid == 0) child(operation, folder, go_read.get(), back_write.get(), body);
  back_write.close();

  std::string text;
  char bytes[65536];
  bool mapped = false;
  Result<void> mapping;
  for (ssize_t got; (got = ::read(back_read.get(), bytes, sizeof bytes)) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    text.append(bytes, static_cast<std::size_t>(got));
    if (!mapped && text.substr(0, 3) == "m0\n") {
      mapped = true;
      text.erase(0, 3);
      // A group map needs no setgroups of an ordinary user: newgidmap is set-id root.
      mapping = write_map(operation, pid, "uid", map.uids);
      if (mapping) mapping = write_map(operation, pid, "gid", map.gids);
      if (!mapping) ::kill(pid, SIGKILL);
      else (void)!::write(go_write.get(), "g", 1);
    }
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!mapping) return mapping.error();
  const auto line = text.find('\n');
  if (line == std::string::npos || text.empty() || (text[0] != 'v' && text[0] != 'e'))
    return Error(Code::aborted, operation + ": the worker was killed; run it again");
  if (text[0] == 'v') return text.substr(line + 1);
  Error error(static_cast<Code>(std::atoi(text.c_str() + 1)), text.substr(line + 1));
  if (!mapped && error.message().find("user namespace") != std::string::npos)
    return Error(Code::failed_precondition, error.message() + "; see `sysctl kernel.unprivileged_userns_clone` and "
                                                              "`sysctl user.max_user_namespaces`");
  return error;
}

Result<void> enter_root(const std::string& root, const std::vector<Bind>& binds, bool writable) {
  try {
    const auto at = [&](const std::string& path) { return root + path; };
    const auto bind = [](const std::string& from, const std::string& to, unsigned long flags) {
      must(::mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) == 0, "build: bind " + from + " to " + to);
      if (!flags) return;
      // In a user namespace the flags of the mount below are locked: they must be repeated.
      struct statvfs below {};
      if (::statvfs(to.c_str(), &below) == 0)
        for (auto [has, flag] : {std::pair{ST_NOSUID, MS_NOSUID}, {ST_NODEV, MS_NODEV}, {ST_NOEXEC, MS_NOEXEC},
                                 {ST_NOATIME, MS_NOATIME}, {ST_NODIRATIME, MS_NODIRATIME}, {ST_RELATIME, MS_RELATIME}})
          if (below.f_flag & static_cast<unsigned long>(has)) flags |= static_cast<unsigned long>(flag);
      must(::mount(nullptr, to.c_str(), nullptr, MS_REMOUNT | MS_BIND | flags, nullptr) == 0, "build: bind " + to + " read-only");
    };
    bind(root, root, writable ? 0 : MS_RDONLY);
    must(::mount("tmpfs", at("/dev").c_str(), "tmpfs", MS_NOSUID, "mode=0755") == 0, "build: mount /dev");
    for (const char* device : {"null", "zero", "full", "random", "urandom"}) {
      const std::string path = at(std::string("/dev/") + device);
      const Fd made(::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
      must(static_cast<bool>(made), "build: make " + path);
      bind(std::string("/dev/") + device, path, 0);
    }
    for (auto [name, target] : {std::pair{"/dev/fd", "/proc/self/fd"}, {"/dev/stdin", "/proc/self/fd/0"}, {"/dev/stdout", "/proc/self/fd/1"},
                                {"/dev/stderr", "/proc/self/fd/2"}})
      must(::symlink(target, at(name).c_str()) == 0, std::string("build: make ") + name);
    must(::mkdir(at("/dev/shm").c_str(), 01777) == 0, "build: make /dev/shm");
    // A host whose own /proc is partly hidden allows no new one; its own then has to do.
    if (::mount("proc", at("/proc").c_str(), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
      bind("/proc", at("/proc"), 0);
    for (const char* path : {"/tmp", "/run"})
      must(::mount("tmpfs", at(path).c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") == 0, std::string("build: mount ") + path);
    for (const Bind& one : binds) {
      const std::string to = at(one.to);
      if (one.to.rfind("/tmp/", 0) == 0) must(::mkdir(to.c_str(), 0755) == 0, "build: make " + to);
      bind(one.from, to, one.read_only ? MS_RDONLY : 0);
    }
    return {};
  } catch (const Error& error) {
    return error;
  }
}

Result<void> leave_root(const std::string& root) {
  for (const char* path : {"/dev", "/proc", "/tmp", "/run"})
    if (::umount2((root + path).c_str(), MNT_DETACH) != 0) return errno_error(errno, "build: unmount " + root + path);
  return {};
}

Result<void> make_owned_folder(const std::string& path, const IdMap& map) {
  if (::mkdir(path.c_str(), 0755) != 0) return errno_error(errno, "make folder " + path);
  if (::geteuid() != 0) return {};  // the caller's own id is mapped, so namespace root may take the folder over
  for (const IdRange& uid : map.uids)
    for (const IdRange& gid : map.gids)
      if (uid.inside == 0 && gid.inside == 0 && ::chown(path.c_str(), uid.outside, gid.outside) != 0)
        return errno_error(errno, "make folder " + path);
  return {};
}

Result<IdMap> caller_map() {
  IdMap map;
  map.uids = {{0, ::getuid(), 1}}, map.gids = {{0, ::getgid(), 1}};
  if (::geteuid() == 0) {
    map.uids = map.gids = {{0, 0, 4294967295u}};
    return map;
  }
  const passwd* entry = ::getpwuid(::getuid());
  const std::string name = entry ? entry->pw_name : "", number = std::to_string(::getuid());
  for (auto [file, ranges] : {std::pair{"/etc/subuid", &map.uids}, {"/etc/subgid", &map.gids}}) {
    Result<std::string> text = read_file("build", file);
    std::uint32_t inside = 1;
    for (std::string_view line : split(text ? std::string_view(text.value()) : std::string_view(), '\n')) {
      const auto parts = split(line, ':');
      if (parts.size() != 3 || (parts[0] != name && parts[0] != number)) continue;
      const auto first = std::strtoul(std::string(parts[1]).c_str(), nullptr, 10),
                 count = std::strtoul(std::string(parts[2]).c_str(), nullptr, 10);
      if (count == 0 || first + count > 0xffffffff) continue;
      ranges->push_back({inside, static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)});
      inside += static_cast<std::uint32_t>(count);
    }
    if (inside < 65536)
      return Error(Code::failed_precondition, fmt::format("build: {} gives {} {} ids, 65535 are needed; an administrator grants them with: "
                                                          "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {}",
                                                          file, name, inside - 1, name));
  }
  return map;
}

std::vector<std::string> build_environment(std::int64_t epoch) {
  return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "HOME=/tmp",
          "LANG=C.UTF-8",
          "LC_ALL=C.UTF-8",
          "TZ=UTC",
          "PYTHONHASHSEED=0",
          "DEBIAN_FRONTEND=noninteractive",
          fmt::format("SOURCE_DATE_EPOCH={}", epoch)};
}

}  // namespace ninefold::env::image
