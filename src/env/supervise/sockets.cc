// In: requests. Out: descriptors, one an answer. Nothing but the standard library and the kernel.
#include "env/supervise/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "env/supervise/wire.h"

namespace ninefold::env::supervise {
namespace {

int made_socket(const SocketRequest& request) {
  if (request.what == 's') return ::socket(request.number, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(request.number));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::listen(listener, 512) == 0) return listener;
  const int why = errno;
  ::close(listener);
  errno = why;
  return -1;
}

}  // namespace

void hand_out_sockets(int line) {
  for (;;) {
    SocketRequest request{};
    const ssize_t got = ::recv(line, &request, sizeof request, MSG_WAITALL);
    if (got < 0 && errno == EINTR) continue;
    if (got != sizeof request) ::_exit(0);
    const int fd = made_socket(request);
    const Fields answer = {{"errno", std::to_string(fd >= 0 ? 0 : errno)}};
    if (!send_message(line, answer, fd >= 0 ? std::vector<int>{fd} : std::vector<int>{})) ::_exit(0);
    if (fd >= 0) ::close(fd);
  }
}

}  // namespace ninefold::env::supervise
