// In: bytes. Out: wishes and answers. RFC 9110 sections 7.2 and 9.3.6 (CONNECT), RFC 1928 and 1929 (SOCKS5).
#include "env/supervise/talk.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "base/text.h"

namespace ninefold::env::supervise {
namespace {

constexpr std::size_t kLongestHead = 64 * 1024;

bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if ((a[i] | 32) != (b[i] | 32)) return false;
  return true;
}

// Ends at the empty line; lines may end with a bare line feed.
std::size_t head_size(const std::string& input) {
  for (std::size_t at = input.find('\n'); at != std::string::npos; at = input.find('\n', at + 1)) {
    if (at + 1 < input.size() && input[at + 1] == '\n') return at + 2;
    if (at + 2 < input.size() && input[at + 1] == '\r' && input[at + 2] == '\n') return at + 3;
  }
  return std::string::npos;
}

std::string byte(int value) { return std::string(1, static_cast<char>(value)); }

std::string port_bytes(int port) { return byte(port >> 8) + byte(port & 255); }

std::string socks_answer(int code) { return byte(5) + byte(code) + std::string("\0\1\0\0\0\0\0\0", 8); }

struct Wording {
  int http;
  const char* words;
  int socks;
};

Wording wording(Trouble trouble) {
  switch (trouble) {
    case Trouble::bad_request: return {400, "Bad Request", 1};
    case Trouble::forbidden: return {403, "Forbidden", 2};
    case Trouble::no_such_host: return {502, "No Such Host", 4};
    case Trouble::refused: return {502, "Connection Refused", 5};
    case Trouble::unreachable: return {502, "Network Unreachable", 3};
    case Trouble::too_slow: return {504, "No Answer In Time", 4};
    case Trouble::upstream: return {502, "Upstream Proxy Failed", 1};
    case Trouble::busy: return {503, "Too Many Connections", 1};
  }
  return {500, "Internal Error", 1};
}

std::string http_answer(Trouble trouble, const std::string& why) {
  const Wording words = wording(trouble);
  const std::string body = "ninefold: " + why + "\n";
  return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n"
                     "Connection: close\r\n\r\n{}",
                     words.http, words.words, body.size(), body);
}

}  // namespace

std::string base64(const std::string& bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string authorization(const run::ProxyServer& proxy) {
  return proxy.user.empty() && proxy.password.empty() ? "" : "Basic " + base64(proxy.user + ":" + proxy.password);
}

Talk::Step Talk::take(std::string& input, std::string& answer) {
  if (input.empty()) return Step::more;
  if (kind_ == Kind::socks || (kind_ == Kind::unknown && input[0] == 5)) {
    kind_ = Kind::socks;
    return socks(input, answer);
  }
  return http(input, answer);
}

Talk::Step Talk::http(std::string& input, std::string& answer) {
  const auto bad = [&](const std::string& why) {
    answer += http_answer(Trouble::bad_request, why);
    return Step::refused;
  };
  if (input[0] < 'A' || input[0] > 'z') return bad("this port speaks HTTP and SOCKS5; that was neither");
  const std::size_t size = head_size(input);
  if (size == std::string::npos)
    return input.size() > kLongestHead ? bad("the request's head has more than 64 KiB") : Step::more;
  const std::string head = input.substr(0, size);
  input.erase(0, size);
  const std::size_t end = head.find('\n');
  std::string_view line = std::string_view(head).substr(0, end);
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const std::vector<std::string_view> words = split(line, ' ');
  if (words.size() != 3 || !words[2].starts_with("HTTP/1.")) return bad("expected a request line of HTTP/1.1");
  if (words[0] == "CONNECT") {
    const Result<run::Endpoint> target = run::parse_endpoint(words[1]);
    if (!target) return bad(target.error().message());
    kind_ = Kind::tunnel;
    target_ = target.value();
    return Step::wish;
  }
  std::string_view address = words[1];
  if (address.size() < 7 || !same(address.substr(0, 7), "http://"))
    return bad("expected a whole address as http://host/path; for https, CONNECT host:443");
  address.remove_prefix(7);
  const std::size_t slash = address.find_first_of("/?");
  std::string_view place = address.substr(0, slash);
  if (const std::size_t login = place.rfind('@'); login != std::string_view::npos) place.remove_prefix(login + 1);
  const Result<run::Endpoint> target = run::parse_endpoint(place, 80);
  if (!target) return bad(target.error().message());
  kind_ = Kind::plain;
  target_ = target.value();
  method_ = words[0];
  version_ = words[2];
  path_ = slash == std::string_view::npos ? "/" : std::string(address.substr(slash));
  if (path_[0] == '?') path_.insert(0, "/");
  // One request a connection: the next one may be for another host.
  for (std::string_view field : split(std::string_view(head).substr(end + 1), '\n')) {
    while (!field.empty() && field.back() == '\r') field.remove_suffix(1);
    if (field.empty()) continue;
    const std::string_view name = field.substr(0, field.find(':'));
    if (same(name, "connection") || same(name, "proxy-connection") || same(name, "keep-alive") ||
        same(name, "proxy-authorization"))
      continue;
    fields_.append(field).append("\r\n");
  }
  fields_ += "Connection: close\r\n";
  return Step::wish;
}

std::string Talk::head(bool whole, const std::string& authorization) const {
  const std::string place = target_.port == 80 && target_.host.find(':') == std::string::npos ? target_.host
                                                                                             : run::text(target_);
  return fmt::format("{} {}{} {}\r\n{}{}\r\n", method_, whole ? "http://" + place : "", path_, version_, fields_,
                     authorization.empty() ? "" : "Proxy-Authorization: " + authorization + "\r\n");
}

Talk::Step Talk::socks(std::string& input, std::string& answer) {
  if (!greeted_) {
    if (input.size() < 2) return Step::more;
    const std::size_t count = static_cast<unsigned char>(input[1]);
    if (input.size() < 2 + count) return Step::more;
    const bool open = input.substr(2, count).find('\0') != std::string::npos;
    input.erase(0, 2 + count);
    answer += byte(5) + byte(open ? 0 : 255);
    if (!open) return Step::refused;
    greeted_ = true;
  }
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(input[i]); };
  if (input.size() < 5) return Step::more;
  const std::size_t length = at(3) == 1 ? 4 : at(3) == 4 ? 16 : at(3) == 3 ? 1u + at(4) : 0;
  if (at(0) != 5 || length == 0) {
    answer += socks_answer(at(0) != 5 ? 1 : 8);
    return Step::refused;
  }
  if (input.size() < 4 + length + 2) return Step::more;
  std::string host;
  char shown[INET6_ADDRSTRLEN];
  if (at(3) == 3) host = input.substr(5, length - 1);
  else host = ::inet_ntop(at(3) == 1 ? AF_INET : AF_INET6, input.data() + 4, shown, sizeof shown);
  const int command = at(1), port = at(4 + length) << 8 | at(5 + length);
  input.erase(0, 6 + length);
  if (command != 1) {
    answer += socks_answer(7);
    return Step::refused;
  }
  // The same rules as for a written name.
  const bool six = host.find(':') != std::string::npos;
  const Result<run::Endpoint> target = run::parse_endpoint(fmt::format("{}{}{}:{}", six ? "[" : "", host, six ? "]" : "", port));
  if (!target) {
    answer += socks_answer(1);
    return Step::refused;
  }
  target_ = target.value();
  return Step::wish;
}

