// In: RECORDs, stanzas, locks, trees. Out: byte code is kept only under what it was made from, and a tree
// shares a file only with one that is the same in every bit.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/hash.h"
#include "env/image/aside.h"
#include "env/image/extract.h"
#include "env/image/scan.h"
#include "env/image/tar.h"
#include "env/image/wheels.h"
#include "temporary_folder.h"

namespace ninefold::env::image {
namespace {
namespace fs = std::filesystem;

std::string digest(const std::string& text) { return "sha256:" + sha256_hex(text); }

Lock lock() {
  Lock one;
  one.architecture = "amd64";
  one.python = "3.11";
  one.os = {{"libc6", "1", "c.deb", 1, digest("c")}, {"python3.11-minimal", "1", "p.deb", 1, digest("p")}};
  one.packages = {{"six", "1", "six.whl", 1, digest("six")}};
  return one;
}

TEST(Wheels, ByteCodeIsNamedByAllItIsMadeOf) {
  const Lock base = lock();
  const auto key = [](const Lock& one, Prefix prefix) { return wheel_key(one, one.packages[0], place_of(one, prefix)); };
  Lock wheel = base, python = base, version = base, libc = base;
  wheel.packages[0].digest = digest("other six");
  python.os[1].digest = digest("other p");
  version.python = "3.9";
  libc.os[0].digest = digest("other c");
  const std::string own = key(base, Prefix::python);
  EXPECT_EQ(std::set<std::string>({own, key(wheel, Prefix::python), key(python, Prefix::python), key(version, Prefix::python), key(base, Prefix::tools)}).size(), 5u);
  EXPECT_EQ(key(libc, Prefix::python), own) << "the C library compiles no Python";
  EXPECT_EQ(wheel_keys(base), std::vector<std::string>{own});
}

TEST(Wheels, RecordsAreReadAsCsv) {
  struct Row {
    std::string line, path, hash;
  };
  const Row rows[] = {{"six.py,sha256=abc,10", "six.py", "sha256=abc"},
                      {"\"a,b.py\",sha256=abc,1\r", "a,b.py", "sha256=abc"},
                      {"\"say \"\"hi\"\".py\",sha256=x,1", "say \"hi\".py", "sha256=x"},
                      {"six-1.dist-info/RECORD,,", "six-1.dist-info/RECORD", ""},
                      {"", "", ""},
                      {"\"open", "open", ""}};
  for (const Row& row : rows) EXPECT_EQ(record_fields(row.line), std::pair(row.path, row.hash)) << row.line;
  EXPECT_EQ(byte_code_path("opt/env/a.b/c.d.py", "3.11"), "opt/env/a.b/__pycache__/c.d.cpython-311.pyc");
}

TEST(Wheels, AClosureFollowsNamesAlternativesAndStandIns) {
  const std::string stanzas =
      "Package: python3\nDepends: python3.11 (>= 3.11), libc6:any\n\n"
      "Package: python3.11\nPre-Depends: zlib1g | zlib2 (<< 3)\n\n"
      "Package: libc6\nDepends: awk\n\nPackage: mawk\nProvides: awk\n\nPackage: zlib2\n\nPackage: git\nDepends: python3\n\n";
  std::vector<Input> all;
  for (const char* name : {"git", "libc6", "mawk", "python3", "python3.11", "zlib2"}) all.push_back({name, "1", name, 1, digest(name)});
  std::vector<std::string> names;
  for (const Input& one : closure(stanzas, all, {"python3", "missing"})) names.push_back(one.name);
  EXPECT_EQ(names, (std::vector<std::string>{"libc6", "mawk", "python3", "python3.11", "zlib2"}));
}

class Folders : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(folder + "/" + path).parent_path());
    std::ofstream(folder + "/" + path) << text;
  }
  const TemporaryFolder temporary{"wheels"};
  const std::string& folder = temporary.path;
};

// Whose file of two wheels is there decides whose byte code may be kept.
TEST_F(Folders, AWheelWhoseFileAnotherReplacedIsNotAsPacked) {
  Lock one = lock();
  one.packages = {{"six", "1", "six.whl", 1, digest("six")}, {"foo-bar", "1", "foo.whl", 1, digest("foo")}};
  const Place place = place_of(one, Prefix::python);
  const std::string site = "lib/python3.11/site-packages/";
  write(site + "six.py", "abc");
  write(site + "shared.py", "abc");
  write(site + "six-1.dist-info/RECORD", "six.py,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\nshared.py,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\n../../../bin/x.py,sha256=no,1\n");
  write(site + "Foo_Bar-1.dist-info/RECORD", "shared.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n");
  const Manifest manifest = scan(folder, "opt/env").value();
  const std::vector<Sources> all = sources_of(manifest, place);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].wheel->name, "foo-bar");
  EXPECT_FALSE(all[0].as_packed);
  EXPECT_EQ(all[1].wheel->name, "six");
  EXPECT_TRUE(all[1].as_packed);
  EXPECT_EQ(all[1].files, (std::vector<std::string>{"opt/env/" + site + "shared.py", "opt/env/" + site + "six.py"}));
  EXPECT_EQ(all[1].size, 6u);
}

