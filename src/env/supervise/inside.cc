// In: requests. Out: descriptors, one an answer.
#include "env/supervise/inside.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "env/supervise/wire.h"

namespace ninefold::env::supervise {
namespace {

struct Request {
  char what;  // 's': a socket of a family; 'l': a listener on a port
  int number;
};

Fd made(const Request& request) {
  if (request.what == 's') return Fd(::socket(request.number, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(request.number));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), 512) != 0)
    return Fd();
  return listener;
}

[[noreturn]] void serve(int line) {
  for (;;) {
    Request request{};
    const ssize_t got = ::recv(line, &request, sizeof request, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof request) ::_exit(0);
    const Fd fd = made(request);
    const Fields answer = {{"errno", std::to_string(fd ? 0 : errno)}};
    if (!send_message(line, answer, fd ? std::vector<int>{fd.get()} : std::vector<int>{})) ::_exit(0);
  }
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
  const std::string folder = fmt::format("/proc/{}/ns/", first);
  Result<Fd> users = open_file("connector", folder + "user", O_RDONLY);
  Result<Fd> network = open_file("connector", folder + "net", O_RDONLY);
  if (!users) return users.error();
  if (!network) return network.error();
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return errno_error(errno, "connector: make a socket");
  Inside inside;
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
    serve(3);
  }
  return inside;
}

Fd Inside::ask(char what, int number) const {
  const Request request{what, number};
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
