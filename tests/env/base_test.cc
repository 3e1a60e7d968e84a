// In: layers made by hand, good and hostile. Out: what a base says of itself, or what is wrong with it, by name.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "base/fd.h"
#include "base/hash.h"
#include "env/image/base.h"
#include "env/image/chamber.h"
#include "env/image/extract.h"
#include "env/image/layers.h"
#include "env/image/merged.h"
#include "env/image/packed.h"
#include "env/image/tar.h"
#include "env/spec/parse.h"
#include "temporary_folder.h"

namespace ninefold::env::image {
namespace {
namespace fs = std::filesystem;

constexpr const char* kStatus =
    "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9+deb12u7\n\nPackage: python3\nStatus: install ok installed\nVersion: 3.11.2-1\n\n"
    "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n";

class Base : public testing::Test {
 protected:
  Entry file(const std::string& bytes, std::uint32_t mode = 0644) {
    Entry entry;
    entry.mode = mode;
    entry.mtime = 1700000000;
    entry.source = folder + "/bytes-" + std::to_string(count_++);
    std::ofstream(entry.source, std::ios::binary) << bytes;
    entry.size = bytes.size();
    entry.uid = ::getuid() == 0 ? 0 : ::getuid();
    return entry;
  }
  static Entry other(Kind kind, const std::string& link = {}) {
    Entry entry;
    entry.kind = kind;
    entry.mode = 0755;
    entry.mtime = 1700000000;
    entry.link = link;
    return entry;
  }
  // Puts a layer into the store as a base's.
  Input layer(const Manifest& manifest, const std::string& name = "layer-01") {
    const std::string path = store.temporary_file();
    const Fd out(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644));
    const Written written = write_tar(out.get(), path, manifest).value();
    store.take_file(Shelf::inputs, path, written.digest).value();
    return {name, written.digest.substr(7, 12), name + ".tar", written.size, written.digest};
  }
  Manifest debian() {
    Manifest all;
    for (const char* path : {"etc", "etc/apt", "usr", "usr/bin", "usr/lib", "usr/sbin", "var", "var/lib", "var/lib/dpkg"}) all[path] = other(Kind::folder);
    all["bin"] = other(Kind::symlink, "usr/bin");
    all["etc/os-release"] = other(Kind::symlink, "../usr/lib/os-release");
    all["usr/lib/os-release"] = file("ID=debian\nVERSION_CODENAME=\"bookworm\"\nPRETTY_NAME=\"Debian 12\"\n");
    all["var/lib/dpkg/status"] = file(kStatus);
    all["usr/bin/dpkg"] = all["usr/bin/apt-get"] = file("x", 0755);
    all["usr/bin/python3"] = other(Kind::symlink, "python3.11");
    all["usr/bin/python3.11"] = file("x", 0755);
    return all;
  }
  Result<BaseFacts> inspect(const std::vector<Manifest>& layers, const Config& config = {}) {
    std::vector<Input> image(2);
    image[0].name = "team/base:1", image[1].name = "config";
    for (const Manifest& one : layers) image.push_back(layer(one, "layer-0" + std::to_string(image.size() - 1)));
    return inspect_base(store, "oci:registry.example/team/base:1", std::move(image), config);
  }
  std::string refusal(const std::vector<Manifest>& layers) {
    const Result<BaseFacts> facts = inspect(layers);
    return facts ? "accepted" : facts.error().message();
  }
  const TemporaryFolder temporary{"base"};
  const std::string& folder = temporary.path;
  Store store = Store::open(folder + "/store").value();
  int count_ = 0;
};

TEST_F(Base, TellsWhatItHas) {
  Manifest local;
  local["usr"] = local["usr/local"] = local["usr/local/bin"] = other(Kind::folder);
  local["usr/local/bin/python3"] = other(Kind::symlink, "/usr/local/bin/python3.10");
  local["bin/python3.9"] = file("x", 0755);  // through the link: /usr/bin
  local["usr/local/bin/python3.10"] = file("x", 0755);
  local["etc/apt/sources.list.d/x.list"] = file("deb http://m/x stable main\n");
  Config config;
  config.created = "2023-11-14T22:13:20.5Z";
  const BaseFacts facts = inspect({debian(), local}, config).value();
  EXPECT_EQ(os_release_value(facts.os_release, "VERSION_CODENAME"), "bookworm");
  std::string pythons;
  for (const FoundPython& one : facts.pythons) pythons += one.version + "=" + one.path + " ";
  EXPECT_EQ(pythons, "3.10=/usr/local/bin/python3.10 3.11=/usr/bin/python3.11 3.9=/usr/bin/python3.9 ");
  EXPECT_EQ(facts.created, 1700000000);
  EXPECT_EQ(facts.files.count("etc/apt/sources.list.d/x.list"), 1u);
  ASSERT_EQ(facts.image.size(), kImageLayers + 2);
  EXPECT_EQ(facts.image[kImageStatus].name, "dpkg-status");
  EXPECT_EQ(store.get(Shelf::inputs, facts.image[kImageStatus].digest).value(), kStatus);
  EXPECT_EQ(glibc_of(installed_packages(facts.status), "b").value(), "2.36");
  EXPECT_EQ(installed_packages(facts.status).count("gone"), 0u);
}

TEST_F(Base, WhiteoutsHideWhatLiesBelowWhereverTheyStand) {
  Manifest above;
  above["usr/bin/.wh.python3.11"] = Entry();
  above["etc/apt/.wh..wh..opq"] = Entry();
  above["etc/apt/.early"] = file("stays: it comes before the mark, and is the layer's own");
  above["usr/lib"] = file("no folder any more");
  Manifest below = debian();
  below["etc/apt/sources.list"] = file("deb http://m/x stable main\n");
  Merged tree;
  for (const Manifest& one : {below, above}) ASSERT_TRUE(tree.layer(store.path(Shelf::inputs, layer(one).digest)));
  EXPECT_EQ(tree.find("usr/bin/python3"), nullptr);
  EXPECT_EQ(tree.find("etc/apt/sources.list"), nullptr);
  EXPECT_NE(tree.find("etc/apt/.early"), nullptr);
  EXPECT_EQ(tree.find("etc/os-release"), nullptr);
  std::string real;
  EXPECT_NE(tree.find("bin/dpkg", &real), nullptr);
  EXPECT_EQ(real, "usr/bin/dpkg");
}

TEST_F(Base, IsExtractedAsItIsRead) {
  Manifest above;
  above["usr/bin/.wh.python3.11"] = Entry();
  above["var/lib/.wh..wh..opq"] = Entry();
  above["var/lib/.early"] = file("own");
  above["usr/lib"] = file("no folder any more");
  above["sbin"] = other(Kind::symlink, "/etc");  // absolute: within the root
  Manifest last;
  last["sbin/made"] = file("in the root's /etc");
  const std::string root = folder + "/root";
  ASSERT_EQ(::mkdir(root.c_str(), 0755), 0);
  IdMap map;
  map.uids = map.gids = {{0, 0, 4294967295u}};
  const auto run = [&] {
    Extractor extractor(open_file("test", root, O_RDONLY | O_DIRECTORY).value(), map);
    for (const Manifest& one : {debian(), above, last}) extractor.layer(store.path(Shelf::inputs, layer(one).digest)).value();
    extractor.finish().value();
  };
  if (::geteuid() != 0) GTEST_SKIP() << "owners can be set by root only";
  run();
  EXPECT_FALSE(fs::exists(root + "/usr/bin/python3.11"));
  EXPECT_FALSE(fs::exists(root + "/var/lib/dpkg"));
  EXPECT_TRUE(fs::exists(root + "/var/lib/.early"));
  EXPECT_TRUE(fs::is_regular_file(root + "/usr/lib"));
  EXPECT_TRUE(fs::exists(root + "/etc/made"));
  EXPECT_FALSE(fs::exists("/etc/made"));
}


TEST_F(Base, HostileLayersAreRefusedByName) {
  const std::vector<std::tuple<std::string, Manifest, std::string>> rows = [&] {
    std::vector<std::tuple<std::string, Manifest, std::string>> all;
    const auto row = [&](const std::string& path, const Entry& entry, const std::string& says) { all.push_back({path, {{path, entry}}, says}); };
    Entry device = other(Kind::block);
    device.major = 8;
    row("srv/disk", device, "/srv/disk is a block device outside of /dev");
    Entry owner = file("x");
    owner.uid = 70000;
    row("srv/x", owner, "/srv/x belongs to 70000:0; environments have the ids up to 65535");
    row("srv/link", other(Kind::hardlink, "etc/shadow"), "/srv/link is a hard link to /etc/shadow, which is no file");
    row("srv/link", other(Kind::hardlink, "../etc/shadow"), "a hard link leaves the tree");
    row("../x", file("x"), "a path leaves the tree");
    row("usr/bin/dpkg/x", file("x"), "/usr/bin/dpkg/x lies below what is no folder");
    row("srv/.wh...", Entry(), "/srv/.wh... is a whiteout of nothing that can be");
    row("srv/.wh.", Entry(), "/srv/.wh. is a whiteout of nothing that can be");
    row("etc", other(Kind::symlink, "/root"), "/etc is a symlink; a folder is expected");
    row("usr/sbin", other(Kind::symlink, "../../../../etc"), "/usr/sbin is a symlink; a folder is expected");
    row("loop", other(Kind::symlink, "loop"), "accepted");
    row("dev/null", other(Kind::character), "accepted");
    row("srv/out", other(Kind::symlink, "/../../etc/shadow"), "accepted");  // leads to the root's own /etc
    return all;
  }();
  for (const auto& [path, manifest, says] : rows) {
    const std::string told = refusal({debian(), manifest});
    EXPECT_NE(told.find(says), std::string::npos) << path << ": " << told;
    if (says != "accepted" && says.find("folder is expected") == std::string::npos) {
      EXPECT_NE(told.find("layer-02 (sha256:"), std::string::npos) << told;
    }
  }
  // Through a link that leads nowhere, and through itself.
  Manifest loop{{"loop", other(Kind::symlink, "loop")}, {"loop/x", file("x")}};
  EXPECT_NE(refusal({debian(), loop}).find("/loop/x lies below what is no folder"), std::string::npos);
}

TEST_F(Base, WithoutDpkgItIsNone) {
  Manifest alpine{{"etc", other(Kind::folder)}, {"etc/os-release", file("ID=alpine\nPRETTY_NAME=\"Alpine Linux v3.19\"\n")}};
  EXPECT_EQ(refusal({alpine}), "lock: base oci:registry.example/team/base:1 has no dpkg (it is Alpine Linux v3.19), so that its packages cannot be locked; "
                               "take an image of Debian or Ubuntu, as \"oci:docker.io/library/debian:bookworm\"");
  EXPECT_NE(refusal({{{"hello", file("x", 0755)}}}).find("has no dpkg (it does not say what it is)"), std::string::npos);
  Manifest bare = debian();
  bare.erase("usr/bin/apt-get");
  EXPECT_NE(refusal({bare}).find("has no apt-get (it is Debian 12)"), std::string::npos);
}

TEST(BasePython, FitsOrIsNamed) {
  Spec spec;
  spec.base = "oci:registry.example/team/base:1";
  const std::vector<FoundPython> found = {{"3.10", "/usr/local/bin/python3.10"}, {"3.11", "/usr/bin/python3.11"}};
  EXPECT_EQ(choose_python(found, spec).value().version, "3.10");
  spec.python.version = "3.11";
  EXPECT_EQ(choose_python(found, spec).value().path, "/usr/bin/python3.11");
  spec.python.version = "3.9";
  EXPECT_EQ(choose_python(found, spec).error().message(),
            "python.version: base oci:registry.example/team/base:1 has Python 3.10 (/usr/local/bin/python3.10), Python 3.11 (/usr/bin/python3.11), not 3.9; "
            "write version = \"3.10\", or choose another base");
  EXPECT_EQ(choose_python({}, spec).value().path, "");
}

TEST(BaseGlibc, IsTheVersionOfLibc6) {
  for (const auto& [version, glibc] : {std::pair{"2.36-9+deb12u7", "2.36"}, {"1:2.31-13", "2.31"}, {"2.39-0ubuntu8.3", "2.39"}, {"2.35.1-1", "2.35"}})
    EXPECT_EQ(glibc_of({{"libc6", version}}, "b").value(), glibc);
  EXPECT_FALSE(glibc_of({{"libc6", "two"}}, "b"));
  EXPECT_NE(glibc_of({{"musl", "1.2"}}, "oci:h/b").error().message().find("base oci:h/b has no libc6"), std::string::npos);
}

TEST_F(Base, SourcesAreTheMachinesOrItsOwn) {
  BaseFacts facts;
  facts.os_release = "ID=debian\nVERSION_CODENAME=bookworm\n";
  facts.files = {{"etc/apt/sources.list", "deb http://deb.example/debian bookworm main\ndeb [signed-by=/etc/apt/keyrings/x.gpg] http://x stable main\n"},
                 {"etc/apt/keyrings/x.gpg", "key"}, {"usr/share/keyrings/debian.gpg", "other"}};
  const std::vector<AptSource> machine = {{"http://mirror/debian", "trixie", {"main"}, ""}};
  const std::string keys = folder + "/keys";
  const auto mixed = base_sources(facts, machine, "trixie", {}, keys).value();
  ASSERT_EQ(mixed.size(), 2u);
  EXPECT_EQ(mixed[0].address + " " + mixed[0].suite, "http://mirror/debian bookworm");
  EXPECT_EQ(mixed[1].address + " " + mixed[1].signed_by, "http://x " + keys + "/etc_apt_keyrings_x.gpg");
  EXPECT_EQ(read_file("test", mixed[1].signed_by).value(), "key");
  facts.os_release = "ID=ubuntu\nVERSION_CODENAME=noble\n";
  const auto own = base_sources(facts, machine, "trixie", {}, keys).value();
  ASSERT_EQ(own.size(), 2u);
  EXPECT_EQ(own[0].address + " " + own[0].signed_by, "http://deb.example/debian " + keys + "/usr_share_keyrings_debian.gpg");
  env::Sources written;
  written.apt = "http://told/ubuntu";
  EXPECT_EQ(base_sources(facts, machine, "trixie", written, keys).value().at(0).address, "http://told/ubuntu");
  facts.files.clear();
  EXPECT_NE(base_sources(facts, machine, "trixie", {}, keys).error().message().find("write [sources] apt"), std::string::npos);
}

TEST(BaseEnvironment, KeepsTheBasesVariablesUnderOurs) {
  const std::string ours = "PATH=/opt/env/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/ninefold/tools/bin";
  struct Row {
    std::vector<std::string> base, merged;
  };
  for (const Row& row : {Row{{}, {ours, "LANG=C.UTF-8"}},
                         Row{{"PATH=/usr/local/cuda/bin:/usr/bin", "LANG=de", "CUDA=12"},
                             {"CUDA=12", "PATH=/opt/env/bin:/usr/local/cuda/bin:/usr/bin:/opt/ninefold/tools/bin", "LANG=C.UTF-8"}},
                         Row{{"PATH=/opt/env/bin:/usr/bin:/opt/ninefold/tools/bin"}, {"PATH=/opt/env/bin:/usr/bin:/opt/ninefold/tools/bin", "LANG=C.UTF-8"}},
                         Row{{"A=1", "A=2", "no name", "=x", "B=two\nlines", "C="}, {"A=1", "C=", ours, "LANG=C.UTF-8"}}})
    EXPECT_EQ(merged_environment(row.base, {ours, "LANG=C.UTF-8"}), row.merged);
}

TEST(BaseTime, IsReadOrZero) {
  for (const auto& [text, seconds] : {std::pair{"2023-11-14T22:13:20Z", 1700000000ll}, {"2023-11-14T22:13:20.123456789Z", 1700000000ll}, {"", 0ll},
                                      {"yesterday", 0ll}, {"0001-01-01T00:00:00Z", 0ll}})
    EXPECT_EQ(seconds_of(text), seconds) << text;
}

TEST_F(Base, LayersThatAreBombsAreNotUnpacked) {
  const std::string packed = folder + "/bomb.gz", plain = folder + "/bomb";
  const gzFile out = ::gzopen(packed.c_str(), "wb9");
  const std::string zeros(16 << 20, '\0');
  for (int i = 0; i < 20; ++i) ASSERT_GT(::gzwrite(out, zeros.data(), static_cast<unsigned>(zeros.size())), 0);
  ::gzclose(out);
  const Result<std::string> told = gunzip("lock: layer sha256:x", packed, plain);
  ASSERT_FALSE(told);
  EXPECT_NE(told.error().message().find("it grows to more than 200 times its size, as gzip bombs do"), std::string::npos) << told.error().message();
  EXPECT_FALSE(fs::exists(plain));
}

TEST(BaseLayer, HoldsWhatInstallingChanged) {
  const auto entry = [](Kind kind, std::int64_t mtime, const std::string& digest = {}) {
    Entry one;
    one.kind = kind, one.mode = 0755, one.mtime = mtime, one.digest = digest;
    return one;
  };
  const std::int64_t epoch = 1700000000, later = epoch + 500;
  Manifest before = {{"etc", entry(Kind::folder, 5)}, {"etc/old", entry(Kind::file, later, "a")}, {"etc/gone", entry(Kind::file, 1, "b")},
                     {"tmp", entry(Kind::folder, 7)}, {"var", entry(Kind::folder, 1)}, {"var/log", entry(Kind::folder, 1)}, {"var/log/x", entry(Kind::file, 1, "c")},
                     {"usr", entry(Kind::folder, 1)}, {"usr/sbin", entry(Kind::folder, 1)}, {"usr/sbin/policy-rc.d", entry(Kind::file, 1, "d")}};
  Manifest after = before;
  after.erase("etc/gone"), after.erase("usr/sbin/policy-rc.d"), after.erase("var/log/x");
  after["etc"].mtime = after["tmp"].mtime = later;
  after["etc/new"] = entry(Kind::file, later, "e");
  after["proc"] = entry(Kind::folder, later);
  clean_above(before, after, epoch);
  const Manifest layer = layer_between(before, after);
  EXPECT_EQ(layer.count("etc/old"), 0u);  // newer than the lock's date, and the base's
  EXPECT_EQ(layer.at("etc/new").mtime, epoch);
  EXPECT_EQ(layer.at("etc").mtime, 5);
  EXPECT_EQ(layer.at("proc").mtime, epoch);
  EXPECT_EQ(layer.count("etc/.wh.gone"), 1u);
  EXPECT_EQ(layer.count("usr/sbin/.wh.policy-rc.d"), 0u);
  EXPECT_EQ(layer.count("var/log/.wh.x"), 0u);
  EXPECT_EQ(layer.count("tmp"), 0u);
  for (const char* made : {"opt/env", "opt/ninefold/tools", "tf/notebooks", "home"}) EXPECT_EQ(layer.count(made), 1u) << made;
}

}  // namespace
}  // namespace ninefold::env::image
