// In: both addresses of a connection. Out: the uid of the peer's own socket, by sock_diag.
#include "env/supervise/peers.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace ninefold::env::supervise {

Peers::Peers() : socket_(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {}

std::optional<std::uint32_t> Peers::user_of(int connection) const {
  sockaddr_storage local{}, remote{};
  socklen_t size = sizeof local;
  if (::getsockname(connection, reinterpret_cast<sockaddr*>(&local), &size) != 0) return {};
  size = sizeof remote;
  if (::getpeername(connection, reinterpret_cast<sockaddr*>(&remote), &size) != 0) return {};
  struct {
    nlmsghdr head;
    inet_diag_req_v2 body;
  } request{};
  request.head.nlmsg_len = sizeof request;
  request.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.head.nlmsg_flags = NLM_F_REQUEST;
  request.body.sdiag_family = static_cast<std::uint8_t>(local.ss_family);
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = ~0u;
  request.body.id.idiag_cookie[0] = request.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  // The peer's own socket has our addresses the other way round.
  const auto fill = [&](const sockaddr_storage& from, __be16& port, __be32* address) {
    if (from.ss_family == AF_INET) {
      const auto& a = reinterpret_cast<const sockaddr_in&>(from);
      port = a.sin_port;
      std::memcpy(address, &a.sin_addr, 4);
    } else {
      const auto& a = reinterpret_cast<const sockaddr_in6&>(from);
      port = a.sin6_port;
      std::memcpy(address, &a.sin6_addr, 16);
    }
  };
  fill(remote, request.body.id.idiag_sport, request.body.id.idiag_src);
  fill(local, request.body.id.idiag_dport, request.body.id.idiag_dst);
  if (::send(socket_.get(), &request, sizeof request, 0) < 0) return {};
  alignas(nlmsghdr) char answer[4096];
  const ssize_t got = ::recv(socket_.get(), answer, sizeof answer, 0);
  const auto* head = reinterpret_cast<const nlmsghdr*>(answer);
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg))) ||
      head->nlmsg_type != SOCK_DIAG_BY_FAMILY)
    return {};
  return reinterpret_cast<const inet_diag_msg*>(NLMSG_DATA(head))->idiag_uid;
}

}  // namespace ninefold::env::supervise