std::string Talk::accept() const {
  if (kind_ == Kind::socks) return socks_answer(0);
  return kind_ == Kind::tunnel ? "HTTP/1.1 200 Connection established\r\n\r\n" : "";
}

std::string Talk::refuse(Trouble trouble, const std::string& why) const {
  return kind_ == Kind::socks ? socks_answer(wording(trouble).socks) : http_answer(trouble, why);
}

std::string Bargain::opening() const {
  if (proxy_.kind == "socks5") {
    const bool login = !authorization(proxy_).empty();
    return byte(5) + byte(login ? 2 : 1) + byte(0) + (login ? byte(2) : "");
  }
  const std::string login = authorization(proxy_);
  return fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n{1}\r\n", run::text(target_),
                     login.empty() ? "" : "Proxy-Authorization: " + login + "\r\n");
}

Bargain::Step Bargain::take(std::string& input, std::string& answer) {
  return proxy_.kind == "socks5" ? socks(input, answer) : http(input);
}

Bargain::Step Bargain::http(std::string& input) {
  const std::size_t size = head_size(input);
  if (size == std::string::npos && input.size() <= kLongestHead) return Step::more;
  std::string_view line = std::string_view(input).substr(0, input.find('\n'));
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const std::vector<std::string_view> words = split(line, ' ');
  if (size == std::string::npos || words.size() < 2 || !words[0].starts_with("HTTP/1.") || words[1].size() != 3 ||
      words[1][0] != '2') {
    problem_ = fmt::format("it answered \"{}\"", line.substr(0, 100));
    return Step::failed;
  }
  input.erase(0, size);
  return Step::done;
}

std::string Bargain::request() const {
  sockaddr_storage address{};
  std::string place;
  if (!run::literal_address(target_.host, target_.port, address)) {
    place = byte(3) + byte(static_cast<int>(target_.host.size())) + target_.host;
  } else if (address.ss_family == AF_INET) {
    place = byte(1) + std::string(reinterpret_cast<char*>(&reinterpret_cast<sockaddr_in&>(address).sin_addr), 4);
  } else {
    place = byte(4) + std::string(reinterpret_cast<char*>(&reinterpret_cast<sockaddr_in6&>(address).sin6_addr), 16);
  }
  return byte(5) + byte(1) + byte(0) + place + port_bytes(target_.port);
}

// Stages: 0 the method is awaited, 1 the login's result, 2 the request's.
Bargain::Step Bargain::socks(std::string& input, std::string& answer) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(input[i]); };
  while (stage_ < 2) {
    if (input.size() < 2) return Step::more;
    const int method = at(1), first = at(0);
    input.erase(0, 2);
    if (stage_ == 0 && first == 5 && method == 2 && !authorization(proxy_).empty()) {
      stage_ = 1;
      answer += byte(1) + byte(static_cast<int>(proxy_.user.size())) + proxy_.user +
                byte(static_cast<int>(proxy_.password.size())) + proxy_.password;
    } else if (method == 0) {
      stage_ = 2;
      answer += request();
    } else {
      problem_ = stage_ == 0 ? "it takes none of our ways to log in" : "it does not take the login";
      return Step::failed;
    }
  }
  if (input.size() < 5) return Step::more;
  const std::size_t length = at(3) == 1 ? 4 : at(3) == 4 ? 16 : 1u + at(4);
  if (at(0) != 5 || at(1) != 0) {
    static constexpr const char* kReasons[] = {"", "it failed", "its rules forbid it", "the network is unreachable",
                                               "the host is unreachable", "the connection was refused",
                                               "the host did not answer", "it cannot connect", "it does not know such addresses"};
    problem_ = at(0) == 5 && at(1) <= 8 ? kReasons[at(1)] : "it does not speak SOCKS5";
    return Step::failed;
  }
  if (input.size() < 6 + length) return Step::more;
  input.erase(0, 6 + length);
  return Step::done;
}

}  // namespace ninefold::env::supervise
