// In: "http:8888/api", "ssh:2222", "tcp:9000". Out: 0 iff each answers on this container's loopback within two seconds, and
// as it should; else 1, and the one that does not. For health checks: an image need not have curl.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "env/supervise/init/small.h"

namespace ninefold::env::supervise {
namespace {

// What is wrong; empty: nothing.
std::string answer_of(const std::string& target) {
  const std::size_t colon = target.find(':'), slash = target.find('/');
  const std::string kind = target.substr(0, colon);
  if (colon == std::string::npos || (kind != "http" && kind != "ssh" && kind != "tcp")) return "expected http:PORT/PATH, ssh:PORT or tcp:PORT";
  const int port = std::atoi(target.c_str() + colon + 1);
  if (port < 1 || port > 65535) return "expected a port from 1 to 65535";
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{2, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string wrong;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    wrong = std::strerror(errno);
  } else if (kind != "tcp") {
    if (kind == "http")
      write_whole(fd, "GET " + (slash == std::string::npos ? "/" : target.substr(slash)) + " HTTP/1.0\r\nHost: localhost\r\n\r\n");
    char heard[16] = {};
    const ssize_t got = ::recv(fd, heard, sizeof heard - 1, MSG_WAITALL);
    const std::string begin(heard, got > 0 ? static_cast<std::size_t>(got) : 0);
    const bool good = kind == "ssh" ? begin.rfind("SSH-2.0", 0) == 0 : begin.rfind("HTTP/1.", 0) == 0 && (begin[9] == '2' || begin[9] == '3');
    if (!good) wrong = begin.empty() ? "no answer within 2 s" : "it answers '" + begin.substr(0, begin.find('\r')) + "'";
  }
  ::close(fd);
  return wrong;
}

}  // namespace

int probe(const std::vector<std::string>& targets) {
  for (const std::string& target : targets) {
    const std::string wrong = answer_of(target);
    if (wrong.empty()) continue;
    std::fprintf(stderr, "probe: %s: %s\n", target.c_str(), wrong.c_str());
    return 1;
  }
  return targets.empty() ? 2 : 0;
}

}  // namespace ninefold::env::supervise
