// In: texts that name hosts, ports and proxies. Out: their parts, and which hosts go where. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sockaddr_storage;

namespace ninefold::env::run {

struct Endpoint {
  std::string host;  // a name or an address; an IPv6 address without brackets
  int port = 0;
};

// "example.org:443", "[::1]:80". `otherwise` is the port where none is written; 0: one must be.
Result<Endpoint> parse_endpoint(std::string_view text, int otherwise = 0);
std::string text(const Endpoint& endpoint);  // with brackets where they are needed

// A proxy that this machine or the file names.
struct ProxyServer {
  std::string kind;  // "http", "socks5"; empty: none
  std::string host;
  int port = 0;
  std::string user, password;
};

// "http://user:password@proxy:3128", "socks5://proxy:1080", "proxy:3128".
Result<ProxyServer> parse_proxy(const std::string& text);
std::string shown(const ProxyServer& proxy);  // without its password

// Outgoing connections of an environment whose programs ask the connector for them.
struct Outgoing {
  int port = 0;              // inside, on loopback; 0: nobody serves it
  ProxyServer http, https;   // where it passes requests on: plain ones, tunnels
  std::string direct;        // hosts that are reached without those, as no_proxy writes them
  std::vector<int> host_ports;            // of this machine's loopback that are open to the inside
  std::vector<std::string> name_servers;  // asked instead of this machine's
  std::vector<std::string> search;
  bool ipv6 = false;         // the road `tun` has it, too
};

// True iff a no_proxy list names the host: a name with its subdomains, an address, a network as
// 10.0.0.0/8, any of them with :port, or * for all.
bool goes_direct(const std::string& list, const Endpoint& target);

// True iff a connection to this address ends on the machine itself by the loopback device. "This host"
// (0.0.0.0, ::) and IPv4 addresses within IPv6 count.
bool on_loopback(const sockaddr_storage& address);
// The same of a name as it is written, before anybody resolves it: "localhost", "127.1", "::1".
bool names_loopback(const std::string& host);

// The address that a text writes in full; false for names.
bool literal_address(const std::string& host, int port, sockaddr_storage& into);

}  // namespace ninefold::env::run
