// In: locks, sources and packages' texts, whole and broken. Out: round trips, differences, clear errors.
#include <gtest/gtest.h>

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <random>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "env/lock/apt.h"
#include "env/lock/lock.h"
#include "env/lock/machine.h"
#include "env/lock/pip.h"
#include "env/lock/zip.h"
#include "env/spec/parse.h"
#include "env/store/store.h"

namespace ninefold::env {
namespace {

Input input(const std::string& name, const std::string& version, const std::string& bytes = "x") {
  return {name, version, name + "-" + version + ".whl", 10, "sha256:" + sha256_hex(bytes)};
}

Lock example() {
  Lock lock;
  lock.spec = "sha256:" + sha256_hex("spec");
  lock.base = "debian:bookworm", lock.python = "3.11", lock.architecture = "amd64";
  lock.epoch = 1700000000;
  lock.releases = {{"bookworm", "sha256:" + sha256_hex("release")}};
  lock.locales = {"zh_CN.UTF-8"};
  lock.index = input("index", "1"), lock.uv = input("uv", "1");
  lock.os = {input("bash", "5.2"), input("dash", "0.5")};
  lock.packages = {input("numpy", "1.26.4"), input("pandas", "2.2.0")};
  lock.ninefold = {input("ninefold", "0.1.0")};
  return lock;
}

TEST(Lock, ComesBackFromItsText) {
  const std::string text = to_text(example());
  const Result<Lock> back = parse_lock(text);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(to_text(back.value()), text);
  EXPECT_EQ(back.value().packages[0].version, "1.26.4");
  EXPECT_EQ(all_inputs(back.value()).size(), 2u + 1 + 2 + 2 + 1);
}

TEST(Lock, OneChangedPackageIsOneChangedLine) {
  Lock after = example();
  after.packages[0] = input("numpy", "2.0.0", "y");
  const std::string a = to_text(example()), b = to_text(after);
  int different = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const std::string left = a.substr(i, a.find('\n', i) - i), right = b.substr(j, b.find('\n', j) - j);
    different += left != right;
    i += left.size() + 1, j += right.size() + 1;
  }
  EXPECT_EQ(different, 1);
}

TEST(Lock, ChangesAreTold) {
  Lock after = example();
  after.packages = {input("numpy", "2.0.0", "y"), input("scipy", "1.0")};
  after.os[0].digest = "sha256:" + sha256_hex("rebuilt");
  EXPECT_EQ(changes_text(changes(example(), after)),
            "os          bash 5.2 " + sha256_hex("x").substr(0, 12) + " -> 5.2 " + sha256_hex("rebuilt").substr(0, 12) + "\n"
            "python      numpy 1.26.4 -> 2.0.0\npython    - pandas 2.2.0\npython    + scipy 1.0\n");
  EXPECT_TRUE(changes(after, after).empty());
}

struct BadLock {
  std::string from, to, says;
};

TEST(Lock, DamageIsNamed) {
  const BadLock rows[] = {
      {"{", "", "lock: expected JSON text"},
      {"\"version\": 1", "\"version\": 9", "lock: the file has version 9, this ninefold reads 1; run ninefold lock --upgrade"},
      {"\"numpy-1.26.4.whl\"", "\"../../etc/passwd\"", "python[0] has a name, version or file that cannot be"},
      {"\"numpy-1.26.4.whl\"", "\"/etc/passwd\"", "python[0] has a name, version or file that cannot be"},
      {"\"name\":\"bash\"", "\"name\":\"$(id)\"", "os[0] has a name, version or file that cannot be"},
      {"\"name\":\"bash\"", "\"name\":\"--force\"", "os[0] has a name, version or file that cannot be"},
      {"\"epoch\": 1700000000", "\"epoch\": -5", "lock: epoch -5 cannot be"},
      {"zh_CN.UTF-8", "x'; rm -rf /; '", "cannot be; run ninefold lock --upgrade"},
      {sha256_hex("release"), "zz", "a release has no digest"},
      {"\"debian:bookworm\"", "7", "lock: the file is damaged"}};
  for (const BadLock& row : rows) {
    std::string text = to_text(example());
    text.replace(text.find(row.from), row.from.size(), row.to);
    const Result<Lock> lock = parse_lock(text);
    ASSERT_FALSE(lock) << row.to;
    EXPECT_NE(lock.error().message().find(row.says), std::string::npos) << lock.error().message();
  }
}

Lock upon_image() {
  Lock lock = example();
  lock.base = "oci:team/base:1", lock.distribution = "debian", lock.codename = "bookworm", lock.glibc = "2.36", lock.interpreter = "/usr/local/bin/python3.10";
  lock.image = {input("team/base:1", "aaaaaaaaaaaa", "m"), input("config", "b", "c"), input("dpkg-status", "c", "s"), input("layer-01", "d", "l")};
  return lock;
}

TEST(Lock, OfAnImageComesBackToo) {
  const std::string text = to_text(upon_image());
  const Result<Lock> back = parse_lock(text);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(to_text(back.value()), text);
  EXPECT_EQ(back.value().interpreter, "/usr/local/bin/python3.10");
  EXPECT_EQ(all_inputs(back.value()).size(), all_inputs(example()).size() + 4);
  EXPECT_EQ(to_text(example()).find("image"), std::string::npos);  // locks of other bases have the bytes that they had
  Lock moved = upon_image();
  moved.image[kImageManifest] = input("team/base:1", "eeeeeeeeeeee", "n");
  EXPECT_EQ(changes_text(changes(upon_image(), moved)), "image       team/base:1 aaaaaaaaaaaa -> eeeeeeeeeeee\n");
  for (const BadLock& row : {BadLock{"\"2.36\"", "\"two\"", "lock: 'two' is no version of glibc"},
                             {"\"bookworm\",\"glibc\"", "\"$(id)\",\"glibc\"", "lock: codename of the image cannot be"},
                             {"/usr/local/bin/python3.10", "/usr/../$HOME", "lock: the interpreter '/usr/../$HOME' cannot be"},
                             {"\"image_facts\"", "\"other\"", "lock: the file is damaged"},
                             {"\"image\": [", "\"image\": [], \"other\": [", "lock: the image oci:team/base:1 has no layers"}}) {
    std::string damaged = text;
    damaged.replace(damaged.find(row.from), row.from.size(), row.to);
    const Result<Lock> lock = parse_lock(damaged);
    ASSERT_FALSE(lock) << row.to;
    EXPECT_NE(lock.error().message().find(row.says), std::string::npos) << lock.error().message();
  }
}

TEST(Lock, TheRegistryOfABaseIsNoneOfTheImagesBusiness) {
  const Surroundings around{"/p", "/h", [](const std::string&) -> Result<std::string> { return std::string(); }};
  const auto spec = [&](const std::string& base) { return parse_spec("name = \"a\"\nbase = \"" + base + "\"\n", "f", around).spec; };
  EXPECT_EQ(spec("oci:one.example:5000/team/base:1").base_name(), "oci:team/base:1");
  EXPECT_EQ(spec("debian:bookworm").base_name(), "debian:bookworm");
  EXPECT_EQ(fingerprint(spec("oci:one.example/team/base:1")), fingerprint(spec("oci:two.example/team/base:1")));
  EXPECT_NE(fingerprint(spec("oci:one.example/team/base:1")), fingerprint(spec("oci:one.example/team/base:2")));
}

TEST(Lock, NoBytesBreakTheParsers) {
  std::mt19937 random(20261121);
  const std::string whole = to_text(example()), wheel = tensorflow_wheel();
  const auto began = std::chrono::steady_clock::now();
  for (int round = 0; round < 2000 && std::chrono::steady_clock::now() - began < std::chrono::seconds(5); ++round) {
    std::string text = whole, archive = wheel;
    for (int edits = 1 + round % 6; edits > 0; --edits) {
      text[random() % text.size()] = "{}[]\",:0a-./\n"[random() % 13];
      archive[random() % archive.size()] = static_cast<char>(random());
    }
    if (round % 5 == 0) text.resize(random() % text.size()), archive.resize(random() % archive.size());
    (void)parse_lock(text);
    (void)read_zip_member(archive, "/METADATA");
    (void)parse_stanzas(text);
    (void)parse_pylock(text);
    (void)parse_source_lines(text);
    (void)parse_source_stanzas(text);
  }
}

TEST(Lock, MountsPortsAndLimitsDoNotChangeTheImage) {
  const Surroundings around{"/p", "/h", [](const std::string&) -> Result<std::string> { return std::string(); }};
  const auto print = [&](const std::string& text) { return fingerprint(parse_spec(text, "f", around).spec); };
  const std::string one = print("name = \"a\"\n[jupyter]\n");
  EXPECT_EQ(print("name = \"b\"\n[jupyter]\nport = 9000\n[mounts]\n\"x\" = \"/tf/x\"\n[limits]\nmemory = \"1g\"\n"), one);
  EXPECT_NE(print("name = \"a\"\n"), one);
  EXPECT_NE(print("name = \"a\"\n[jupyter]\n[packages]\npip = [\"pandas\"]\n"), one);
  EXPECT_NE(print("name = \"a\"\n[jupyter]\n[packages]\napt = [\"git\"]\n"), one);
}

TEST(Apt, SecurityVersionsAreThoseOfASecuritySuite) {
  const auto all = security_versions(
      "git:\n  Installed: (none)\n  Candidate: 1:2.39.5-0+deb12u3\n  Version table:\n     1:2.39.5-0+deb12u3 500\n"
      "        500 http://m/debian-security bookworm-security/main amd64 Packages\n     1:2.39.5-0+deb12u2 500\n"
      "        500 http://m/debian bookworm/main amd64 Packages\n"
      "tree:\n  Installed: 2.1.0-1\n  Candidate: 2.1.1-1\n  Version table:\n     2.1.1-1 50\n         50 http://m/debian bookworm-updates/main amd64 Packages\n"
      " *** 2.1.0-1 100\n        100 /p/status\n"
      "zlib1g:\n  Version table:\n *** 1 100\n        500 http://m noble-security/main amd64 Packages\n        100 /p/status\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all.at("git"), std::vector<std::string>{"1:2.39.5-0+deb12u3"});
  EXPECT_EQ(all.at("zlib1g"), std::vector<std::string>{"1"});
  EXPECT_TRUE(security_versions("").empty());
  EXPECT_TRUE(security_versions("\n     \n        500\n:").empty());
}

TEST(Apt, AMachineWithTheLockedPackagesHasTheirStatus) {
  EXPECT_EQ(status_of("Package: a\nVersion: 1\n\n\nPackage: b\nVersion: 2\n"),
            "Package: a\nVersion: 1\nStatus: install ok installed\n\nPackage: b\nVersion: 2\nStatus: install ok installed\n\n");
  EXPECT_EQ(status_of(""), "");
}

TEST(Sources, BothFormatsAreRead) {
  const auto lines = parse_source_lines("# a comment\ndeb [arch=amd64 signed-by=/k.gpg] http://m/debian bookworm main contrib # x\n"
                                        "deb-src http://m/debian bookworm main\ndeb http://m/sec bookworm-security main\ndeb [broken http://m x\n");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].address, "http://m/debian");
  EXPECT_EQ(lines[0].signed_by, "/k.gpg");
  EXPECT_EQ(lines[0].components, (std::vector<std::string>{"main", "contrib"}));
  const auto stanzas = parse_source_stanzas("Types: deb\n# note\nURIs: http://m/debian\nSuites: bookworm bookworm-updates\nComponents: main\n"
                                            "Signed-By: /k.gpg\n\nTypes: deb\nEnabled: no\nURIs: http://m/x\nSuites: y\nComponents: main\n");
  ASSERT_EQ(stanzas.size(), 2u);
  EXPECT_EQ(stanzas[1].suite, "bookworm-updates");
}