TEST_F(Folders, ATreeSharesOnlyWhatIsTheSame) {
  Manifest manifest;
  for (const char* name : {"d/bytes", "d/mode", "d/same", "d/time", "e/link", "f"}) {
    write(std::string("from/") + name, "abc");
    Entry entry;
    entry.mode = 0644, entry.uid = ::getuid(), entry.gid = ::getgid(), entry.mtime = 1000, entry.size = 3;
    entry.source = folder + "/from/" + name;
    manifest[name] = entry;
  }
  const std::string tar = folder + "/layer.tar";
  write_tar(open_file("test", tar, O_WRONLY | O_CREAT).value().get(), tar, manifest).value();
  const IdMap map{{{0, 0, 4294967295u}}, {{0, 0, 4294967295u}}};
  const auto extract = [&](const std::string& to, std::vector<Fd> donors) {
    fs::create_directory(folder + to);
    Extractor extractor(open_file("test", folder + to, O_RDONLY | O_DIRECTORY).value(), map, std::move(donors));
    extractor.layer(tar).value();
    extractor.finish().value();
  };
  extract("/one", {});
  // In the first tree four files differ from the layer's, each in one way.
  const timespec then[2] = {{1000, 0}, {1000, 0}};
  std::ofstream(folder + "/one/d/bytes") << "abd";
  ASSERT_EQ(::utimensat(AT_FDCWD, (folder + "/one/d/bytes").c_str(), then, 0), 0);
  fs::permissions(folder + "/one/d/mode", fs::perms::owner_all);
  const timespec later[2] = {{2000, 0}, {2000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (folder + "/one/d/time").c_str(), later, 0), 0);
  fs::remove(folder + "/one/e/link");
  fs::create_symlink("../f", folder + "/one/e/link");
  std::vector<Fd> donors;
  donors.push_back(open_file("test", folder + "/one", O_RDONLY | O_DIRECTORY).value());
  extract("/two", std::move(donors));
  for (const auto& [name, entry] : manifest) {
    struct stat one {}, two {};
    ASSERT_EQ(::lstat((folder + "/one/" + name).c_str(), &one), 0);
    ASSERT_EQ(::lstat((folder + "/two/" + name).c_str(), &two), 0);
    EXPECT_EQ(one.st_ino == two.st_ino, name == "d/same" || name == "f") << name;
    EXPECT_EQ(two.st_mode & 07777, 0644u) << name;
    EXPECT_EQ(two.st_mtim.tv_sec, 1000) << name;
    EXPECT_EQ(read_file("test", folder + "/two/" + name).value(), "abc") << name;
  }
}

TEST_F(Folders, AnyNumberOfThreadsMakesOneTree) {
  Manifest manifest;
  write("bytes", "abc");
  for (int i = 0; i < 600; ++i) {
    Entry entry;
    entry.mode = 0644, entry.uid = ::getuid(), entry.gid = ::getgid(), entry.mtime = 1000 + i, entry.size = 3;
    entry.source = folder + "/bytes";
    manifest[fmt::format("none/told/{}/{}", i % 40, i)] = entry;  // the folders above are in no entry
  }
  Entry link;
  link.kind = Kind::hardlink, link.link = "none/told/7/7";
  manifest["a"] = link;
  const std::string tar = folder + "/layer.tar";
  const IdMap map{{{0, 0, 60000}}, {{0, 0, 60000}}};
  const auto extract = [&](const std::string& to) {
    write_tar(open_file("test", tar, O_WRONLY | O_CREAT | O_TRUNC).value().get(), tar, manifest).value();
    fs::create_directory(folder + to);
    Extractor extractor(open_file("test", folder + to, O_RDONLY | O_DIRECTORY).value(), map);
    if (const Result<void> done = extractor.layer(tar); !done) return done.error().message();
    extractor.finish().value();
    return std::string();
  };
  ASSERT_EQ(extract("/one"), "");
  const Manifest made = scan(folder + "/one", "").value();
  EXPECT_EQ(made.size(), 600u + 1 + 40 + 2);
  EXPECT_EQ(made.at("none/told/7/7").link, "a");
  for (const auto& [path, entry] : manifest) {
    if (path == "a" || path == "none/told/7/7") continue;
    EXPECT_EQ(made.at(path).mtime, entry.mtime) << path;
  }
  // Of several errors the first in the layer's order is told, however often it is tried.
  for (const char* path : {"none/told/9/409", "none/told/39/559", "none/told/12/12"}) manifest[path].uid = 70000;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(extract(fmt::format("/fails{}", i)).substr(0, 25), "extract: /none/told/12/12") << i;
}

