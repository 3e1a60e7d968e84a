// In: a host and a port. Out: whether something takes a connection there, soon.
#include "env/doctor/reach.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "base/fd.h"

namespace ninefold::env::doctor {

Reached reach(const std::string& host, int port, int milliseconds) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return Reached::unknown_host;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, ::freeaddrinfo);
  Reached worst = Reached::silent;
  for (const addrinfo* one = found; one; one = one->ai_next) {
    const Fd socket(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) continue;
    if (::connect(socket.get(), one->ai_addr, one->ai_addrlen) == 0) return Reached::yes;
    if (errno == EINPROGRESS) {
      pollfd waiting{socket.get(), POLLOUT, 0};
      int fault = 0;
      socklen_t size = sizeof fault;
      if (::poll(&waiting, 1, milliseconds) != 1) continue;
      if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && fault == 0) return Reached::yes;
      errno = fault;
    }
    if (errno == ECONNREFUSED) worst = Reached::refused;
  }
  return worst;
}

}  // namespace ninefold::env::doctor
