// In: rows of bytes, whole and one by one. Out: what the built-in proxy understands, and says.
#include "env/supervise/talk.h"

#include <gtest/gtest.h>

namespace ninefold::env::supervise {
namespace {

using namespace std::string_literals;

struct Row {
  std::string name, input;
  Talk::Step step;
  std::string target;  // of a wish
  std::string answer;  // the front of what is sent before the connection stands
  std::string left = {};
};

const Row kRows[] = {
    {"CONNECT", "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", Talk::Step::wish, "example.org:443", ""},
    {"CONNECT to IPv6", "CONNECT [2001:db8::1]:443 HTTP/1.1\r\n\r\n", Talk::Step::wish, "[2001:db8::1]:443", ""},
    {"CONNECT with bare line feeds", "CONNECT a:1 HTTP/1.0\n\n", Talk::Step::wish, "a:1", ""},
    {"what follows CONNECT is the tunnel's", "CONNECT a:1 HTTP/1.1\r\n\r\nhello", Talk::Step::wish, "a:1", "", "hello"},
    {"GET", "GET http://example.org/a?b HTTP/1.1\r\nHost: example.org\r\n\r\n", Talk::Step::wish, "example.org:80", ""},
    {"GET with port", "GET http://example.org:8080 HTTP/1.1\r\n\r\n", Talk::Step::wish, "example.org:8080", ""},
    {"GET with a login", "GET http://u:p@h/ HTTP/1.1\r\n\r\n", Talk::Step::wish, "h:80", ""},
    {"POST with its body", "POST http://h/ HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", Talk::Step::wish, "h:80", "", "abc"},
    {"a path only", "GET /index.html HTTP/1.1\r\n\r\n", Talk::Step::refused, "", "HTTP/1.1 400 Bad Request\r\n"},
    {"https by GET", "GET https://h/ HTTP/1.1\r\n\r\n", Talk::Step::refused, "", "HTTP/1.1 400"},
    {"CONNECT without a port", "CONNECT h HTTP/1.1\r\n\r\n", Talk::Step::refused, "", "HTTP/1.1 400"},
    {"CONNECT to port 0", "CONNECT h:0 HTTP/1.1\r\n\r\n", Talk::Step::refused, "", "HTTP/1.1 400"},
    {"CONNECT to port 70000", "CONNECT h:70000 HTTP/1.1\r\n\r\n", Talk::Step::refused, "", "HTTP/1.1 400"},
    {"a name with a quote", "CONNECT h\":1 HTTP/1.1\r\n\r\n", Talk::Step::refused, "", "HTTP/1.1 400"},
    {"no HTTP", "HELLO\r\n\r\n", Talk::Step::refused, "", "HTTP/1.1 400"},
    {"TLS", "\x16\x03\x01\x02", Talk::Step::refused, "", "HTTP/1.1 400"},
    {"HTTP/2 by hope", "PRI * HTTP/2.0\r\n\r\n", Talk::Step::refused, "", "HTTP/1.1 400"},
    {"half a head", "CONNECT example.org:443 HTTP/1.1\r\nHost:", Talk::Step::more, "", ""},
    {"an endless head", "GET http://h/" + std::string(70000, 'a'), Talk::Step::refused, "", "HTTP/1.1 400"},
    {"SOCKS5, a name", "\5\1\0\5\1\0\3\013example.org\1\273"s, Talk::Step::wish, "example.org:443", "\5\0"s},
    {"SOCKS5, IPv4", "\5\1\0\5\1\0\1\300\0\2\1\0\120"s, Talk::Step::wish, "192.0.2.1:80", "\5\0"s},
    {"SOCKS5, IPv6", "\5\2\0\2\5\1\0\4"s + std::string(15, '\0') + "\2\0\120"s, Talk::Step::wish, "[::2]:80", "\5\0"s},
    {"SOCKS5 with a login only", "\5\1\2"s, Talk::Step::refused, "", "\5\377"s},
    {"SOCKS5 to bind", "\5\1\0\5\2\0\1\300\0\2\1\0\120"s, Talk::Step::refused, "", "\5\0\5\7"s},
    {"SOCKS5, unknown address", "\5\1\0\5\1\0\7aaaaaa"s, Talk::Step::refused, "", "\5\0\5\10"s},
    {"SOCKS5, a name with a zero byte", "\5\1\0\5\1\0\3\3a\0b\0\120"s, Talk::Step::refused, "", "\5\0\5\1"s},
    {"SOCKS5, no name", "\5\1\0\5\1\0\3\0\0\120"s, Talk::Step::refused, "", "\5\0\5\1"s},
    {"SOCKS4", "\4\1\0\120\1\2\3\4\0"s, Talk::Step::refused, "", "HTTP/1.1 400"},
};

TEST(Talk, EveryWish) {
  for (const Row& row : kRows)
    for (const bool slowly : {false, true}) {
      SCOPED_TRACE(row.name + (slowly ? ", byte by byte" : ""));
      Talk talk;
      std::string input, answer;
      Talk::Step step = Talk::Step::more;
      std::size_t given = 0;
      while (step == Talk::Step::more && given < row.input.size()) {
        const std::size_t size = slowly ? 1 : row.input.size();
        input += row.input.substr(given, size);
        given += size;
        step = talk.take(input, answer);
      }
      if (given < row.input.size()) input += row.input.substr(given);
      EXPECT_EQ(step, row.step);
      EXPECT_EQ(answer.substr(0, row.answer.size()), row.answer);
      if (row.answer.empty()) {
        EXPECT_EQ(answer, "");
      }
      if (step != Talk::Step::wish) continue;
      EXPECT_EQ(run::text(talk.target()), row.target);
      EXPECT_EQ(input, row.left);
    }
}

TEST(Talk, APlainRequestIsSaidAgain) {
  Talk talk;
  std::string answer, input = "GET http://Example.org/a?b HTTP/1.1\r\nHost: Example.org\r\nProxy-Connection: keep-alive\r\n"
                              "proxy-authorization: Basic eDp5\r\nConnection: keep-alive\r\nAccept: */*\r\n\r\n";
  ASSERT_EQ(talk.take(input, answer), Talk::Step::wish);
  EXPECT_TRUE(talk.plain());
  EXPECT_EQ(talk.accept(), "");
  EXPECT_EQ(talk.head(false), "GET /a?b HTTP/1.1\r\nHost: Example.org\r\nAccept: */*\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(talk.head(true, "Basic eg=="),
            "GET http://Example.org/a?b HTTP/1.1\r\nHost: Example.org\r\nAccept: */*\r\nConnection: close\r\n"
            "Proxy-Authorization: Basic eg==\r\n\r\n");
}

TEST(Talk, ATroubleIsSaidInTheClientsTongue) {
  struct {
    Trouble trouble;
    std::string http, socks;
  } const rows[] = {{Trouble::forbidden, "HTTP/1.1 403 Forbidden\r\n", "\5\2"},
                    {Trouble::no_such_host, "HTTP/1.1 502 No Such Host\r\n", "\5\4"},
                    {Trouble::refused, "HTTP/1.1 502 Connection Refused\r\n", "\5\5"},
                    {Trouble::unreachable, "HTTP/1.1 502 Network Unreachable\r\n", "\5\3"},
                    {Trouble::too_slow, "HTTP/1.1 504 No Answer In Time\r\n", "\5\4"},
                    {Trouble::upstream, "HTTP/1.1 502 Upstream Proxy Failed\r\n", "\5\1"},
                    {Trouble::busy, "HTTP/1.1 503 Too Many Connections\r\n", "\5\1"}};
  Talk http, socks;
  std::string answer, input = "CONNECT a:1 HTTP/1.1\r\n\r\n";
  ASSERT_EQ(http.take(input, answer), Talk::Step::wish);
  EXPECT_EQ(http.accept(), "HTTP/1.1 200 Connection established\r\n\r\n");
  input = "\5\1\0\5\1\0\3\1a\0\1"s;
  ASSERT_EQ(socks.take(input, answer), Talk::Step::wish);
  EXPECT_EQ(socks.accept(), "\5\0\0\1\0\0\0\0\0\0"s);
  for (const auto& row : rows) {
    const std::string said = http.refuse(row.trouble, "because");
    EXPECT_EQ(said.substr(0, row.http.size()), row.http);
    EXPECT_NE(said.find("\r\nContent-Length: 18\r\n"), std::string::npos) << said;
    EXPECT_TRUE(said.ends_with("\r\n\r\nninefold: because\n"));
    EXPECT_EQ(socks.refuse(row.trouble, "because").substr(0, 2), row.socks);
  }
}

struct Chain {
  std::string name, proxy, opening, heard;
  Bargain::Step step;
  std::string said = {}, left = {}, problem = {};
};

TEST(Bargain, WithOtherProxies) {
  const Chain rows[] = {
      {"http", "http://p:1", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nrest",
       Bargain::Step::done, "", "rest"},
      {"http with a login", "http://u:p%40@p:1",
       "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nProxy-Authorization: Basic dTpwQA==\r\n\r\n", "HTTP/1.0 200\r\n\r\n",
       Bargain::Step::done},
      {"http, refused", "http://p:1", "CONNECT h:443", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
       Bargain::Step::failed, "", "HTTP/1.1 407", "it answered \"HTTP/1.1 407 Proxy Authentication Required\""},
      {"http, no HTTP", "http://p:1", "CONNECT h:443", "SSH-2.0-OpenSSH\r\n\r\n", Bargain::Step::failed, "", "SSH",
       "it answered \"SSH-2.0-OpenSSH\""},
      {"http, half an answer", "http://p:1", "CONNECT h:443", "HTTP/1.1 200 OK\r\n", Bargain::Step::more, "", "HTTP"},
      {"socks", "socks5://p:1", "\5\1\0"s, "\5\0\5\0\0\1\1\2\3\4\0\1rest"s, Bargain::Step::done, "\5\1\0\3\1h\1\273"s, "rest"},
      {"socks with a login", "socks5h://u:pw@p:1", "\5\2\0\2"s, "\5\2\1\0\5\0\0\3\1x\0\1"s, Bargain::Step::done,
       "\1\1u\2pw\5\1\0\3\1h\1\273"s},
      {"socks, wrong login", "socks5://u:pw@p:1", "\5\2\0\2"s, "\5\2\1\1"s, Bargain::Step::failed, "\1\1u\2pw", "",
       "it does not take the login"},
      {"socks, no method", "socks5://p:1", "\5\1\0"s, "\5\377"s, Bargain::Step::failed, "", "",
       "it takes none of our ways to log in"},
      {"socks, unreachable", "socks5://p:1", "\5\1\0"s, "\5\0\5\4\0\1\0\0\0\0\0\0"s, Bargain::Step::failed,
       "\5\1\0\3\1h\1\273"s, "\5\4", "the host is unreachable"},
  };
  for (const Chain& row : rows) {
    SCOPED_TRACE(row.name);
    Bargain bargain(run::parse_proxy(row.proxy).value(), {"h", 443});
    EXPECT_EQ(bargain.opening().substr(0, row.opening.size()), row.opening);
    std::string input = row.heard, answer;
    EXPECT_EQ(bargain.take(input, answer), row.step);
    EXPECT_EQ(answer, row.said);
    EXPECT_EQ(input.substr(0, row.left.size()), row.left);
    EXPECT_EQ(bargain.problem(), row.problem);
  }
}

TEST(Base64, OfEveryRest) {
  for (const auto& [bytes, text] : {std::pair{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}})
    EXPECT_EQ(base64(bytes), text);
}

}  // namespace
}  // namespace ninefold::env::supervise
