// In: requests. Out: descriptors, one an answer.
#include "env/supervise/inside.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "env/run/backend.h"
#include "env/supervise/init/places.h"
#include "env/supervise/sockets.h"
#include "env/supervise/wire.h"

namespace ninefold::env::supervise {
namespace {

// Where the caller may not join the container's network, as one of docker's without being root: a program of ours inside
// calls at a socket in the folder that both see.
Result<Fd> called_from_inside(const run::Plan& plan) {
  const std::string folder = plan.state + "/shared";
  const Fd door(listen_at(folder, kInsideSocket));
  if (!door) return errno_error(errno, "connector: listen in " + folder);
  Result<void> started = run::run_in_backend(plan, {"/run/ninefold/boot/init", "sockets"});
  if (!started) return started.error();
  pollfd watch{door.get(), POLLIN, 0};
  Fd line(::poll(&watch, 1, 10000) > 0 ? ::accept4(door.get(), nullptr, nullptr, SOCK_CLOEXEC) : -1);
  ::unlink((folder + "/" + kInsideSocket).c_str());
  if (!line) return Error(Code::unavailable, "connector: nothing called from inside within 10 s");
  return line;
}

}  // namespace

void drop_rights(const run::Plan& plan) {
  if (::geteuid() == 0) {
    if (::setgroups(0, nullptr) != 0 || ::setresgid(plan.ids.group, plan.ids.group, plan.ids.group) != 0 ||
        ::setresuid(plan.ids.user, plan.ids.user, plan.ids.user) != 0)
      ::_exit(1);
  }
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of ids has cleared it
}

Result<Inside> Inside::join(const run::Plan& plan, pid_t first) {
  Inside inside;
  if (plan.backend == "docker" && ::geteuid() != 0) {
    Result<Fd> line = called_from_inside(plan);
    if (!line) return line.error();
    inside.line_ = std::move(line).value();
    return inside;
  }
  const std::string folder = fmt::format("/proc/{}/ns/", first);
  Result<Fd> users = open_file("connector", folder + "user", O_RDONLY);
  Result<Fd> network = open_file("connector", folder + "net", O_RDONLY);
  if (!users) return users.error();
  if (!network) return network.error();
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return errno_error(errno, "connector: make a socket");
  inside.line_ = Fd(ends[0]);
  Fd other(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "connector: start a process");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, "ninefold-inside");
    const bool root = ::geteuid() == 0;
    if (!root && ::setns(users.value().get(), CLONE_NEWUSER) != 0) ::_exit(1);
    if (::setns(network.value().get(), CLONE_NEWNET) != 0) ::_exit(1);
    if (root) drop_rights(plan);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(other.get(), 3);  // nothing else stays open: not the keeper's lock, not this machine's ports
    ::close_range(4, ~0u, 0);
    hand_out_sockets(3);
  }
  return inside;
}

Fd Inside::ask(char what, int number) const {
  const SocketRequest request{what, number};
  Fields answer;
  std::vector<int> descriptors;
  if (::send(line_.get(), &request, sizeof request, MSG_NOSIGNAL) != sizeof request ||
      !receive_message(line_.get(), answer, &descriptors))
    ::_exit(1);  // it is gone, and with it all that this process is for: the keeper starts both again
  if (descriptors.size() == 1) return Fd(descriptors[0]);
  errno = std::atoi(supervise::first(answer, "errno", "5").c_str());
  return Fd();
}

Fd Inside::socket(int family) const { return ask('s', family); }
Fd Inside::listener(int port) const { return ask('l', port); }

}  // namespace ninefold::env::supervise
