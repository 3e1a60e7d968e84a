// In: hosts, ports, proxies as people write them. Out: parts and decisions.
#include "env/run/proxy.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/text.h"

namespace ninefold::env::run {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::optional<int> port_of(std::string_view text) {
  if (text.empty() || text.size() > 5) return {};
  int port = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    port = port * 10 + (c - '0');
  }
  return port >= 1 && port <= 65535 ? std::optional(port) : std::nullopt;
}

// What may stand in a name on the wire; nothing that ends a header line or a zero-terminated text.
bool is_host(std::string_view text) {
  if (text.empty() || text.size() > 255) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' || c == ':' || c == '%';
  });
}

std::string unescaped(std::string_view text) {
  std::string out;
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) ? c - '0' : (c | 32) - 'a' + 10; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool code = text[i] == '%' && i + 2 < text.size() && std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                      std::isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (!code) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
    i += 2;
  }
  return out;
}

// The bytes of an address, 4 or 16; none for a name.
std::string address_bytes(const std::string& host) {
  unsigned char bytes[16];
  if (::inet_pton(AF_INET, host.c_str(), bytes) == 1) return {reinterpret_cast<char*>(bytes), 4};
  if (::inet_pton(AF_INET6, host.c_str(), bytes) == 1) return {reinterpret_cast<char*>(bytes), 16};
  return {};
}

bool in_network(const std::string& host, std::string_view network) {
  const std::size_t slash = network.find('/');
  const std::string address = address_bytes(host), base = address_bytes(std::string(network.substr(0, slash)));
  if (address.empty() || base.size() != address.size()) return false;
  std::size_t bits = base.size() * 8;
  if (slash != std::string_view::npos)
    bits = std::min<std::size_t>(bits, static_cast<std::size_t>(std::atoi(std::string(network.substr(slash + 1)).c_str())));
  for (std::size_t bit = 0; bit < bits; ++bit)
    if (((address[bit / 8] ^ base[bit / 8]) >> (7 - bit % 8)) & 1) return false;
  return true;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text, int otherwise) {
  const auto wrong = [&] {
    return Error(Code::invalid_argument, fmt::format("expected host:port as example.org:443, got \"{}\"", text));
  };
  Endpoint found;
  std::string_view port;
  bool written = false;
  if (!text.empty() && text[0] == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return wrong();
    found.host = text.substr(1, end - 1);
    if (address_bytes(found.host).size() != 16) return wrong();
    written = end + 1 < text.size();
    if (written && text[end + 1] != ':') return wrong();
    if (written) port = text.substr(end + 2);
  } else {
    const std::size_t colon = text.rfind(':');
    written = colon != std::string_view::npos;
    found.host = text.substr(0, colon);
    if (found.host.find(':') != std::string::npos) return wrong();  // IPv6 without brackets
    if (written) port = text.substr(colon + 1);
  }
  const std::optional<int> number = written ? port_of(port) : otherwise ? std::optional(otherwise) : std::nullopt;
  if (!number || !is_host(found.host)) return wrong();
  found.port = *number;
  return found;
}

std::string text(const Endpoint& endpoint) {
  const bool six = endpoint.host.find(':') != std::string::npos;
  return six ? fmt::format("[{}]:{}", endpoint.host, endpoint.port) : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

Result<ProxyServer> parse_proxy(const std::string& text) {
  ProxyServer proxy;
  std::string_view rest = text;
  std::string scheme = "http";
  if (const std::size_t at = rest.find("://"); at != std::string_view::npos) {
    scheme = lower(rest.substr(0, at));
    rest.remove_prefix(at + 3);
  }
  if (scheme == "http") proxy.kind = "http";
  else if (scheme == "socks5" || scheme == "socks5h" || scheme == "socks") proxy.kind = "socks5";
  else
    return Error(Code::invalid_argument,
                 fmt::format("expected a proxy as \"http://proxy:3128\" or \"socks5://proxy:1080\", got one of kind \"{}\"",
                             scheme));
  while (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = rest.substr(0, at);
    const std::size_t colon = login.find(':');
    proxy.user = unescaped(login.substr(0, colon));
    if (colon != std::string_view::npos) proxy.password = unescaped(login.substr(colon + 1));
    rest.remove_prefix(at + 1);
  }
  const Result<Endpoint> place = parse_endpoint(rest, proxy.kind == "http" ? 80 : 1080);
  // Its text may hold a password: it is not repeated.
  if (!place || proxy.user.size() > 255 || proxy.password.size() > 255)
    return Error(Code::invalid_argument, "expected a proxy as \"http://proxy:3128\" or \"socks5://proxy:1080\"; its host "
                                         "and port are not understood");
  proxy.host = place.value().host;
  proxy.port = place.value().port;
  return proxy;
}

std::string shown(const ProxyServer& proxy) {
  return fmt::format("{}://{}{}", proxy.kind, proxy.user.empty() ? "" : proxy.user + "@",
                     text(Endpoint{proxy.host, proxy.port}));
}

bool goes_direct(const std::string& list, const Endpoint& target) {
  const std::string host = lower(target.host);
  std::string words = list;
  std::replace(words.begin(), words.end(), ' ', ',');
  for (std::string_view word : split(words, ',')) {
    std::string entry = lower(strip(word));
    if (entry.empty()) continue;
    if (entry == "*") return true;
    // A last colon is a port's unless the entry is an IPv6 address.
    if (entry[0] == '[' || std::count(entry.begin(), entry.end(), ':') == 1) {
      const std::size_t colon = entry.rfind(':'), bracket = entry.rfind(']');
      if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
        if (port_of(std::string_view(entry).substr(colon + 1)) != target.port) continue;
        entry.erase(colon);
      }
      if (!entry.empty() && entry[0] == '[') entry = entry.substr(1, entry.find(']') - 1);
    }
    if (in_network(host, entry)) return true;
    if (entry.rfind("*.", 0) == 0) entry.erase(0, 1);
    const std::string suffix = entry[0] == '.' ? entry : "." + entry;
    if (("." + host).ends_with(suffix)) return true;
  }
  return false;
}

bool on_loopback(const sockaddr_storage& address) {
  const auto four = [](const unsigned char* bytes) { return bytes[0] == 127 || bytes[0] == 0; };
  if (address.ss_family == AF_INET)
    return four(reinterpret_cast<const unsigned char*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr));
  if (address.ss_family != AF_INET6) return true;  // nothing else is ever dialled
  const in6_addr& six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six)) return true;
  return (IN6_IS_ADDR_V4MAPPED(&six) || IN6_IS_ADDR_V4COMPAT(&six)) && four(six.s6_addr + 12);
}

bool names_loopback(const std::string& host) {
  std::string name = lower(host);
  while (!name.empty() && name.back() == '.') name.pop_back();
  if (name.empty() || name == "localhost" || name.ends_with(".localhost")) return true;
  sockaddr_storage address{};
  if (literal_address(name, 1, address)) return on_loopback(address);
  in_addr old{};  // "127.1", "0x7f000001", "2130706433": the C library takes them for addresses
  if (::inet_aton(name.c_str(), &old) == 0) return false;
  sockaddr_in four{};
  four.sin_family = AF_INET, four.sin_addr = old;
  std::memcpy(&address, &four, sizeof four);
  return on_loopback(address);
}

bool literal_address(const std::string& host, int port, sockaddr_storage& into) {
  std::memset(&into, 0, sizeof into);
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
    std::memcpy(&into, &four, sizeof four);
    return true;
  }
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = four.sin_port;
  if (::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) return false;
  std::memcpy(&into, &six, sizeof six);
  return true;
}

}  // namespace ninefold::env::run
