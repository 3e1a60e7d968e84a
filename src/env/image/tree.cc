// In: layers and an id map. Out: one folder with everything they hold, owned as the map says.
#include "env/image/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/check.h"
#include "base/fd.h"
#include "base/hash.h"
#include "env/image/chamber.h"
#include "env/image/tar.h"

namespace ninefold::env::image {
namespace {

bool mapped(const std::vector<IdRange>& ranges, std::uint32_t id) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const IdRange& r) { return id >= r.inside && id - r.inside < r.count; });
}

// Deletes what lies below a folder, and nothing that a symlink in it points to.
void remove_below(int folder) {
  DIR* listing = ::fdopendir(folder);
  if (!listing) return void(::close(folder));
  (void)::fchmod(folder, 0700);
  while (const dirent* entry = ::readdir(listing)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (::unlinkat(folder, name.c_str(), 0) == 0) continue;
    const int below = ::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below >= 0) remove_below(below);
    ::unlinkat(folder, name.c_str(), AT_REMOVEDIR);
  }
  ::closedir(listing);
}

class Extractor {
 public:
  Extractor(Fd root, const IdMap& map) : root_(std::move(root)), map_(map) {}

  Result<void> layer(const std::string& file) {
    bytes_ = Fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!bytes_) return errno_error(errno, "extract: open " + file);
    const Result<void> done = read_tar(file, [&](const std::string& path, Entry& entry) { return put(path, entry); });
    return done;
  }

  // Folders last: putting something into one changes its time.
  Result<void> finish() {
    for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
      const Fd fd = resolve(folder->first, O_RDONLY | O_DIRECTORY);
      if (!fd) return errno_error(errno, "extract: open /" + folder->first);
      const timespec times[2] = {{folder->second, 0}, {folder->second, 0}};
      if (::futimens(fd.get(), times) != 0) return errno_error(errno, "extract: set the time of /" + folder->first);
    }
    return {};
  }

 private:
  // A path below the root; symlinks on the way stay inside it.
  Fd resolve(const std::string& path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT;
    const std::string name = path.empty() ? "." : path;
    return Fd(static_cast<int>(::syscall(SYS_openat2, root_.get(), name.c_str(), &how, sizeof how)));
  }

  Result<void> put(const std::string& path, Entry& entry) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    if (folder != folder_name_ || !folder_) {
      folder_ = resolve(folder, O_PATH | O_DIRECTORY);
      if (!folder_ && errno == ENOENT) {
        if (Result<void> made = parents(folder); !made) return made;
        folder_ = resolve(folder, O_PATH | O_DIRECTORY);
      }
      folder_name_ = folder;
      if (!folder_) return errno_error(errno, "extract: open /" + folder);
    }
    if (name == ".wh..wh..opq") {
      const int below = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (below >= 0) remove_below(below);
      return {};
    }
    if (name.rfind(".wh.", 0) == 0) return clear(name.substr(4), false);
    if (!mapped(map_.uids, entry.uid) || !mapped(map_.gids, entry.gid))
      return Error(Code::failed_precondition, fmt::format("extract: /{} belongs to {}:{}, which this id map lacks; "
                                                          "give the user 65536 subordinate ids", path, entry.uid, entry.gid));
    if (Result<void> cleared = clear(name, entry.kind == Kind::folder); !cleared) return cleared;
    return make(path, name, entry);
  }

  Result<void> parents(const std::string& path) {
    for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
      const std::string part = path.substr(0, slash);
      const Fd there = resolve(part, O_PATH | O_DIRECTORY);
      if (!there) {
        const auto last = part.rfind('/');
        const Fd above = resolve(last == std::string::npos ? "" : part.substr(0, last), O_PATH | O_DIRECTORY);
        if (!above || ::mkdirat(above.get(), part.substr(last + 1).c_str(), 0755) != 0)
          return errno_error(errno, "extract: make folder /" + part);
      }
      if (slash == std::string::npos) return {};
    }
  }

  Result<void> clear(const std::string& name, bool keep_folder) {
    struct stat status {};
    if (::fstatat(folder_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return {};
    if (S_ISDIR(status.st_mode)) {
      if (keep_folder) return {};
      const int below = ::openat(folder_.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (below >= 0) remove_below(below);
      if (::unlinkat(folder_.get(), name.c_str(), AT_REMOVEDIR) != 0) return errno_error(errno, "extract: remove " + name);
    } else if (::unlinkat(folder_.get(), name.c_str(), 0) != 0) {
      return errno_error(errno, "extract: remove " + name);
    }
    return {};
  }

  Result<void> make(const std::string& path, const std::string& name, const Entry& entry) {
    const int in = folder_.get();
    const char* file = name.c_str();
    const std::string phrase = "extract: make /" + path;
    Fd made;
    switch (entry.kind) {
      case Kind::folder:
        if (::mkdirat(in, file, 0700) != 0 && errno != EEXIST) return errno_error(errno, phrase);
        folders_[path] = entry.mtime;
        break;
      case Kind::symlink:
        if (::symlinkat(entry.link.c_str(), in, file) != 0) return errno_error(errno, phrase);
        break;
      case Kind::hardlink: {
        const auto slash = entry.link.rfind('/');
        const Fd from = resolve(slash == std::string::npos ? "" : entry.link.substr(0, slash), O_PATH | O_DIRECTORY);
        if (!from || ::linkat(from.get(), entry.link.substr(slash + 1).c_str(), in, file, 0) != 0)
          return errno_error(errno, phrase + " as a link to /" + entry.link);
        return {};  // owner, mode and time are the target's
      }
      case Kind::character:
      case Kind::block:
        return {};  // devices come from the running environment, never from an image
      case Kind::fifo:
        if (::mkfifoat(in, file, 0600) != 0) return errno_error(errno, phrase);
        break;
      case Kind::file:
        made = Fd(::openat(in, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!made) return errno_error(errno, phrase);
        if (Result<void> copied = copy(phrase, made.get(), entry); !copied) return copied;
        break;
    }
    if (::fchownat(in, file, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) != 0) return errno_error(errno, phrase + ": set its owner");
    if (entry.kind == Kind::symlink) return set_time(in, file, phrase, entry);
    if (::fchmodat(in, file, entry.mode, 0) != 0) return errno_error(errno, phrase + ": set its mode");
    for (const auto& [key, value] : entry.xattrs) {
      // Only what a file system keeps for programs; a stranger's "trusted." or overlay marks stay out.
      if (key != "security.capability" && key.rfind("user.", 0) != 0) continue;
      if (key.rfind("user.overlay", 0) == 0) continue;
      const Fd open = made ? Fd() : Fd(::openat(in, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
      const int target = made ? made.get() : open.get();
      if (target < 0 || ::fsetxattr(target, key.c_str(), value.data(), value.size(), 0) != 0)
        if (errno != ENOTSUP) return errno_error(errno, phrase + ": set " + key);
    }
    return entry.kind == Kind::folder ? Result<void>() : set_time(in, file, phrase, entry);
  }

  static Result<void> set_time(int in, const char* file, const std::string& phrase, const Entry& entry) {
    const timespec times[2] = {{entry.mtime, 0}, {entry.mtime, 0}};
    if (::utimensat(in, file, times, AT_SYMLINK_NOFOLLOW) != 0) return errno_error(errno, phrase + ": set its time");
    return {};
  }

  Result<void> copy(const std::string& phrase, int out, const Entry& entry) {
    loff_t from = static_cast<loff_t>(entry.offset);
    for (std::uint64_t left = entry.size; left > 0;) {
      const ssize_t done = ::copy_file_range(bytes_.get(), &from, out, nullptr, std::min<std::uint64_t>(left, 1 << 30), 0);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return slow_copy(phrase, out, static_cast<std::uint64_t>(from), left);
      left -= static_cast<std::uint64_t>(done);
    }
    return {};
  }

  Result<void> slow_copy(const std::string& phrase, int out, std::uint64_t from, std::uint64_t left) {
    char bytes[65536];
    while (left > 0) {
      const ssize_t got = ::pread(bytes_.get(), bytes, std::min<std::uint64_t>(left, sizeof bytes), static_cast<off_t>(from));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return errno_error(got < 0 ? errno : EIO, phrase);
      if (Result<void> written = write_all("extract", phrase, out, {bytes, static_cast<std::size_t>(got)}); !written) return written;
      from += static_cast<std::uint64_t>(got), left -= static_cast<std::uint64_t>(got);
    }
    return {};
  }

  Fd root_, folder_, bytes_;
  std::string folder_name_;
  const IdMap& map_;
  std::map<std::string, std::int64_t> folders_;
};

// A tree that another process put there first is as good.
Result<void> place(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0 || errno == EEXIST || errno == ENOTEMPTY) return {};
  return errno_error(errno, "extract: put " + to);
}

}  // namespace

std::string IdMap::name() const {
  std::string text;
  for (const auto* ranges : {&uids, &gids})
    for (const IdRange& r : *ranges) text += fmt::format("{}:{}:{};", r.inside, r.outside, r.count);
  return sha256_hex(text).substr(0, 16);
}

std::string tree_name(const Image& image, const IdMap& map) { return image.chain.substr(7) + "@" + map.name(); }

std::string tree_path(const Store& store, const Image& image, const IdMap& map) {
  return store.root() + "/trees/" + tree_name(image, map);
}

Result<std::string> tree(const Store& store, const Image& image, const IdMap& map) {
  const std::string target = tree_path(store, image, map);
  if (::access(target.c_str(), F_OK) == 0) return target;
  Result<Fd> entered = store.enter(false);
  if (!entered) return entered.error();
  for (const Descriptor& layer : image.layers)
    if (Result<void> good = store.verify(Shelf::blobs, layer.digest); !good) return good.error();
  Result<std::string> temp = store.temporary_folder();
  if (!temp) return temp;
  const std::string root = temp.value() + "/root";
  const std::string inside = root.substr(store.root().size() + 1);  // see in_namespaces
  const bool caller_is_root = ::geteuid() == 0;
  Result<void> made = make_owned_folder(root, map);
  Result<std::string> done = !made ? Result<std::string>(made.error())
                                   : in_namespaces("extract", map, store.root(), [&]() -> Result<std::string> {
    Result<Fd> opened = open_file("extract", inside, O_RDONLY | O_DIRECTORY);
    if (!opened) return opened.error();
    if (::fchown(opened.value().get(), 0, 0) != 0) return errno_error(errno, "extract: take " + inside);
    Extractor extractor(std::move(opened).value(), map);
    for (const Descriptor& layer : image.layers)
      if (Result<void> put = extractor.layer("blobs/sha256/" + layer.digest.substr(7)); !put) return put.error();
    if (Result<void> ended = extractor.finish(); !ended) return ended.error();
    // Moving a folder needs the right to write into it: an ordinary caller has it in here only, root
    // has it outside only.
    if (caller_is_root) return std::string();
    if (Result<void> placed = place(inside, "trees/" + tree_name(image, map)); !placed) return placed.error();
    return std::string();
  });
  if (done && caller_is_root)
    if (Result<void> placed = place(root, target); !placed) done = placed.error();
  // What is left is a failed or a second extraction of the same tree.
  if (::access(root.c_str(), F_OK) == 0) (void)remove_folder(store, inside);
  ::rmdir(temp.value().c_str());
  if (!done) return done;
  return target;
}

Result<void> remove_folder(const Store& store, const std::string& inside) {
  Result<IdMap> map = caller_map();
  if (!map) return map.error();
  const std::string temp = store.temporary_file().substr(store.root().size() + 1);
  Result<std::string> done = in_namespaces("remove a tree", map.value(), store.root(), [&]() -> Result<std::string> {
    // Renamed first: a tree that is in its place is whole.
    const bool move = inside.rfind("temp/", 0) != 0;
    if (move && ::rename(inside.c_str(), temp.c_str()) != 0)
      return errno == ENOENT ? Result<std::string>(std::string()) : errno_error(errno, "remove " + inside);
    const std::string& place = move ? temp : inside;
    const int folder = ::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return errno == ENOENT ? Result<std::string>(std::string()) : errno_error(errno, "remove " + place);
    remove_below(folder);
    if (::rmdir(place.c_str()) != 0) return errno_error(errno, "remove " + place);
    return std::string();
  });
  if (!done) return done.error();
  return {};
}

}  // namespace ninefold::env::image
