// In: rows of hosts, ports and proxies as people write them. Out: their parts, and where they lead.
#include "env/run/proxy.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace ninefold::env::run {
namespace {

TEST(Endpoints, AreReadOrRefused) {
  struct {
    std::string text, said;
    int otherwise = 0;
  } const rows[] = {{"example.org:443", "example.org:443"}, {"h", "h:80", 80}, {"[::1]:22", "[::1]:22"}, {"[::1]", "[::1]:80", 80},
                    {"192.0.2.1:1", "192.0.2.1:1"}, {"h", ""}, {"", "", 80}, {":80", ""}, {"h:", ""}, {"h:x", ""},
                    {"h:-1", ""}, {"h:65536", ""}, {"::1:22", ""}, {"[::1", ""}, {"[h]:1", ""}, {"[::1]x:1", ""},
                    {"a b:1", ""}, {"a\r\nb:1", ""}, {std::string(256, 'a') + ":1", ""}};
  for (const auto& row : rows) {
    const Result<Endpoint> found = parse_endpoint(row.text, row.otherwise);
    EXPECT_EQ(found ? text(found.value()) : "", row.said) << row.text;
  }
}

TEST(Proxies, AreReadOrRefused) {
  struct {
    std::string text, shown, password = {};
  } const rows[] = {{"http://proxy:3128", "http://proxy:3128"}, {"proxy:3128", "http://proxy:3128"},
                    {"HTTP://proxy:3128/", "http://proxy:3128"}, {"http://proxy", "http://proxy:80"},
                    {"socks5h://[2001:db8::1]:1", "socks5://[2001:db8::1]:1"}, {"socks://h", "socks5://h:1080"},
                    {"http://me:p%40ss%2f@h:1", "http://me@h:1", "p@ss/"}, {"http://a@b@h:1", "http://a@b@h:1"},
                    {"https://proxy:3128", ""}, {"socks4://h:1", ""}, {"http://", ""}, {"http://h:99999", ""}, {"", ""},
                    {"http://h:1\r\nX: y", ""}};
  for (const auto& row : rows) {
    const Result<ProxyServer> found = parse_proxy(row.text);
    EXPECT_EQ(found ? shown(found.value()) : "", row.shown) << row.text;
    if (found) {
      EXPECT_EQ(found.value().password, row.password);
    } else {
      EXPECT_NE(found.error().message().find("http://proxy:3128"), std::string::npos);
    }
  }
  EXPECT_EQ(parse_proxy("http://me:secret@h:x").error().message().find("secret"), std::string::npos);
}

TEST(NoProxy, NamesHostsNetworksAndPorts) {
  struct {
    std::string list, host;
    int port;
    bool direct;
  } const rows[] = {{"example.org", "example.org", 80, true}, {"example.org", "www.Example.org", 80, true},
                    {"example.org", "badexample.org", 80, false}, {".example.org", "www.example.org", 80, true},
                    {"*.example.org", "www.example.org", 80, true}, {"a, b ,c", "b", 1, true}, {"a b", "b", 1, true},
                    {"*", "anything", 1, true}, {"", "h", 1, false}, {",,", "h", 1, false},
                    {"h:8080", "h", 8080, true}, {"h:8080", "h", 80, false}, {"10.0.0.0/8", "10.1.2.3", 1, true},
                    {"10.0.0.0/8", "11.1.2.3", 1, false}, {"10.0.0.0/8", "ten.example", 1, false},
                    {"192.0.2.7", "192.0.2.7", 1, true}, {"192.0.2.7", "192.0.2.70", 1, false},
                    {"2001:db8::/32", "2001:db8::5", 1, true}, {"2001:db8::/32", "2001:db9::5", 1, false},
                    {"[2001:db8::5]:443", "2001:db8::5", 443, true}, {"[2001:db8::5]:443", "2001:db8::5", 80, false},
                    {"::1", "::1", 80, true}, {"10.0.0.0/99", "10.0.0.0", 1, true}, {"[", "h", 1, false}, {":", "h", 1, false}};
  for (const auto& row : rows) EXPECT_EQ(goes_direct(row.list, {row.host, row.port}), row.direct) << row.list << " " << row.host;
}

TEST(Loopback, InEveryDisguise) {
  const std::vector<std::string> loopback = {"127.0.0.1", "127.255.0.1", "0.0.0.0", "0.1.2.3", "::1", "::", "::ffff:127.0.0.1",
                                             "::ffff:0.0.0.0", "::127.0.0.1", "localhost", "LOCALHOST", "localhost.",
                                             "a.localhost", "127.1", "0x7f000001", "2130706433", "017700000001", "0", ""};
  const std::vector<std::string> others = {"192.0.2.1", "10.0.0.1", "128.0.0.1", "126.255.255.255", "2001:db8::1",
                                           "::ffff:192.0.2.1", "fe80::1", "example.org", "localhost.example.org",
                                           "mylocalhost", "169.254.1.1"};
  for (const std::string& host : loopback) EXPECT_TRUE(names_loopback(host)) << host;
  for (const std::string& host : others) EXPECT_FALSE(names_loopback(host)) << host;
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  EXPECT_TRUE(on_loopback(local));  // what is not of the Internet is never dialled
}

}  // namespace
}  // namespace ninefold::env::run