TEST(Sources, OfAnotherReleaseAreDerived) {
  const std::vector<AptSource> machine = {{"http://m/debian", "bookworm", {"main"}, "/k.gpg"},
                                          {"http://m/sec", "bookworm-security", {"main"}, ""},
                                          {"http://m/debian", "bookworm-backports", {"main"}, ""},
                                          {"http://cloud", "cloud-sdk-bookworm", {"main"}, ""},
                                          {"http://node", "nodistro", {"main"}, ""}};
  const auto same = choose_sources(machine, "bookworm", "bookworm", {}).value();
  ASSERT_EQ(same.size(), 2u);
  EXPECT_EQ(same[0].signed_by, "/k.gpg");
  const auto older = choose_sources(machine, "bookworm", "bullseye", {}).value();
  EXPECT_EQ(older[1].suite, "bullseye-security");
  EXPECT_EQ(older[1].address, "http://m/sec");
  Sources own;
  own.apt = "http://archive/debian";
  EXPECT_EQ(choose_sources(machine, "bookworm", "bullseye", own).value().at(0).address, "http://archive/debian");
  const auto none = choose_sources({}, "noble", "bookworm", {});
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("[sources] apt"), std::string::npos);
}

TEST(Stanzas, GiveFileSizeAndDigest) {
  const std::string digest = sha256_hex("deb");
  const auto all = parse_stanzas("Package: bash\nVersion: 1:5.2-1\nFilename: pool/b/bash.deb\nSize: 12\nSHA256: " + digest + "\n\n").value();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].version, "1:5.2-1");
  EXPECT_EQ(all[0].size, 12u);
  EXPECT_EQ(all[0].digest, "sha256:" + digest);
  EXPECT_FALSE(parse_stanzas("Package: bash\nVersion: 1\nFilename: x\nMD5sum: 1\n"));
}

