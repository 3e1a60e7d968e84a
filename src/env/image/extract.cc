// In: layers. Out: files, one by one through descriptors of the root, so that no link in a layer leads out.
#include "env/image/extract.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "env/image/tar.h"

namespace ninefold::env::image {
namespace {

bool mapped(const std::vector<IdRange>& ranges, std::uint32_t id) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const IdRange& r) { return id >= r.inside && id - r.inside < r.count; });
}

Result<void> set_time(int in, const char* file, const std::string& phrase, const Entry& entry) {
  const timespec times[2] = {{entry.mtime, 0}, {entry.mtime, 0}};
  if (::utimensat(in, file, times, AT_SYMLINK_NOFOLLOW) != 0) return errno_error(errno, phrase + ": set its time");
  return {};
}

// True if programs can see no more than the labels that a machine gives each of its files.
bool has_no_attributes(int file) {
  char names[256];
  const ssize_t length = ::flistxattr(file, names, sizeof names);
  return length == 0 || (length < 0 && errno == ENOTSUP) ||
         (length == 17 && std::memcmp(names, "security.selinux", 17) == 0);
}

constexpr std::string_view kOpaque = ".wh..wh..opq";

bool is_whiteout(std::string_view path) { return path.substr(path.rfind('/') + 1).substr(0, 4) == ".wh."; }

}  // namespace

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

Extractor::Extractor(Fd root, const IdMap& map, std::vector<Fd> donors) : root_(std::move(root)), map_(map) {
  for (Fd& donor : donors) donors_.push_back({std::move(donor), Fd(), std::string()});
}

Result<void> Extractor::layer(const std::string& file, const std::function<void(std::uint64_t offset)>& at) {
  bytes_ = Fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!bytes_) return errno_error(errno, "extract: open " + file);
  // What a layer hides is what lies below it, wherever in the layer the mark stands.
  const Result<void> hidden = read_tar(file, [&](const std::string& path, Entry&) { return is_whiteout(path) ? hide(path) : Result<void>(); });
  if (!hidden) return hidden;
  folder_ = Fd();
  return read_tar(file, [&](const std::string& path, Entry& entry) {
    if (at) at(entry.offset);
    return is_whiteout(path) ? Result<void>() : put(path, entry);
  });
}

Result<void> Extractor::hide(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash), name = path.substr(slash + 1);
  folder_ = resolve(root_, folder, O_PATH | O_DIRECTORY);
  folder_name_ = folder;
  if (!folder_) return {};  // nothing lies there
  if (name == kOpaque) {
    const int below = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (below >= 0) remove_below(below);
    forget(folder, false);
    return {};
  }
  const std::string hidden = name.substr(4);
  if (hidden.empty() || hidden == "." || hidden == "..")
    return Error(Code::data_loss, fmt::format("extract: the whiteout /{} hides nothing that can be; the layer is damaged", path));
  forget(folder.empty() ? hidden : folder + "/" + hidden, true);
  return clear(hidden, false);
}

// Folders that are gone get no times.
void Extractor::forget(const std::string& path, bool itself) {
  if (itself) folders_.erase(path);
  const auto first = path.empty() ? folders_.begin() : folders_.lower_bound(path + "/");
  const auto last = path.empty() ? folders_.end() : folders_.lower_bound(path + "0");  // '0' follows '/'
  folders_.erase(first, last);
}

Result<void> Extractor::finish() {
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) {
    const Fd fd = resolve(root_, folder->first, O_RDONLY | O_DIRECTORY);
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) continue;  // a later layer took it away under another name
    if (!fd) return errno_error(errno, "extract: open /" + folder->first);
    const timespec times[2] = {{folder->second, 0}, {folder->second, 0}};
    if (::futimens(fd.get(), times) != 0) return errno_error(errno, "extract: set the time of /" + folder->first);
  }
  return {};
}

// A path below a root; symlinks on the way stay inside it.
Fd Extractor::resolve(const Fd& root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT;
  const std::string name = path.empty() ? "." : path;
  return Fd(static_cast<int>(::syscall(SYS_openat2, root.get(), name.c_str(), &how, sizeof how)));
}

