// In: [network], [proxy], [dns] and [publish].address. Out: the Spec's values, and a finding for each
// that cannot be.
#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <regex>

#include "env/spec/reader.h"

namespace ninefold::env {
namespace {

// 4, 6, or 0 for a text that is no address.
int family(const std::string& text) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 ? 4 : ::inet_pton(AF_INET6, text.c_str(), bytes) == 1 ? 6 : 0;
}

void host_ports(Section& network, Spec& spec) {
  const toml::node* node = network.node("host_ports");
  if (!node) return;
  const auto wrong = [&](const toml::node& at) {
    network.note(at, fmt::format("{}: expected ports from 1 to 65535 as [5432], got {}", network.path_of("host_ports"),
                                 at.is_integer() ? std::to_string(at.value_or(std::int64_t{0})) : kind_of(at)));
  };
  if (!node->is_array()) return wrong(*node);
  for (const toml::node& one : *node->as_array()) {
    const std::int64_t port = one.is_integer() ? one.value_or(std::int64_t{0}) : 0;
    if (port < 1 || port > 65535) wrong(one);
    else if (port < 1024)
      network.note(one, fmt::format("{}: port {} inside needs root, and nobody is root inside; use 1024 to 65535",
                                    network.path_of("host_ports"), port));
    else if (std::find(spec.network.host_ports.begin(), spec.network.host_ports.end(), port) == spec.network.host_ports.end())
      spec.network.host_ports.push_back(static_cast<int>(port));
  }
}

}  // namespace

void parse_network(Section& top, Spec& spec) {
  Section network = top.table("network");
  network.choice("outgoing", {"auto", "tun", "proxy", "none"}, spec.network.outgoing);
  host_ports(network, spec);
  network.finish();
  Section proxy = top.table("proxy");
  static const std::regex form("(http|socks5h?)://[^ \n\r\t]+");
  for (auto [key, into] : {std::pair{"http", &spec.proxy.http}, {"https", &spec.proxy.https}})
    if (proxy.text(key, *into) && (into->size() > 1000 || !std::regex_match(*into, form)))
      proxy.find(key, fmt::format("proxy.{}: expected an address as \"http://proxy:3128\" or \"socks5://proxy:1080\", got \"{}\"",
                                  key, *into));
  proxy.text("none", spec.proxy.none);
  proxy.finish();
  Section dns = top.table("dns");
  if (dns.texts("servers", spec.dns.servers))
    for (const std::string& server : spec.dns.servers) {
      if (family(server) == 0) {
        dns.find("servers", fmt::format("dns.servers: expected addresses as \"8.8.8.8\", got \"{}\"", server));
      } else if (server.rfind("127.", 0) == 0 || server == "::1") {
        dns.find("servers", fmt::format("dns.servers: {} is the environment's own loopback inside; leave dns.servers out, and this "
                                        "machine resolves names", server));
      }
    }
  static const std::regex domain("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})");
  if (dns.texts("search", spec.dns.search))
    for (const std::string& name : spec.dns.search)
      if (name.size() > 253 || !std::regex_match(name, domain))
        dns.find("search", fmt::format("dns.search: expected domains as \"example.org\", got \"{}\"", name));
  dns.finish();
}

void check_address(Section& publish, const Publish& given) {
  if (family(given.address) == 0)
    publish.find("address", fmt::format("publish.address: expected an address of this machine, or \"0.0.0.0\" or \"::\" for "
                                        "all of them, got \"{}\"", given.address));
  else if (given.address == "127.0.0.1" || given.address == "::1")
    publish.find("address", fmt::format("publish.address: {} is loopback, where every port is anyway; name an address that other "
                                        "machines reach", given.address));
}

}  // namespace ninefold::env