TEST(Wheels, OursMustLoadOnTheBase) {
  std::string form = (std::filesystem::temp_directory_path() / "ninefold-wheels.XXXXXX").string();
  ASSERT_NE(::mkdtemp(form.data()), nullptr);
  Store store = Store::open(form + "/store").value();
  struct Row {
    const char* file;
    const char* python;
    const char* glibc;
    bool fits;
  };
  for (const Row& row : {Row{"ninefold-0.1.0-cp39-cp39-manylinux_2_31_x86_64.whl", "3.9", "2.31", true},
                         {"ninefold-0.1.0-cp39-cp39-manylinux_2_31_x86_64.whl", "3.9", "2.36", true},
                         {"ninefold-0.1.0-cp39-cp39-manylinux_2_36_x86_64.whl", "3.9", "2.31", false},
                         {"ninefold-0.1.0-cp39-cp39-manylinux_2_9_x86_64.whl", "3.9", "2.31", true},
                         {"ninefold-0.1.0-cp39-cp39-linux_x86_64.whl", "3.9", "2.0", false},   // of this machine, which is newer
                         {"ninefold-0.1.0-cp39-cp39-linux_x86_64.whl", "3.9", "9.0", true},
                         {"ninefold-0.1.0-cp39-cp39-manylinux_2_31_x86_64.whl", "3.11", "2.36", false},
                         {"ninefold-0.1.0-cp312-abi3-manylinux_2_31_x86_64.whl", "3.13", "2.41", true}}) {
    const std::string folder = form + "/wheels";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    ASSERT_TRUE(write_atomically("test", folder + "/" + row.file, "wheel"));
    Sources sources;
    sources.pip_links = {folder};
    const auto found = own_wheels(store, row.python, row.glibc, sources, form + "/bin");
    ASSERT_EQ(static_cast<bool>(found), row.fits) << row.file << " " << row.python << " " << row.glibc;
    if (found) {
      EXPECT_EQ(found.value().at(0).file, row.file);
      EXPECT_EQ(found.value().at(1).name + " " + found.value().at(1).version, "tensorflow 2.9.0");
    } else {
      EXPECT_EQ(found.error().message(),
                "lock: no wheel of Ninefold for Python " + std::string(row.python) + " and glibc " + row.glibc + " (found: " + row.file +
                    "); build it (tools/wheel --python " + row.python + ") and name its folder: NINEFOLD_WHEELS=FOLDER ninefold lock");
    }
  }
  std::filesystem::remove_all(form);
}

