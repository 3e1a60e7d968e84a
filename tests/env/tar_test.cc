// In: manifests and tar bytes, whole and broken. Out: the same bytes every time; broken ones are refused.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/fd.h"
#include "base/hash.h"
#include "env/image/manifest.h"
#include "env/image/tar.h"
#include "temporary_folder.h"

namespace ninefold::env::image {
namespace {
namespace fs = std::filesystem;

class Tar : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder + "/source") << "hello, tar";
  }

  Entry file(const std::string& bytes_of_source = "hello, tar") {
    Entry entry;
    entry.mode = 0644;
    entry.size = bytes_of_source.size();
    entry.mtime = 1700000000;
    entry.source = folder + "/source";
    entry.digest = sha256_hex(bytes_of_source);
    return entry;
  }
  static Entry other(Kind kind, const std::string& link = {}) {
    Entry entry;
    entry.kind = kind;
    entry.mode = kind == Kind::folder ? 0755 : 0777;
    entry.mtime = 1700000000;
    entry.link = link;
    return entry;
  }
  Result<Written> write(const Manifest& manifest, const std::string& name = "out.tar") {
    const std::string path = folder + "/" + name;
    const Fd out(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644));
    return write_tar(out.get(), path, manifest);
  }
  Manifest rich() {
    Manifest manifest;
    manifest["a"] = other(Kind::folder);
    manifest["a/file"] = file();
    manifest["a/early-link"] = other(Kind::hardlink, "b/target");
    manifest["b"] = other(Kind::folder);
    manifest["b/target"] = file();
    manifest["b/sym"] = other(Kind::symlink, "../a/file");
    const std::string longest = std::string(120, 'd') + "/" + std::string(140, 'f');
    manifest[std::string(120, 'd')] = other(Kind::folder);
    manifest[longest] = file();
    manifest["b/long-link"] = other(Kind::symlink, std::string(150, 'x'));
    manifest["b/owner"] = file();
    manifest["b/owner"].uid = 3000000, manifest["b/owner"].gid = 3000001;
    manifest["b/caps"] = file();
    manifest["b/caps"].xattrs["security.capability"] = std::string("\1\0\0\2\0=\n", 7);
    manifest["b/set-id"] = file();
    manifest["b/set-id"].mode = 04755;
    return manifest;
  }
  const TemporaryFolder temporary{"tar"};
  const std::string& folder = temporary.path;
};

TEST_F(Tar, KeepsEveryField) {
  const Manifest manifest = rich();
  ASSERT_TRUE(write(manifest));
  EXPECT_EQ(explain(manifest, tar_manifest(folder + "/out.tar", true).value()), "");
}

TEST_F(Tar, IsTheSameBytesWhenWrittenAgainAndAsThisDigest) {
  const Written first = write(rich()).value();
  EXPECT_EQ(write(rich()).value().digest, first.digest);
  // The format itself is fixed: another digest here means that every image changes.
  Manifest fixed;
  fixed["etc"] = other(Kind::folder);
  fixed["etc/name"] = file();
  EXPECT_EQ(write(fixed).value().size, 3u * 512 + 1024);
  EXPECT_EQ(write(fixed).value().digest, "sha256:" + sha256_hex(read_file("test", folder + "/out.tar").value()));
}

TEST_F(Tar, GnuTarReadsIt) {
  ASSERT_TRUE(write(rich()));
  fs::create_directory(folder + "/x");
  ASSERT_EQ(std::system(("tar -C " + folder + "/x --no-same-owner -xf " + folder + "/out.tar 2>/dev/null").c_str()), 0);
  EXPECT_EQ(read_file("test", folder + "/x/a/early-link").value(), "hello, tar");
  EXPECT_EQ(fs::read_symlink(folder + "/x/b/sym"), "../a/file");
  EXPECT_TRUE(fs::exists(folder + "/x/" + std::string(120, 'd') + "/" + std::string(140, 'f')));
}

TEST_F(Tar, NoticesAFileThatChangedMeanwhile) {
  Manifest manifest;
  manifest["a"] = file();
  std::ofstream(folder + "/source") << "hello, bat";
  const Result<Written> written = write(manifest);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message(), "write a layer: a changed while it was read");
  std::ofstream(folder + "/source") << "short";
  EXPECT_EQ(write(manifest).error().message(), "write a layer: a became shorter while it was read");
}

TEST_F(Tar, RefusesPathsThatLeaveTheTree) {
  for (const char* path : {"../x", "a/../../x", ".."}) {
    Manifest manifest;
    manifest[path] = file();
    ASSERT_TRUE(write(manifest));
    const Result<Manifest> read = tar_manifest(folder + "/out.tar", false);
    ASSERT_FALSE(read) << path;
    EXPECT_NE(read.error().message().find("a path leaves the tree"), std::string::npos) << read.error().message();
  }
  Manifest manifest;
  manifest["a"] = other(Kind::hardlink, "../../etc/shadow");
  ASSERT_TRUE(write(manifest));
  EXPECT_NE(tar_manifest(folder + "/out.tar", false).error().message().find("a hard link leaves the tree"), std::string::npos);
}