Result<void> Extractor::put(const std::string& path, Entry& entry) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (folder != folder_name_ || !folder_) {
    folder_ = resolve(root_, folder, O_PATH | O_DIRECTORY);
    if (!folder_ && errno == ENOENT) {
      if (Result<void> made = parents(folder); !made) return made;
      folder_ = resolve(root_, folder, O_PATH | O_DIRECTORY);
    }
    folder_name_ = folder;
    if (!folder_) return errno_error(errno, "extract: open /" + folder);
  }
  if (!mapped(map_.uids, entry.uid) || !mapped(map_.gids, entry.gid))
    return Error(Code::failed_precondition, fmt::format("extract: /{} belongs to {}:{}, which this id map lacks; "
                                                        "give the user 65536 subordinate ids", path, entry.uid, entry.gid));
  if (entry.kind != Kind::folder) forget(path, true);
  if (Result<void> cleared = clear(name, entry.kind == Kind::folder); !cleared) return cleared;
  return make(path, name, entry);
}

Result<void> Extractor::parents(const std::string& path) {
  for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    const Fd there = resolve(root_, part, O_PATH | O_DIRECTORY);
    if (!there) {
      const auto last = part.rfind('/');
      const Fd above = resolve(root_, last == std::string::npos ? "" : part.substr(0, last), O_PATH | O_DIRECTORY);
      if (!above || ::mkdirat(above.get(), part.substr(last + 1).c_str(), 0755) != 0)
        return errno_error(errno, "extract: make folder /" + part);
    }
    if (slash == std::string::npos) return {};
  }
}

Result<void> Extractor::clear(const std::string& name, bool keep_folder) {
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

Result<void> Extractor::make(const std::string& path, const std::string& name, const Entry& entry) {
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
      const Fd from = resolve(root_, slash == std::string::npos ? "" : entry.link.substr(0, slash), O_PATH | O_DIRECTORY);
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
      if (linked(file, entry)) return {};
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

bool Extractor::linked(const char* name, const Entry& entry) {
  if (!entry.xattrs.empty()) return false;
  for (Donor& donor : donors_) {
    if (!donor.folder || donor.folder_name != folder_name_) {
      donor.folder = resolve(donor.root, folder_name_, O_PATH | O_DIRECTORY);
      donor.folder_name = folder_name_;
    }
    if (!donor.folder) continue;
    const Fd old(::openat(donor.folder.get(), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (!old || ::fstat(old.get(), &status) != 0 || !S_ISREG(status.st_mode) || static_cast<std::uint64_t>(status.st_size) != entry.size ||
        (status.st_mode & 07777) != entry.mode || status.st_uid != entry.uid || status.st_gid != entry.gid || status.st_mtim.tv_sec != entry.mtime ||
        !has_no_attributes(old.get()) || !same_bytes(old.get(), entry))
      continue;
    // A file with all the links that the file system allows is copied.
    if (::linkat(donor.folder.get(), name, folder_.get(), name, 0) == 0) return true;
  }
  return false;
}

bool Extractor::same_bytes(int file, const Entry& entry) {
  char ours[65536], theirs[65536];
  for (std::uint64_t done = 0; done < entry.size;) {
    const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(sizeof ours, entry.size - done));
    const ssize_t got = ::pread(file, theirs, want, static_cast<off_t>(done));
    if (got <= 0 || ::pread(bytes_.get(), ours, static_cast<std::size_t>(got), static_cast<off_t>(entry.offset + done)) != got ||
        std::memcmp(ours, theirs, static_cast<std::size_t>(got)) != 0)
      return false;
    done += static_cast<std::uint64_t>(got);
  }
  return true;
}

Result<void> Extractor::copy(const std::string& phrase, int out, const Entry& entry) {
  loff_t from = static_cast<loff_t>(entry.offset);
  for (std::uint64_t left = entry.size; left > 0;) {
    const ssize_t done = ::copy_file_range(bytes_.get(), &from, out, nullptr, std::min<std::uint64_t>(left, 1 << 30), 0);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return slow_copy(phrase, out, static_cast<std::uint64_t>(from), left);
    left -= static_cast<std::uint64_t>(done);
  }
  return {};
}

Result<void> Extractor::slow_copy(const std::string& phrase, int out, std::uint64_t from, std::uint64_t left) {
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

}  // namespace ninefold::env::image
