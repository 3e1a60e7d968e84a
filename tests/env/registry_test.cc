// In: rows of references, challenges, login files and manifests, honest and hostile. Out: their parts, or the
// words that refuse them. No row needs a network.
#include <gtest/gtest.h>

#include "cli/meter.h"
#include "env/image/transfer.h"
#include "env/registry/auth.h"
#include "env/registry/client.h"
#include "env/registry/reference.h"

namespace ninefold::env::registry {
namespace {

const std::string kHex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const std::string kDigest = "sha256:" + kHex;

struct ReferenceRow {
  std::string text, host, repository, tag, digest;
};

TEST(References, HaveParts) {
  const ReferenceRow rows[] = {
      {"registry.example/team/tf29:week-47", "registry.example", "team/tf29", "week-47", ""},
      {"registry.example/tf29", "registry.example", "tf29", "latest", ""},
      {"localhost/tf29", "localhost", "tf29", "latest", ""},
      {"localhost:5000/a/b/c:1.0_x", "localhost:5000", "a/b/c", "1.0_x", ""},
      {"[::1]:5000/tf29", "[::1]:5000", "tf29", "latest", ""},
      {"registry.example/tf29@" + kDigest, "registry.example", "tf29", "", kDigest},
      {"registry.example:443/tf29:v1@" + kDigest, "registry.example:443", "tf29", "v1", kDigest},
      {"docker.io/debian", "docker.io", "library/debian", "latest", ""},
      {"127.0.0.1:5000/a__b/c-d--e.f", "127.0.0.1:5000", "a__b/c-d--e.f", "latest", ""},
  };
  for (const ReferenceRow& row : rows) {
    const auto parsed = parse_reference(row.text);
    ASSERT_TRUE(parsed) << row.text << ": " << parsed.error().message();
    EXPECT_EQ(parsed.value().host, row.host);
    EXPECT_EQ(parsed.value().repository, row.repository) << row.text;
    EXPECT_EQ(parsed.value().tag, row.tag) << row.text;
    EXPECT_EQ(parsed.value().digest, row.digest) << row.text;
    EXPECT_EQ(parse_reference(parsed.value().text()).value().text(), parsed.value().text());
  }
  EXPECT_EQ(parse_reference("registry.example/team/tf29:1").value().name(), "tf29");
}

TEST(References, AreRefusedWithTheReason) {
  const std::pair<std::string, std::string> rows[] = {
      {"tf29", "it names no registry"},
      {"", "it names no registry"},
      {"team/tf29", "'team' names no registry (it has no dot and no port)"},
      {"https://registry.example/tf29", "leave 'https://' out"},
      {"registry.example/Team/tf29", "'Team' is no part of a name"},
      {"registry.example/", "is missing"},
      {"registry.example//tf29", "'' is no part of a name"},
      {"registry.example/../v2/tf29", "'..' is no part of a name"},
      {"registry.example/a?b=c", "is no part of a name"},
      {"registry.example/a%2fb", "is no part of a name"},
      {"registry.example/a..b", "is no part of a name"},
      {"registry.example/a___b", "is no part of a name"},
      {"registry.example/a-", "is no part of a name"},
      {"registry.example/a b", "is no part of a name"},
      {"registry.example/a:", "'' is no tag"},
      {"registry.example/a:-x", "'-x' is no tag"},
      {"registry.example/a:b/c", "'b/c' is no tag"},
      {"registry.example/a:b\r\nX: y", "is no tag"},
      {"registry.example/a:" + std::string(129, 'x'), "is no tag"},
      {"registry.example/a@sha256:12", "what follows '@'"},
      {"registry.example/a@sha512:" + kHex, "what follows '@'"},
      {"registry.example/a@" + kDigest + "@" + kDigest, "what follows '@'"},
      {"registry.example:port/a", "is no host"},
      {"registry.example:123456/a", "is no host"},
      {"user@registry.example/a", "is no host"},
      {".example/a", "is no host"},
      {"a..b/c", "is no host"},
      {"[::1/a", "is no host"},
      {"[zz]:1/a", "is no host"},
      {"registry.example/" + std::string(300, 'a'), "too long"},
      {"registry.example/" + std::string(5000, 'a'), "too long"},
  };
  for (const auto& [text, says] : rows) {
    const auto parsed = parse_reference(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Code::invalid_argument);
    EXPECT_NE(parsed.error().message().find(says), std::string::npos) << parsed.error().message();
    EXPECT_NE(parsed.error().message().find("write it like registry.example/team/tf29:1"), std::string::npos);
  }
}

TEST(References, OnlyThisMachineIsLoopback) {
  for (const char* host : {"localhost", "localhost:5000", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:5000"}) EXPECT_TRUE(is_loopback(host)) << host;
  for (const char* host : {"127.0.0.1.evil.example", "localhost.evil.example", "127.evil.example:80", "10.0.0.1", "[::2]", "evil.example", "0x7f000001"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

TEST(Origins, AreSchemeAndHost) {
  const std::pair<std::string, std::string> rows[] = {
      {"https://registry.example:5000/v2/?x", "https://registry.example:5000"},
      {"http://127.0.0.1/v2/", "http://127.0.0.1"},
      {"https://registry.example", "https://registry.example"},
      {"https://registry.example@evil.example/", ""},
      {"https://registry.example\\@evil.example/", ""},
      {"ftp://registry.example/", ""},
      {"file:///etc/passwd", ""},
      {"//evil.example/", ""},
      {"https:///x", ""},
  };
  for (const auto& [url, origin] : rows) EXPECT_EQ(origin_of(url), origin) << url;
}

TEST(Challenges, AreRead) {
  const auto one = parse_challenges(R"(Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push")");
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].scheme, "bearer");
  EXPECT_EQ(one[0].get("realm"), "https://auth.example/token");
  EXPECT_EQ(one[0].get("scope"), "repository:a/b:pull,push");
  EXPECT_EQ(one[0].get("none"), "");
  const auto two = parse_challenges(R"(Negotiate, bEaReR Realm = "a\"b" , service=plain, Basic realm="x, Digest")");
  ASSERT_EQ(two.size(), 3u);
  EXPECT_EQ(two[0].scheme, "negotiate");
  EXPECT_EQ(two[1].scheme, "bearer");
  EXPECT_EQ(two[1].get("realm"), "a\"b");
  EXPECT_EQ(two[1].get("service"), "plain");
  EXPECT_EQ(two[2].scheme, "basic");
  EXPECT_EQ(two[2].get("realm"), "x, Digest");
}

TEST(Challenges, OfAnyBytesEnd) {
  const std::string rows[] = {"", ",,,,", "=", "=\"", "Bearer realm=\"never ends", "Bearer realm=", "Bearer =x", "\"\"", "Bearer realm=\"a\" \"b\"",
                              std::string(100000, ','), std::string(100000, 'a'), std::string("\0\1\2", 3), "Bearer realm=\"\\", "@@@@ Basic"};
  for (const std::string& row : rows) EXPECT_LE(parse_challenges(row).size(), 16u);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "Basic realm=x, ";
  EXPECT_EQ(parse_challenges(many).size(), 16u);
  std::uint32_t state = 1;  // every byte string of a small alphabet ends, whatever stands where
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (int i = 0; i < 24; ++i) text += "aB=,\" \\;\t"[(state = state * 1664525 + 1013904223) >> 16 & 7];
    (void)parse_challenges(text);
  }
}

TEST(Base64, GoesBothWays) {
  const std::pair<std::string, std::string> rows[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
                                                      {"user:p\xc3\xa4ss\xff", "dXNlcjpww6Rzc/8="}};
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
  for (const std::string text : {"Z g", "Zg-_", "\n"}) EXPECT_FALSE(from_base64(text));
  EXPECT_FALSE(from_base64(std::string("\0", 1)));
}

struct LoginRow {
  std::string text, host, repository, user, password, helper;
};

TEST(LoginFiles, GiveTheLongestKeyThatFits) {
  const std::string ab = base64("ab:cd:e"), xy = base64("xy:z");
  const LoginRow rows[] = {
      {R"({"auths":{"registry.example":{"auth":")" + ab + R"("}}})", "registry.example", "team/tf29", "ab", "cd:e", ""},
      {R"({"auths":{"https://registry.example/v1/":{"auth":")" + ab + R"("}}})", "registry.example", "team/tf29", "ab", "cd:e", ""},
      {R"({"auths":{"registry.example":{"auth":")" + ab + R"("},"registry.example/team":{"auth":")" + xy + R"("}}})", "registry.example",
       "team/tf29", "xy", "z", ""},
      {R"({"auths":{"registry.example":{"auth":")" + ab + R"("},"registry.example/tea":{"auth":")" + xy + R"("}}})", "registry.example",
       "team/tf29", "ab", "cd:e", ""},
      {R"({"auths":{"registry.example:5000":{"auth":")" + ab + R"("}}})", "registry.example", "tf29", "", "", ""},
      {R"({"auths":{"evil.example/registry.example":{"auth":")" + ab + R"("}}})", "registry.example", "tf29", "", "", ""},
      {R"({"auths":{"https://index.docker.io/v1/":{"auth":")" + ab + R"("}}})", "docker.io", "library/debian", "ab", "cd:e", ""},
      {R"({"auths":{"registry.example":{"username":"u","password":"p"}}})", "registry.example", "tf29", "u", "p", ""},
      {R"({"auths":{"registry.example":{}},"credsStore":"desktop"})", "registry.example", "tf29", "", "", "desktop"},
      {R"({"credHelpers":{"registry.example":"pass"},"credsStore":"desktop"})", "registry.example", "tf29", "", "", "pass"},
      {R"({"credHelpers":{"registry.example":"pass"},"auths":{"registry.example":{"auth":")" + ab + R"("}}})", "registry.example", "tf29", "ab",
       "cd:e", ""},
      {R"({"credHelpers":{"registry.example/team":"pass"},"auths":{"registry.example":{"auth":")" + ab + R"("}}})", "registry.example", "team/x",
       "", "", "pass"},
      {"{}", "registry.example", "tf29", "", "", ""},
      {R"({"auths":[1,2]})", "registry.example", "tf29", "", "", ""},
      {R"({"auths":{"registry.example":7}})", "registry.example", "tf29", "", "", ""},
  };
  for (const LoginRow& row : rows) {
    const auto told = read_logins(row.text, "config.json", row.host, row.repository);
    ASSERT_TRUE(told) << row.text << ": " << told.error().message();
    EXPECT_EQ(told.value().login ? told.value().login->user : "", row.user) << row.text;
    EXPECT_EQ(told.value().login ? told.value().login->password : "", row.password) << row.text;
    EXPECT_EQ(told.value().helper, row.helper) << row.text;
  }
}

TEST(LoginFiles, ThatAreBrokenAreNamed) {
  const std::pair<std::string, std::string> rows[] = {
      {"", ""},
      {"[]", "holds no JSON object"},
      {"{", ""},
      {R"({"auths":{"registry.example":{"auth":"?"}}})", "the login of registry.example cannot be read"},
      {R"({"auths":{"registry.example":{"auth":"Zm9v"}}})", "the login of registry.example cannot be read"},
      {R"({"credsStore":"../../bin/sh"})", "cannot be a helper's name"},
  };
  for (const auto& [text, says] : rows) {
    const auto told = read_logins(text, "/home/u/config.json", "registry.example", "tf29");
    ASSERT_FALSE(told) << text;
    EXPECT_NE(told.error().message().find("login file /home/u/config.json"), std::string::npos) << told.error().message();
    EXPECT_NE(told.error().message().find(says), std::string::npos) << told.error().message();
    EXPECT_EQ(told.error().message().find("Zm9v"), std::string::npos);  // never the secret
  }
}

TEST(LoginFiles, KeepWhatTheyHeld) {
  const Login login{"ci", "s3:cret", "", ""};
  const std::string first = with_login("", "f", "registry.example:5000", login).value();
  EXPECT_EQ(read_logins(first, "f", "registry.example:5000", "x").value().login->password, "s3:cret");
  const std::string second = with_login(R"({"credsStore":"pass","auths":{"other.example":{"auth":"YTpi"}},"HttpHeaders":{"a":"b"}})", "f", "docker.io", login).value();
  EXPECT_EQ(read_logins(second, "f", "docker.io", "library/x").value().login->user, "ci");
  EXPECT_EQ(read_logins(second, "f", "other.example", "x").value().login->user, "a");
  EXPECT_NE(second.find("HttpHeaders"), std::string::npos);
  EXPECT_FALSE(with_login("[]", "f", "registry.example", login));
}

TEST(LoginFiles, LoseOneHostAndNothingElse) {
  const std::string text = R"({"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"},"r.example:5000":{"auth":"YTpi"},"r.example":{"auth":"Yzpk"}},"x":1})";
  const std::string rest = without_login(text, "f", "r.example:5000").value().value();
  EXPECT_FALSE(read_logins(rest, "f", "r.example:5000", "x").value().login);
  EXPECT_EQ(read_logins(rest, "f", "r.example", "x").value().login->user, "c");
  EXPECT_NE(rest.find("\"x\": 1"), std::string::npos);
  EXPECT_FALSE(read_logins(without_login(rest, "f", "docker.io").value().value(), "f", "docker.io", "x").value().login);
  for (const char* none : {R"({"auths":{"other.example":{}}})", "{}", "[]", R"({"auths":[]})"}) EXPECT_FALSE(without_login(none, "f", "r.example").value()) << none;
  EXPECT_FALSE(without_login("{", "f", "r.example"));
}

TEST(Registries, ManifestsBesideAnImage) {
  const std::string image = kDigest, lock = "sha256:" + std::string(64, 'a'), input = "sha256:" + std::string(64, 'b');
  const auto text = [&](const std::string& subject, const std::string& layers) {
    return R"({"subject":{"digest":")" + subject + R"("},"layers":)" + layers + "}";
  };
  const std::string first = R"({"mediaType":"application/vnd.ninefold.lock.v1+json","digest":")" + lock + R"(","size":7})";
  const std::string second = R"({"mediaType":"application/vnd.ninefold.input.v1","digest":")" + input + R"(","size":9})";
  const auto good = image::parse_beside(text(image, "[" + first + "," + second + "]"), image);
  ASSERT_TRUE(good) << good.error().message();
  EXPECT_EQ(good.value().lock, lock);
  ASSERT_EQ(good.value().blobs.size(), 2u);
  EXPECT_EQ(good.value().blobs[1], std::pair(input, std::uint64_t{9}));
  const std::pair<std::string, std::string> rows[] = {
      {text(lock, "[" + first + "]"), "belongs to another image"},
      {text(image, "[]"), "has no layers"},
      {text(image, "{}"), "has no layers"},
      {text(image, "[" + second + "]"), "does not begin with a lock"},
      {text(image, R"([{"mediaType":"application/vnd.ninefold.lock.v1+json","digest":"sha256:../../x","size":1}])"), "has no digest"},
      {text(image, R"([{"digest":")" + lock + R"(","size":-1}])"), "no size"},
      {"{}", "malformed"},
      {"[]", "malformed"},
      {"", ""},
  };
  for (const auto& [bytes, says] : rows) {
    const auto refused = image::parse_beside(bytes, image);
    ASSERT_FALSE(refused) << bytes;
    EXPECT_NE(refused.error().message().find(says), std::string::npos) << refused.error().message();
  }
}

TEST(Registries, IndexesHaveAPlatform) {
  const std::string index = R"({"manifests":[{"digest":"sha256:)" + std::string(64, 'a') + R"(","platform":{"os":"linux","architecture":"arm64"}},)" +
                            R"({"digest":")" + kDigest + R"(","platform":{"os":"linux","architecture":"amd64"}}]})";
  EXPECT_EQ(image::choose_platform(index, "amd64").value(), kDigest);
  EXPECT_EQ(image::choose_platform(index, "riscv64").error().message(), "the image is for linux/arm64, linux/amd64, not for linux/riscv64");
  for (const std::string text : {"{}", "[]", R"({"manifests":[{}]})", R"({"manifests":[{"platform":7}]})", ""}) EXPECT_FALSE(image::choose_platform(text, "amd64")) << text;
}

TEST(Meters, TellSizesAndTimeLeft) {
  EXPECT_EQ(cli::moved_text(0, 1 << 20, 5), "0 B of 1.0 MiB");
  EXPECT_EQ(cli::moved_text(1 << 20, 4 << 20, 0.5), "1.0 MiB of 4.0 MiB");
  EXPECT_EQ(cli::moved_text(1 << 20, 4 << 20, 10), "1.0 MiB of 4.0 MiB, 31 s left");
  EXPECT_EQ(cli::moved_text(4 << 20, 4 << 20, 10), "4.0 MiB of 4.0 MiB");
  EXPECT_EQ(cli::moved_text(1 << 20, 100 << 20, 60), "1.0 MiB of 100.0 MiB, 1 h 39 min left");
}

}  // namespace
}  // namespace ninefold::env::registry