// A layer above that was extracted first: the same tree, unless it puts something where a layer below has it.
TEST_F(Folders, LayersAheadMakeTheSameTree) {
  write("bytes", "abc");
  const auto entry = [&](Kind kind, std::uint32_t mode, std::int64_t mtime) {
    Entry one;
    one.kind = kind, one.mode = mode, one.mtime = mtime, one.uid = ::getuid(), one.gid = ::getgid();
    if (kind == Kind::file) one.size = 3, one.source = folder + "/bytes";
    return one;
  };
  const auto tar = [&](const std::string& name, const Manifest& manifest) {
    const std::string path = folder + "/" + name;
    write_tar(open_file("test", path, O_WRONLY | O_CREAT | O_TRUNC).value().get(), path, manifest).value();
    return path;
  };
  const IdMap map{{{0, 0, 60000}}, {{0, 0, 60000}}};
  const auto root_of = [&](const std::string& name) {
    fs::create_directory(folder + "/" + name);
    return open_file("test", folder + "/" + name, O_RDONLY | O_DIRECTORY).value();
  };
  const Manifest below = {{"opt", entry(Kind::folder, 0750, 10)}, {"opt/env", entry(Kind::folder, 0755, 11)}, {"usr/a", entry(Kind::file, 0644, 12)}};
  const Manifest above = {{"opt/env", entry(Kind::folder, 0711, 20)}, {"opt/env/lib", entry(Kind::folder, 0700, 21)}, {"opt/env/lib/b", entry(Kind::file, 0755, 22)}};
  struct Row {
    std::string name, more, says;  // what else lies below
  };
  for (const Row& row : {Row{"apart", "", ""}, {"folder", "opt/env/lib/c", ""}, {"file", "opt/env/lib/b", "extract: /opt/env/lib/b is in a layer below, too"},
                         {"kind", "opt/env/lib", "extract: /opt/env/lib is in a layer below, too"}}) {
    Manifest lower = below;
    if (!row.more.empty()) lower[row.more] = entry(Kind::file, 0644, 13);
    const std::string low = tar("low", lower), high = tar("high", above);
    Extractor first(root_of(row.name + ".ahead"), map);
    first.layer(high).value();
    Extractor adopts(root_of(row.name + ".adopts"), map), orders(root_of(row.name + ".orders"), map);
    adopts.layer(low).value();
    const Result<void> adopted = adopts.adopt(open_file("test", folder + "/" + row.name + ".ahead", O_RDONLY | O_DIRECTORY).value());
    EXPECT_EQ(adopted ? "" : adopted.error().message(), row.says) << row.name;
    if (!adopted) continue;
    adopts.folders(high).value();
    adopts.finish().value();
    orders.layer(low).value();
    orders.layer(high).value();
    orders.finish().value();
    // A folder that no layer tells of has no time of its own.
    Manifest one = scan(folder + "/" + row.name + ".adopts", "").value(), other = scan(folder + "/" + row.name + ".orders", "").value();
    for (Manifest* manifest : {&one, &other}) (*manifest)["usr"].mtime = 0;
    EXPECT_EQ(explain(one, other), "") << row.name;
    EXPECT_EQ(one.at("opt/env").mode, 0711u) << row.name;
  }
}

TEST(Asides, AnswerFailAndDie) {
  Aside answers("test", [] { return std::string("yes\nand more"); });
  Aside fails("test", []() -> std::string { throw Error(Code::not_found, "test: nothing"); });
  Aside dies("test", []() -> std::string { ::_exit(1); });
  { Aside forgotten("test", []() -> std::string { ::pause(); return {}; }); }  // ends here and now
  EXPECT_EQ(answers.join(), "yes\nand more");
  for (auto [aside, code, text] : {std::tuple{&fails, Code::not_found, "test: nothing"}, {&dies, Code::aborted, "test: a worker was killed; run it again"}}) {
    try {
      aside->join();
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code);
      EXPECT_EQ(error.message(), text);
    }
  }
}

}  // namespace
}  // namespace ninefold::env::image
