// In: fields. Out: messages with descriptors on unix sockets; every read is bounded.
#include "env/supervise/wire.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace ninefold::env::supervise {
namespace {

constexpr std::size_t kLargest = 4u << 20;  // a command line and an environment fit many times
constexpr int kMostDescriptors = 8;

bool send_all(int socket, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_all(int socket, char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, bytes, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

int at_folder(const std::string& folder, const std::string& name, bool listening) {
  const int place = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (place < 0) return -1;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", place, name.c_str());
  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int failed = made < 0 ? errno : 0;
  const auto* general = reinterpret_cast<const sockaddr*>(&address);
  if (failed == 0 && listening) {
    ::unlinkat(place, name.c_str(), 0);
    if (::bind(made, general, sizeof address) != 0 || ::listen(made, 64) != 0) failed = errno;
  } else if (failed == 0 && ::connect(made, general, sizeof address) != 0) {
    failed = errno;
  }
  ::close(place);
  if (failed == 0) return made;
  if (made >= 0) ::close(made);
  errno = failed;
  return -1;
}

}  // namespace

std::string pack(const Fields& fields) {
  std::string bytes;
  for (const auto& [key, value] : fields) bytes.append(key).append("=").append(value).push_back('\0');
  return bytes;
}

bool unpack(std::string_view bytes, Fields& fields) {
  fields.clear();
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\0');
    const std::string_view piece = bytes.substr(0, end);
    const std::size_t equal = piece.find('=');
    if (end == std::string_view::npos || equal == std::string_view::npos || equal == 0) {
      fields.clear();
      return false;
    }
    fields.emplace_back(piece.substr(0, equal), piece.substr(equal + 1));
    bytes.remove_prefix(end + 1);
  }
  return true;
}

std::string first(const Fields& fields, std::string_view key, std::string_view otherwise) {
  for (const auto& [name, value] : fields)
    if (name == key) return value;
  return std::string(otherwise);
}

std::vector<std::string> every(const Fields& fields, std::string_view key) {
  std::vector<std::string> values;
  for (const auto& [name, value] : fields)
    if (name == key) values.push_back(value);
  return values;
}

bool send_message(int socket, const Fields& fields, const std::vector<int>& descriptors) {
  const std::string body = pack(fields);
  if (body.size() > kLargest || descriptors.size() > kMostDescriptors) return false;
  unsigned char head[4];
  for (int i = 0; i < 4; ++i) head[i] = static_cast<unsigned char>(body.size() >> (8 * i));
  iovec piece{head, sizeof head};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
  }
  ssize_t sent;
  do {
    sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent <= 0) return false;
  return send_all(socket, reinterpret_cast<char*>(head) + sent, sizeof head - sent) &&
         send_all(socket, body.data(), body.size());
}

bool receive_message(int socket, Fields& fields, std::vector<int>* descriptors) {
  fields.clear();
  unsigned char head[4];
  iovec piece{head, sizeof head};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostDescriptors * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got;
  do {
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number;
      std::memcpy(&number, CMSG_DATA(header) + i * sizeof(int), sizeof number);
      if (descriptors) descriptors->push_back(number);
      else ::close(number);  // nobody asked for it
    }
  }
  if (!receive_all(socket, reinterpret_cast<char*>(head) + got, sizeof head - got)) return false;
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) size |= std::size_t{head[i]} << (8 * i);
  if (size > kLargest) return false;
  std::string body(size, '\0');
  return receive_all(socket, body.data(), size) && unpack(body, fields);
}

int listen_at(const std::string& folder, const std::string& name) { return at_folder(folder, name, true); }
int connect_to(const std::string& folder, const std::string& name) { return at_folder(folder, name, false); }

}  // namespace ninefold::env::supervise