TEST(Wheels, ThePlatformIsOneThatUvKnows) {
  struct Row {
    const char *architecture, *glibc, *platform;
  };
  for (const Row& row : {Row{"amd64", "2.31", "x86_64-manylinux_2_31"},
                         {"amd64", "2.36", "x86_64-manylinux_2_36"},
                         {"arm64", "2.36", "aarch64-manylinux_2_36"},
                         {"amd64", "2.40", "x86_64-manylinux_2_40"},
                         {"amd64", "2.41", "x86_64-manylinux_2_40"},  // Debian 13
                         {"arm64", "2.43", "aarch64-manylinux_2_40"}})
    EXPECT_EQ(wheel_platform(row.architecture, row.glibc), row.platform) << row.architecture << " " << row.glibc;
}

TEST(Wheels, ThePylockOfUvIsRead) {
  const std::string digest = sha256_hex("w");
  const auto all = parse_pylock("[[packages]]\nname = \"a\"\nversion = \"1\"\nwheels = [{ url = \"https://h/p/a-1%2Bcpu-py3-none-any.whl#x\", "
                                "hashes = { sha256 = \"" + digest + "\" } }]\n").value();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].first.file, "a-1+cpu-py3-none-any.whl");
  EXPECT_EQ(all[0].first.digest, "sha256:" + digest);
  const auto none = parse_pylock("[[packages]]\nname = \"a\"\nversion = \"1\"\nsdist = { url = \"u\" }\n");
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("a 1 has no wheel for this Python"), std::string::npos);
}

TEST(Wheels, OneStandsForTensorFlow) {
  const std::string wheel = tensorflow_wheel();
  EXPECT_EQ(wheel, tensorflow_wheel());
  const std::string metadata = read_zip_member(wheel, "/METADATA").value();
  EXPECT_NE(metadata.find("Name: tensorflow\nVersion: 2.9.0\n"), std::string::npos);
  EXPECT_NE(read_zip_member(wheel, "tensorflow.py").value().find("ninefold.alias.install()"), std::string::npos);
  EXPECT_EQ(read_zip_member(wheel, "nothing").error().code(), Code::not_found);
}

}  // namespace
}  // namespace ninefold::env
