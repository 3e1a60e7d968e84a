// In: maps. Out: processes in namespaces. Each waits for its maps before it does anything.
#include "env/run/namespaces.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "base/process.h"

namespace ninefold::env::run {
namespace {

Result<void> put(const std::string& path, const std::string& text) {
  Result<Fd> file = open_file("id map", path, O_WRONLY);
  if (!file) return file.error();
  return write_all("id map", path, file.value().get(), text);
}

std::string lines(const std::vector<image::IdRange>& ranges) {
  std::string text;
  for (const image::IdRange& r : ranges) text += fmt::format("{} {} {}\n", r.inside, r.outside, r.count);
  return text;
}

Result<void> helper(const std::string& program, pid_t pid, const std::vector<image::IdRange>& ranges) {
  Program call;
  call.arguments = {program, std::to_string(pid)};
  for (const image::IdRange& r : ranges)
    for (const std::uint32_t number : {r.inside, r.outside, r.count})
      call.arguments.push_back(std::to_string(number));
  Result<Finished> done = run_or_fail("id map", call);
  if (!done) return done.error();
  return {};
}

struct Pipe {
  Fd read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno_error(errno, "make a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

}  // namespace

Result<void> write_maps(pid_t pid, const image::IdMap& map, const std::string& newuidmap) {
  if (::geteuid() != 0) {
    const std::string gid = newuidmap.substr(0, newuidmap.rfind('/')) + "/newgidmap";
    Result<void> users = helper(newuidmap, pid, map.uids);
    if (!users) return users;
    return helper(gid, pid, map.gids);
  }
  const std::string folder = fmt::format("/proc/{}/", pid);
  Result<void> users = put(folder + "uid_map", lines(map.uids));
  if (!users) return users;
  return put(folder + "gid_map", lines(map.gids));
}

Result<int> in_namespace(const Ids& ids, const std::string& newuidmap, const std::function<int()>& body) {
  Result<Pipe> ready = make_pipe(), go = make_pipe();
  if (!ready) return ready.error();
  if (!go) return go.error();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "start a process");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::unshare(CLONE_NEWUSER) != 0) ::_exit(121);
    char byte = 'r';
    if (::write(ready.value().write.get(), &byte, 1) != 1) ::_exit(122);
    go.value().write.close();
    if (::read(go.value().read.get(), &byte, 1) != 1) ::_exit(122);
    if (::setresgid(0, 0, 0) != 0 || ::setresuid(0, 0, 0) != 0) ::_exit(123);
    ::_exit(body());
  }
  ready.value().write.close();
  char byte = 0;
  Result<void> mapped;
  if (::read(ready.value().read.get(), &byte, 1) == 1) {
    mapped = write_maps(pid, ids.map, newuidmap);
    if (mapped && ::write(go.value().write.get(), "g", 1) != 1) mapped = errno_error(errno, "start a process");
  }
  go.value().write.close();
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
  if (!mapped) return mapped.error();
  if (!WIFEXITED(status)) return 128 + WTERMSIG(status);
  if (WEXITSTATUS(status) == 121)
    return Error(Code::failed_precondition, "make a user namespace: this machine refuses it");
  return WEXITSTATUS(status);
}

Result<Fd> mount_namespace_ids(std::uint32_t from, std::uint32_t to_user, std::uint32_t to_group) {
  Result<Pipe> ready = make_pipe(), end = make_pipe();
  if (!ready) return ready.error();
  if (!end) return end.error();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "start a process");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    char byte = ::unshare(CLONE_NEWUSER) == 0 ? 'r' : 'x';
    if (::write(ready.value().write.get(), &byte, 1) != 1) ::_exit(1);
    end.value().write.close();
    ::_exit(::read(end.value().read.get(), &byte, 1) == 0 ? 0 : 1);
  }
  ready.value().write.close();
  char byte = 0;
  Result<Fd> made = Error(Code::failed_precondition, "make a user namespace: this machine refuses it");
  if (::read(ready.value().read.get(), &byte, 1) == 1 && byte == 'r') {
    // The one id is shown as the user's; all others stay what they are, the user's own excepted.
    const auto around = [&](std::uint32_t to) {
      std::vector<image::IdRange> map = {{from, to, 1}};
      if (from > 0) map.push_back({0, 0, from});
      map.push_back({from + 1, from + 1, to - from - 1});
      map.push_back({to + 1, to + 1, 4294967294u - to});
      return map;
    };
    const std::string folder = fmt::format("/proc/{}/", pid);
    Result<void> users = put(folder + "uid_map", lines(around(to_user)));
    Result<void> groups = put(folder + "gid_map", lines(around(to_group)));
    made = !users ? Result<Fd>(users.error())
           : !groups ? Result<Fd>(groups.error())
                     : open_file("id map", folder + "ns/user", O_RDONLY);
  }
  end.value().write.close();
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
  return made;
}

}  // namespace ninefold::env::run