TEST_F(Tar, SurvivesEveryDamage) {
  ASSERT_TRUE(write(rich()));
  const std::string whole = read_file("test", folder + "/out.tar").value();
  std::mt19937 random(20261121);
  const auto began = std::chrono::steady_clock::now();
  int refused = 0, rounds = 0;
  for (; rounds < 600 && std::chrono::steady_clock::now() - began < std::chrono::seconds(5); ++rounds) {
    std::string bytes = whole;
    for (int edits = 1 + rounds % 5; edits > 0; --edits) {
      const size_t at = random() % bytes.size();
      bytes[at] = static_cast<char>(random());
      if (rounds % 7 == 0) bytes.resize(at + 1);
      // A header whose checksum holds gets further into the parser.
      const size_t block = at / 512 * 512;
      if (block + 512 <= bytes.size() && rounds % 2) {
        unsigned sum = 0;
        for (size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(bytes[block + i]);
        std::snprintf(bytes.data() + block + 148, 8, "%06o", sum);
      }
    }
    std::ofstream(folder + "/broken.tar", std::ios::binary | std::ios::trunc) << bytes;
    const Result<Manifest> read = tar_manifest(folder + "/broken.tar", true);
    refused += !read;
    if (!read) {
      EXPECT_FALSE(read.error().message().empty());
    } else {
      for (const auto& [path, entry] : read.value()) EXPECT_EQ(("/" + path + "/").find("/../"), std::string::npos);
    }
  }
  EXPECT_GT(rounds, 50);
  EXPECT_GT(refused, rounds / 10);
}

TEST(Manifests, TheirDifferenceIsALayer) {
  const auto entry = [](Kind kind, std::uint32_t mode, const std::string& digest = {}) {
    Entry e;
    e.kind = kind, e.mode = mode, e.digest = digest;
    return e;
  };
  const Manifest below = {{"a", entry(Kind::folder, 0755)}, {"a/same", entry(Kind::file, 0644, "1")}, {"a/changed", entry(Kind::file, 0644, "1")},
                          {"gone", entry(Kind::folder, 0755)}, {"gone/inside", entry(Kind::file, 0644, "1")}, {"a/gone", entry(Kind::file, 0644, "1")}};
  const Manifest above = {{"a", entry(Kind::folder, 0755)}, {"a/same", entry(Kind::file, 0644, "1")}, {"a/changed", entry(Kind::file, 0600, "1")},
                          {"b", entry(Kind::folder, 0755)}, {"b/c", entry(Kind::folder, 0755)}, {"b/c/new", entry(Kind::file, 0644, "2")}};
  std::vector<std::string> names;
  for (const auto& [path, e] : layer_between(below, above)) names.push_back(path);
  EXPECT_EQ(names, (std::vector<std::string>{".wh.gone", "a", "a/.wh.gone", "a/changed", "b", "b/c", "b/c/new"}));
  EXPECT_TRUE(layer_between(above, above).empty());
  EXPECT_EQ(explain(below, above, 3),
            "a/changed: mode 0644 and 0600\na/gone: only in the first\ngone: only in the first\nand 4 more\n");
}

struct FieldRow {
  const char* says;
  void (*change)(Entry&);
};

TEST(Manifests, ADifferenceNamesItsField) {
  const FieldRow rows[] = {{"kind file and symlink", [](Entry& e) { e.kind = Kind::symlink; }},
                           {"mode 0000 and 0644", [](Entry& e) { e.mode = 0644; }},
                           {"uid 0 and 7", [](Entry& e) { e.uid = 7; }},
                           {"gid 0 and 7", [](Entry& e) { e.gid = 7; }},
                           {"size 0 and 7", [](Entry& e) { e.size = 7; }},
                           {"mtime 0 and 7", [](Entry& e) { e.mtime = 7; }},
                           {"link  and x", [](Entry& e) { e.link = "x"; }},
                           {"device 0:0 and 1:0", [](Entry& e) { e.major = 1; }},
                           {"extended attributes (0 and 1)", [](Entry& e) { e.xattrs["user.a"] = ""; }},
                           {"bytes (sha256  and ab)", [](Entry& e) { e.digest = "ab"; }}};
  for (const FieldRow& row : rows) {
    Entry changed;
    row.change(changed);
    EXPECT_EQ(difference(Entry{}, changed), row.says);
    EXPECT_FALSE(same(Entry{}, changed));
  }
}

}  // namespace
}  // namespace ninefold::env::image
