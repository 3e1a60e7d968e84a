// In: rows of ninefold.toml text. Out: the findings with their places, or the Spec's values.
#include <gtest/gtest.h>

#include <random>

#include "env/spec/parse.h"

namespace ninefold::env {
namespace {

const std::map<std::string, std::string> kFiles = {
    {"/team/base.toml", "base = \"debian:bullseye\"\n[packages]\napt = [\"git\"]\npip = [\"pandas\"]\n"
                        "[ssh]\nport = 2200\n[jupyter]\n[mounts]\n\"shared\" = \"/tf/shared\"\n"},
    {"/team/broken.toml", "[limits]\nmemroy = \"8g\"\n"},
    {"/team/loop.toml", "extends = \"loop.toml\"\n"}};

Parsed parse(const std::string& text) {
  const Surroundings around{"/project", "/home/ada", [](const std::string& path) -> Result<std::string> {
                              const auto found = kFiles.find(path);
                              if (found == kFiles.end()) return Error(Code::not_found, "no file " + path);
                              return found->second;
                            }};
  return parse_spec(text, "ninefold.toml", around);
}

struct Row {
  std::string text;
  std::vector<std::string> findings;  // each whole
};

class Findings : public testing::TestWithParam<Row> {};

TEST_P(Findings, AreAllNamedAtOnce) {
  std::string expected;
  for (const std::string& line : GetParam().findings) expected += (expected.empty() ? "" : "\n") + line;
  EXPECT_EQ(findings_text(parse(GetParam().text).findings), expected);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Findings,
    testing::Values(
        Row{"name = \"a\"\n", {}},
        Row{"", {"ninefold.toml:1:1: name is missing; write name = \"tf29\" at the top"}},
        Row{"name = \"a\"\nbase = debian\n[limits]\nmemroy = 1\n",
            {"ninefold.toml:2:8: Error while parsing value: could not determine value type"}},
        Row{"[[.", {"ninefold.toml:1:3: Error while parsing key: expected bare key starting character or string delimiter, saw '.'"}},
        Row{"name = \"a\"\nbase = \"debian:bokworm\"\n[limits]\nmemroy = \"8g\"\ncpus = \"two\"\n[jupiter]\nport = 1\n",
            {"ninefold.toml:2:8: base: expected debian:bookworm, debian:bullseye, debian:trixie, got "
             "\"debian:bokworm\"; did you mean \"debian:bookworm\"?",
             "ninefold.toml:4:1: unknown key 'memroy' in [limits]; did you mean 'memory'?",
             "ninefold.toml:5:8: limits.cpus: expected a number, got a string",
             "ninefold.toml:6:2: unknown key 'jupiter'; did you mean 'jupyter'?"}},
        Row{"name = \"Bad Name\"\n",
            {"ninefold.toml:1:8: name: expected lower-case letters, digits, '-', '_' and '.', at most 63, got \"Bad Name\""}},
        Row{"name = \"a\"\n[python]\nversion = \"3.12\"\n",
            {"ninefold.toml:3:11: python.version: no base has \"3.12\"; debian:bookworm has 3.11, debian:bullseye has "
             "3.9, debian:trixie has 3.13. Write one of these versions, and `base` may be left out"}},
        Row{"name = \"a\"\nbase = \"registry.example/python@sha256:00\"\n",
            {"ninefold.toml:2:8: base: \"registry.example/python@sha256:00\" is an image; write \"oci:registry.example/python@sha256:00\". A release of Debian is a base, too: "
             "debian:bookworm has 3.11, debian:bullseye has 3.9, debian:trixie has 3.13"}},
        Row{"name = \"a\"\nbase = \"oci:registry.example:5000/team/base:1\"\n[python]\nversion = \"3.10\"\n", {}},
        Row{"name = \"a\"\nbase = \"oci:localhost/base@sha256:00\"\n", {}},
        Row{"name = \"a\"\nbase = \"oci:debian:bookworm\"\n",
            {"ninefold.toml:2:8: base: \"oci:debian:bookworm\" names no registry; write it like \"oci:registry.example/team/base:1\""}},
        Row{"name = \"a\"\nbase = \"oci:registry.example/a b\"\n[python]\nversion = \"2.7\"\n",
            {"ninefold.toml:2:8: base: \"oci:registry.example/a b\" names no registry; write it like \"oci:registry.example/team/base:1\"",
             "ninefold.toml:4:11: python.version: expected a version as \"3.11\", got \"2.7\""}},
        Row{"name = \"a\"\nbase = \"debian:bookworm\"\n[python]\nversion = \"3.9\"\n",
            {"ninefold.toml:4:11: python.version: base debian:bookworm has 3.11, not 3.9; debian:bookworm has 3.11, "
             "debian:bullseye has 3.9, debian:trixie has 3.13. Write base = \"debian:bullseye\", or leave `base` out"}},
        Row{"name = \"a\"\n[packages]\npip = [\"ok\", \"x @ https://h/x.whl\", 3]\napt = \"git\"\n",
            {"ninefold.toml:3:14: packages.pip[1]: expected a requirement as \"pandas\" or \"scikit-learn==1.5.2\" "
             "(wheels of the index only, no addresses), got \"x @ https://h/x.whl\"",
             "ninefold.toml:3:37: packages.pip[2]: expected a string, got an integer",
             "ninefold.toml:4:7: packages.apt: expected an array of strings, got a string"}},
        Row{"name = \"a\"\n[mounts]\n\"a\" = \"tf\"\n\"b\" = \"/etc/x\"\n\"c\" = \"/tf/c\"\n\"d\" = {to = \"/tf/c\", readonly = true}\n",
            {"ninefold.toml:3:7: mounts.a: expected an absolute path inside without . and .., got \"tf\"",
             "ninefold.toml:4:7: mounts.b: /etc/x belongs to the environment itself; choose a path as /tf/data",
             "ninefold.toml:6:7: mounts.d: /tf/c is used twice; choose another path inside",
             "ninefold.toml:6:22: unknown key 'readonly' in [mounts.d]; did you mean 'read_only'?"}},
        Row{"name = \"a\"\n[jupyter]\nport = 22\n[ssh]\nport = 70000\nuser = \"root\"\n",
            {"ninefold.toml:3:8: jupyter.port: port 22 needs root, and nobody is root inside; use 1024 to 65535",
             "ninefold.toml:5:8: ssh.port: expected 1024 to 65535, got 70000",
             "ninefold.toml:6:8: ssh.user: nobody is root inside; name an ordinary user"}},
        Row{"name = \"a\"\n[jupyter]\nport = 6006\n[tensorboard]\n[services.x]\ncommand = \"x\"\nport = 6006\n",
            {"ninefold.toml:1:1: tensorboard.port: port 6006 is jupyter.port's already; choose another",
             "ninefold.toml:7:8: services.x.port: port 6006 is jupyter.port's already; choose another"}},
        Row{"name = \"a\"\n[secrets]\nKEY = \"hunter2\"\nB = {}\n",
            {"ninefold.toml:3:7: secrets.KEY: a secret is never written here; say { file = \"...\" } or { env = \"...\" }",
             "ninefold.toml:4:5: secrets.B: expected either file or env"}},
        Row{"name = \"a\"\n[limits]\nmemory = \"8q\"\n[gpu]\nuse = \"maybe\"\n",
            {"ninefold.toml:3:10: limits.memory: expected a size as \"8g\" or \"512m\", got \"8q\"",
             "ninefold.toml:5:7: gpu.use: expected optional, required, none, got \"maybe\""}},
        Row{"name = \"a\"\n[gpu]\ndevices = [0, -1, 0, \"GPU-1\", 1.5, \"../x\"]\n",
            {"ninefold.toml:3:15: gpu.devices: expected a number from 0 on, or a UUID as nvidia-smi -L shows it, got -1",
             "ninefold.toml:3:19: gpu.devices: 0 stands there twice",
             "ninefold.toml:3:31: gpu.devices: expected a number from 0 on, or a UUID as nvidia-smi -L shows it, got a number",
             "ninefold.toml:3:36: gpu.devices: expected a number from 0 on, or a UUID as nvidia-smi -L shows it, got \"../x\""}},
        Row{"name = \"a\"\n[gpu]\ndevices = \"all\"\n",
            {"ninefold.toml:3:11: gpu.devices: expected an array as [0, 1] or [\"GPU-8932f937-...\"]; leave it out for all"}},
        Row{"name = \"a\"\nextends = \"/team/broken.toml\"\n",
            {"/team/broken.toml:2:1: unknown key 'memroy' in [limits]; did you mean 'memory'?"}},
        Row{"name = \"a\"\nextends = \"/team/none.toml\"\n", {"ninefold.toml:2:11: no file /team/none.toml"}},
        Row{"name = \"a\"\n[network]\noutgoing = \"internet\"\nhost_ports = [80, 0, \"x\", 5432]\n",
            {"ninefold.toml:3:12: network.outgoing: expected auto, tun, proxy, none, got \"internet\"",
             "ninefold.toml:4:15: network.host_ports: port 80 inside needs root, and nobody is root inside; use 1024 to 65535",
             "ninefold.toml:4:19: network.host_ports: expected ports from 1 to 65535 as [5432], got 0",
             "ninefold.toml:4:22: network.host_ports: expected ports from 1 to 65535 as [5432], got a string"}},
        Row{"name = \"a\"\n[network]\nhost_ports = 5432\n[ssh]\nport = 2222\n",
            {"ninefold.toml:3:14: network.host_ports: expected ports from 1 to 65535 as [5432], got 5432"}},
        Row{"name = \"a\"\n[network]\nhost_ports = [2222]\n[ssh]\n",
            {"ninefold.toml:3:14: network.host_ports: port 2222 is ssh.port's already; choose another"}},
        Row{"name = \"a\"\n[proxy]\nhttp = \"https://p:1\"\nhttps = \"p:1\"\n",
            {"ninefold.toml:3:8: proxy.http: expected an address as \"http://proxy:3128\" or \"socks5://proxy:1080\", got "
             "\"https://p:1\"",
             "ninefold.toml:4:9: proxy.https: expected an address as \"http://proxy:3128\" or \"socks5://proxy:1080\", got "
             "\"p:1\""}},
        Row{"name = \"a\"\n[dns]\nservers = [\"999.1.1.1\"]\nsearch = [\"a b\"]\n",
            {"ninefold.toml:3:11: dns.servers: expected addresses as \"8.8.8.8\", got \"999.1.1.1\"",
             "ninefold.toml:4:10: dns.search: expected domains as \"example.org\", got \"a b\""}},
        Row{"name = \"a\"\n[dns]\nservers = [\"127.0.0.53\", \"2001:db8::53\"]\n",
            {"ninefold.toml:3:11: dns.servers: 127.0.0.53 is the environment's own loopback inside; leave dns.servers out, "
             "and this machine resolves names"}},
        Row{"name = \"a\"\n[jupyter]\n[publish]\naddress = \"everywhere\"\nservices = [\"jupyter\"]\n",
            {"ninefold.toml:4:11: publish.address: expected an address of this machine, or \"0.0.0.0\" or \"::\" for all of "
             "them, got \"everywhere\""}},
        Row{"name = \"a\"\n[jupyter]\n[publish]\naddress = \"127.0.0.1\"\nservices = [\"jupyter\"]\ncertificate = \"c\"\n",
            {"ninefold.toml:4:11: publish.address: 127.0.0.1 is loopback, where every port is anyway; name an address that "
             "other machines reach",
             "ninefold.toml:6:15: publish: certificate and key belong together; give both or neither"}},
        Row{"name = \"a\"\n[publish]\nservices = [\"ssh\"]\n",
            {"ninefold.toml:3:12: publish.services: no service is called \"ssh\"; there are: "}}));

TEST(Spec, TheFirstFileParses) {
  const Parsed parsed = parse(initial_file("tf29"));
  EXPECT_EQ(findings_text(parsed.findings), "");
  EXPECT_EQ(parsed.spec.name, "tf29");
  EXPECT_EQ(parsed.spec.python.version, "3.11");
  EXPECT_EQ(parsed.spec.limits.memory, 8ull << 30);
  ASSERT_TRUE(parsed.spec.ssh && parsed.spec.jupyter && parsed.spec.tensorboard);
  EXPECT_EQ(parsed.spec.ssh->port, 2222);
  EXPECT_TRUE(parsed.spec.jupyter->scripts);
  EXPECT_FALSE(parse("name = \"a\"\n[jupyter]\nscripts = false\n").spec.jupyter->scripts);
  EXPECT_EQ(findings_text(parse("name = \"a\"\n[jupyter]\nscripts = \"no\"\n").findings).substr(0, 36), "ninefold.toml:3:11: jupyter.scripts:");
}

TEST(Spec, EveryCommentedLineOfTheFirstFileParsesToo) {
  std::string text = initial_file("tf29"), open;
  for (size_t start = 0; start < text.size();) {
    size_t end = text.find('\n', start);
    std::string line = text.substr(start, end - start);
    // Lines that show a setting hold '=' or open a table; the others are prose.
    if (line.rfind("# ", 0) == 0 && (line.find(" = ") != std::string::npos || line[2] == '[') && line.find("extends") == std::string::npos)
      line = line.substr(2);
    open += line + "\n";
    start = end + 1;
  }
  const Parsed parsed = parse(open);
  EXPECT_EQ(findings_text(parsed.findings), "");
  EXPECT_EQ(parsed.spec.timezone, "Asia/Shanghai");
  EXPECT_EQ(parsed.spec.services.size(), 1u);
  EXPECT_EQ(parsed.spec.mounts.size(), 2u);
  EXPECT_EQ(parsed.spec.sources.verify_key, std::vector<std::string>{"/project/team.pub"});
}

TEST(Spec, ATeamsFileIsExtended) {
  const Parsed parsed = parse("name = \"a\"\nextends = \"../team/base.toml\"\njupyter = false\n"
                              "[packages]\npip = [\"scipy\"]\n[ssh]\nuser = \"ada\"\n[mounts]\n\"~/x\" = \"/tf/x\"\n");
  // "../team" is not normalised: the reader sees what was written, relative to the file.
  EXPECT_EQ(findings_text(parsed.findings), "ninefold.toml:2:11: no file /project/../team/base.toml");
  const Parsed good = parse("name = \"a\"\nextends = \"/team/base.toml\"\njupyter = false\n"
                            "[packages]\npip = [\"scipy\"]\n[ssh]\nuser = \"ada\"\n[mounts]\n\"~/x\" = \"/tf/x\"\n");
  EXPECT_EQ(findings_text(good.findings), "");
  EXPECT_EQ(good.spec.base, "debian:bullseye");
  EXPECT_EQ(good.spec.python.version, "3.9");
  EXPECT_EQ(good.spec.packages.pip, (std::vector<std::string>{"pandas", "scipy"}));
  EXPECT_FALSE(good.spec.jupyter);
  EXPECT_EQ(good.spec.ssh->port, 2200);
  EXPECT_EQ(good.spec.ssh->user, "ada");
  ASSERT_EQ(good.spec.mounts.size(), 2u);
  EXPECT_EQ(good.spec.mounts[0].from, "/team/shared");
  EXPECT_EQ(good.spec.mounts[1].from, "/home/ada/x");
  EXPECT_EQ(good.spec.volumes[0].to, "/home/ada");
  EXPECT_EQ(good.spec.position("ssh.port").text(), "/team/base.toml:6:8");
}

TEST(Spec, NoTextBreaksTheParser) {
  std::mt19937 random(20260411);
  const std::string whole = initial_file("tf29") + "[secrets]\nA = { env = \"A\" }\n[services.x]\ncommand = [\"a\"]\n";
  for (int round = 0; round < 3000; ++round) {
    std::string text = whole;
    for (int edits = 1 + round % 8; edits > 0; --edits) {
      const size_t at = random() % text.size(), length = random() % 12;
      switch (random() % 4) {
        case 0: text.erase(at, length); break;
        case 1: text.insert(at, 1, static_cast<char>(random() % 256)); break;
        case 2: text.insert(at, text.substr(random() % text.size(), length)); break;
        default: text[at] = "[]{}=\"'\n#,.0-"[random() % 13];
      }
    }
    for (const Finding& finding : parse(text).findings) EXPECT_FALSE(finding.text.empty());
  }
}

}  // namespace
}  // namespace ninefold::env
