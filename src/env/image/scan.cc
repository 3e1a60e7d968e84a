// In: a folder. Out: its manifest.
#include "env/image/scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"
#include "base/hash.h"

namespace ninefold::env::image {
namespace {

class Scanner {
 public:
  explicit Scanner(std::function<bool(const std::string&)> hashed) : hashed_(std::move(hashed)) {}

  Result<void> run(const std::string& path, const std::string& name) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return errno_error(errno, "scan " + path);
    if (S_ISSOCK(status.st_mode)) return {};
    Entry entry;
    entry.mode = status.st_mode & 07777;
    entry.uid = status.st_uid, entry.gid = status.st_gid;
    entry.mtime = status.st_mtim.tv_sec;
    entry.source = path;
    if (S_ISDIR(status.st_mode)) entry.kind = Kind::folder;
    else if (S_ISLNK(status.st_mode)) {
      entry.kind = Kind::symlink;
      char target[4096];
      const ssize_t length = ::readlink(path.c_str(), target, sizeof target);
      if (length < 0) return errno_error(errno, "scan " + path);
      entry.link.assign(target, static_cast<std::size_t>(length));
    } else if (S_ISFIFO(status.st_mode)) entry.kind = Kind::fifo;
    else if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
      entry.kind = S_ISCHR(status.st_mode) ? Kind::character : Kind::block;
      entry.major = major(status.st_rdev), entry.minor = minor(status.st_rdev);
    } else {
      const auto [first, fresh] = inodes_.emplace(std::pair(status.st_dev, status.st_ino), name);
      if (status.st_nlink > 1 && !fresh) {
        entry.kind = Kind::hardlink;
        entry.link = first->second;
      } else {
        entry.size = static_cast<std::uint64_t>(status.st_size);
        if (!hashed_ || hashed_(name))
          if (Result<void> done = hash(path, entry); !done) return done;
      }
    }
    if (entry.kind == Kind::file || entry.kind == Kind::folder) attributes(path, entry);
    const bool folder = entry.kind == Kind::folder;
    manifest[name] = std::move(entry);
    if (!folder) return {};
    DIR* listing = ::opendir(path.c_str());
    if (!listing) return errno_error(errno, "scan " + path);
    std::vector<std::string> names;
    while (const dirent* one = ::readdir(listing))
      if (std::string(one->d_name) != "." && std::string(one->d_name) != "..") names.emplace_back(one->d_name);
    ::closedir(listing);
    std::sort(names.begin(), names.end());  // so that the first link of an inode is the same everywhere
    for (const std::string& one : names)
      if (Result<void> done = run(path + "/" + one, name.empty() ? one : name + "/" + one); !done) return done;
    return {};
  }

  Manifest manifest;

 private:
  static Result<void> hash(const std::string& path, Entry& entry) {
    Result<Fd> file = open_file("scan", path, O_RDONLY | O_NOFOLLOW);
    if (!file) return file.error();
    Sha256 sum;
    char bytes[65536];
    for (;;) {
      Result<std::size_t> got = read_some("scan", path, file.value().get(), bytes, sizeof bytes);
      if (!got) return got.error();
      sum.update({bytes, got.value()});
      if (got.value() < sizeof bytes) break;
    }
    const Sha256::Digest digest = sum.finish();
    entry.digest = to_hex(digest.data(), digest.size());
    return {};
  }

  static void attributes(const std::string& path, Entry& entry) {
    char names[4096];
    const ssize_t length = ::llistxattr(path.c_str(), names, sizeof names);
    for (ssize_t at = 0; at < length;) {
      const std::string name = names + at;
      at += static_cast<ssize_t>(name.size()) + 1;
      if (name != "security.capability") continue;  // labels of the building machine are not the image's
      char value[1024];
      const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value, sizeof value);
      if (size >= 0) entry.xattrs[name].assign(value, static_cast<std::size_t>(size));
    }
  }

  std::function<bool(const std::string&)> hashed_;
  std::map<std::pair<dev_t, ino_t>, std::string> inodes_;
};

}  // namespace

Result<Manifest> scan(const std::string& folder, const std::string& prefix, std::function<bool(const std::string&)> hashed) {
  Scanner scanner(std::move(hashed));
  if (Result<void> done = scanner.run(folder, prefix); !done) return done.error();
  scanner.manifest.erase("");
  return std::move(scanner.manifest);
}

void normalise_times(Manifest& manifest, std::int64_t epoch) {
  for (auto& [path, entry] : manifest) {
    entry.mtime = epoch;
    entry.uid = entry.gid = 0;
    if (entry.kind == Kind::folder) entry.mode = 0755;
    else if (entry.kind == Kind::file) entry.mode = entry.mode & 0111 ? 0755 : 0644;
    else if (entry.kind == Kind::symlink) entry.mode = 0777;
    else if (entry.kind == Kind::hardlink) entry.mode = 0644;
  }
}

}  // namespace ninefold::env::image
