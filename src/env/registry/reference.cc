// In: a reference's text. Out: its parts, each checked against the distribution specification's grammar,
// so that none of them can change the meaning of a URL it is put into.
#include "env/registry/reference.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "env/store/store.h"

namespace ninefold::env::registry {
namespace {

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return lower(c) || (c >= 'A' && c <= 'Z'); }

Error malformed(const std::string& text, const std::string& why) {
  return Error(Code::invalid_argument,
               fmt::format("'{}' is no reference: {}; write it like registry.example/team/tf29:1 or "
                           "registry.example/team/tf29@sha256:...", text.substr(0, 300), why));
}

// [a-z0-9]+ parted by '.', '_', '__' or any number of '-'.
bool is_component(std::string_view part) {
  if (part.empty() || !(lower(part.front()) || digit(part.front())) || !(lower(part.back()) || digit(part.back()))) return false;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (lower(part[i]) || digit(part[i])) continue;
    std::size_t end = i;
    while (end < part.size() && part[end] == part[i]) ++end;
    const std::size_t length = end - i;
    const bool parts = part[i] == '-' || (part[i] == '.' && length == 1) || (part[i] == '_' && length <= 2);
    if (!parts || !(lower(part[end]) || digit(part[end]))) return false;  // never the last: back() is none of them
    i = end;
  }
  return true;
}

bool is_tag(std::string_view tag) {
  if (tag.empty() || tag.size() > 128 || tag[0] == '.' || tag[0] == '-') return false;
  return std::all_of(tag.begin(), tag.end(), [](char c) { return letter(c) || digit(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_port(std::string_view port) {
  return !port.empty() && port.size() <= 5 && std::all_of(port.begin(), port.end(), digit);
}

// The name without port and brackets; empty if it is no host.
std::string bare_host(std::string_view host) {
  if (!host.empty() && host[0] == '[') {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return {};
    const std::string_view rest = host.substr(end + 1);
    if (!rest.empty() && !(rest[0] == ':' && is_port(rest.substr(1)))) return {};
    const std::string inner(host.substr(1, end - 1));
    in6_addr address;
    return ::inet_pton(AF_INET6, inner.c_str(), &address) == 1 ? inner : std::string();
  }
  const std::size_t colon = host.find(':');
  if (colon != std::string_view::npos && !is_port(host.substr(colon + 1))) return {};
  const std::string_view name = host.substr(0, colon);
  if (name.empty() || name.size() > 253 || name[0] == '-' || name[0] == '.') return {};
  for (std::size_t i = 0; i < name.size(); ++i)
    if (!(letter(name[i]) || digit(name[i]) || name[i] == '-' || (name[i] == '.' && name[i - 1] != '.'))) return {};
  return std::string(name);
}

}  // namespace

std::string Reference::name() const { return repository.substr(repository.rfind('/') + 1); }

std::string Reference::text() const {
  return host + "/" + repository + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest);
}

Result<Reference> parse_reference(const std::string& text) {
  if (text.size() > 1000) return malformed(text, "it is too long");
  if (const std::size_t scheme = text.find("://"); scheme != std::string::npos)
    return malformed(text, fmt::format("leave '{}' out", text.substr(0, scheme + 3)));
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return malformed(text, "it names no registry");
  Reference reference;
  reference.host = text.substr(0, slash);
  std::string rest = text.substr(slash + 1);
  const bool names_host = reference.host.find_first_of(".:") != std::string::npos || reference.host == "localhost";
  if (!names_host) return malformed(text, fmt::format("'{}' names no registry (it has no dot and no port)", reference.host));
  if (bare_host(reference.host).empty()) return malformed(text, fmt::format("'{}' is no host", reference.host));
  if (const std::size_t at = rest.find('@'); at != std::string::npos) {
    reference.digest = rest.substr(at + 1);
    rest.resize(at);
    if (!is_digest(reference.digest)) return malformed(text, "what follows '@' is not sha256: and 64 lower-case hex digits");
  }
  if (const std::size_t colon = rest.find(':'); colon != std::string::npos) {
    reference.tag = rest.substr(colon + 1);
    rest.resize(colon);
    if (!is_tag(reference.tag)) return malformed(text, fmt::format("'{}' is no tag", reference.tag));
  }
  reference.repository = rest;
  if (reference.repository.empty() || reference.repository.size() > 255) return malformed(text, "the name after the host is missing or too long");
  for (std::string_view part : split(reference.repository, '/'))
    if (!is_component(part))
      return malformed(text, fmt::format("'{}' is no part of a name (lower-case letters and digits, parted by '.', '_' or '-')", part));
  if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
  // What Docker's own registry keeps without an owner, it keeps below "library".
  if (reference.host == "docker.io" && rest.find('/') == std::string::npos) reference.repository = "library/" + rest;
  return reference;
}

bool is_reference(const std::string& text) { return text.find('/') != std::string::npos; }

bool is_loopback(const std::string& host) {
  const std::string name = bare_host(host);
  if (name == "localhost") return true;
  in_addr four;
  if (::inet_pton(AF_INET, name.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six;
  return host[0] == '[' && ::inet_pton(AF_INET6, name.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace ninefold::env::registry
