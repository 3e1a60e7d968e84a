// In: files that cannot be written. Out: a typed error that says why, and the old file as it was.
#include "base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "temp_folder.h"

namespace ninefold {
namespace {

namespace fs = std::filesystem;

std::string contents(const std::string& path) { return read_file("test", path).value(); }

// A full disk without a disk: the kernel refuses to let any file grow beyond the limit (EFBIG).
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit old_{};
  void (*signal_)(int);
};

TEST(AtomicFile, ReplacesAndKeepsTheMode) {
  const test::TempFolder folder;
  const std::string path = folder / "a.bin";
  write_atomically("save", path, "old").value();
  chmod(path.c_str(), 0640);
  write_atomically("save", path, std::string(100000, 'x')).value();
  EXPECT_EQ(contents(path), std::string(100000, 'x'));
  struct stat status {};
  stat(path.c_str(), &status);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a.bin"});
}

TEST(AtomicFile, FollowsALink) {
  const test::TempFolder folder;
  write_atomically("save", folder / "real", "old").value();
  fs::create_symlink("real", folder / "link");
  write_atomically("save", folder / "link", "new").value();
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(contents(folder / "real"), "new");
}

TEST(AtomicFile, OldFileSurvivesAFullDisk) {
  const test::TempFolder folder;
  const std::string path = folder / "weights.h5";
  write_atomically("save_weights", path, "old").value();
  Result<void> result;
  {
    const FileSizeLimit full(4096);
    result = write_atomically("save_weights", path, std::string(8192, 'x'));
  }
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), Code::resource_exhausted);
  EXPECT_EQ(result.error().message(), "save_weights: write " + path + ": the file would be larger than allowed "
            "(EFBIG); raise the limit (ulimit -f) or choose another file system");
  EXPECT_EQ(contents(path), "old");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"weights.h5"});
}

TEST(AtomicFile, DroppedWithoutCommitLeavesNothing) {
  const test::TempFolder folder;
  {
    AtomicFile file = AtomicFile::create("save", folder / "a").value();
    file.write("half").value();
  }
  EXPECT_TRUE(folder.names().empty());
}

TEST(AtomicFile, Refusals) {
  const test::TempFolder folder;
  fs::create_directory(folder / "sub");
  struct Row {
    std::string path;
    Code code;
    std::string says;
  };
  const Row rows[] = {
      {"", Code::invalid_argument, "save: '' names no file"},
      {folder / "sub/", Code::invalid_argument, "names no file"},
      {folder / "sub", Code::failed_precondition, "the path is a folder (EISDIR)"},
      {folder / "missing/a", Code::not_found, "/missing does not exist (ENOENT); make it first"},
      {"/dev/full", Code::failed_precondition, "is a device, pipe or socket; name a regular file"},
      {folder / std::string(300, 'n'), Code::invalid_argument, "the name is too long (ENAMETOOLONG)"},
  };
  for (const Row& row : rows) {
    const Result<void> result = write_atomically("save", row.path, "x");
    ASSERT_FALSE(result.ok()) << row.path;
    EXPECT_EQ(result.error().code(), row.code) << result.error().message();
    EXPECT_NE(result.error().message().find(row.says), std::string::npos) << result.error().message();
  }
  EXPECT_EQ(folder.names(), std::vector<std::string>{"sub"});
}

TEST(AtomicFile, FolderWithoutWriteRight) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  const test::TempFolder folder;
  chmod((folder / "").c_str(), 0500);
  const Result<void> result = write_atomically("save", folder / "a", "x");
  chmod((folder / "").c_str(), 0700);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), Code::permission_denied);
}

TEST(Fd, WriteErrorIsTyped) {
  Fd full = open_file("test", "/dev/full", 1 /* O_WRONLY */).value();
  const Result<void> result = write_all("test", "/dev/full", full.get(), "x");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message(), "test: write /dev/full: no space left on the device (ENOSPC); free some "
            "space or choose another folder");
}

TEST(Fd, MakeFolders) {
  const test::TempFolder folder;
  make_folders("test", folder / "a/b//c/").value();
  make_folders("test", folder / "a/b").value();
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  write_atomically("test", folder / "file", "").value();
  EXPECT_EQ(make_folders("test", folder / "file/x").error().code(), Code::not_found);
}

}  // namespace
}  // namespace ninefold
