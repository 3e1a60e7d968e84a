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
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "env/image/aside.h"
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

Fd copy_of(const Fd& fd) { return Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3)); }

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// Whether a layer's entries may be made in any order: each path stands there once, and only folders above others.
class Order {
 public:
  void add(const std::string& path, Kind kind) {
    free_ = kinds_.emplace(path, kind).second && free_;
    folders_.insert(folder_of(path));
  }
  std::vector<std::string> folders() const { return {folders_.begin(), folders_.end()}; }
  bool is_free() const {
    return free_ && std::all_of(folders_.begin(), folders_.end(), [&](std::string folder) {
      for (; !folder.empty(); folder = folder_of(folder))
        if (const auto found = kinds_.find(folder); found != kinds_.end() && found->second != Kind::folder) return false;
      return true;
    });
  }

 private:
  std::unordered_map<std::string, Kind> kinds_;
  std::set<std::string> folders_;
  bool free_ = true;
};

std::vector<std::string> names_in(const Fd& folder) {
  std::vector<std::string> names;
  DIR* listing = ::fdopendir(::fcntl(folder.get(), F_DUPFD_CLOEXEC, 3));
  if (!listing) return names;
  while (const dirent* entry = ::readdir(listing))
    if (const std::string name = entry->d_name; name != "." && name != "..") names.push_back(name);
  ::closedir(listing);
  return names;
}

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
  Order order;
  const Result<void> hidden = read_tar(file, [&](const std::string& path, Entry& entry) {
    if (is_whiteout(path)) return hide(path);
    order.add(path, entry.kind);
    return Result<void>();
  });
  if (!hidden) return hidden;
  folder_ = Fd();
  if (processors() < 2 || !order.is_free() || has_links_above(order.folders()))
    return read_tar(file, [&](const std::string& path, Entry& entry) {
      if (at) at(entry.offset);
      return is_whiteout(path) ? Result<void>() : put(path, entry);
    });
  std::vector<std::pair<std::string, Entry>> contents, links;
  const Result<void> rest = read_tar(file, [&](const std::string& path, Entry& entry) {
    if (is_whiteout(path)) return Result<void>();
    if (entry.kind == Kind::hardlink) return links.emplace_back(path, std::move(entry)), Result<void>();
    if (entry.kind != Kind::file) return put(path, entry);
    forget(path, true);
    contents.emplace_back(path, std::move(entry));
    return Result<void>();
  });
  if (!rest) return rest;
  if (Result<void> done = files(file, contents, at); !done) return done;
  for (auto& [path, entry] : links)
    if (Result<void> done = put(path, entry); !done) return done;
  return {};
}

bool Extractor::has_links_above(const std::vector<std::string>& folders) const {
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    const Fd there = resolve(root_, folder, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
    return !there && errno != ENOENT;
  });
}

// By as many threads as there are processors: most of the time goes into making files, which the kernel does side by
// side in different folders. All files of a folder are one thread's. The error is that of the first file that has one.
Result<void> Extractor::files(const std::string& layer, std::vector<std::pair<std::string, Entry>>& all, const std::function<void(std::uint64_t offset)>& at) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i == 0 || folder_of(all[i].first) != folder_of(all[i - 1].first)) starts.push_back(i);
  starts.push_back(all.size());
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::size_t failed = all.size();  // the first file with an error, and the error: locked by mutex
  Result<void> failure;
  const auto work = [&](Extractor& worker) {
    for (std::size_t group; (group = next++) + 1 < starts.size();)
      for (std::size_t i = starts[group]; i < starts[group + 1]; ++i) {
        if (at) at(all[i].second.offset);
        Result<void> done = worker.put(all[i].first, all[i].second);
        if (done) continue;
        const std::lock_guard lock(mutex);
        if (i < failed) failed = i, failure = std::move(done);
        next = starts.size();  // those before are begun already
        return;
      }
  };
  std::vector<std::unique_ptr<Extractor>> workers;
  std::vector<std::thread> threads;
  for (int i = 1; i < processors(); ++i) {
    std::vector<Fd> donors;
    for (const Donor& donor : donors_) donors.push_back(copy_of(donor.root));
    auto worker = std::make_unique<Extractor>(copy_of(root_), map_, std::move(donors));
    worker->bytes_ = Fd(::open(layer.c_str(), O_RDONLY | O_CLOEXEC));
    if (!worker->root_ || !worker->bytes_) break;
    try {
      threads.emplace_back(work, std::ref(*worker));
    } catch (const std::system_error&) {  // no more threads are allowed: those that there are will do
      break;
    }
    workers.push_back(std::move(worker));
  }
  work(*this);
  for (std::thread& thread : threads) thread.join();
  return failure;
}

namespace {

// Whole folders where there is none of the name yet.
Result<void> move_all(const Fd& from, const Fd& to, const std::string& path) {
  const Fd listed(::openat(from.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (const std::string& name : names_in(listed)) {
    const std::string whole = path + "/" + name;
    if (::renameat2(from.get(), name.c_str(), to.get(), name.c_str(), RENAME_NOREPLACE) == 0) continue;
    if (errno != EEXIST) return errno_error(errno, "extract: move " + whole);
    constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const Fd source(::openat(from.get(), name.c_str(), kFolder)), target(::openat(to.get(), name.c_str(), kFolder));
    if (!source || !target) return Error(Code::already_exists, fmt::format("extract: {} is in a layer below, too", whole));
    if (Result<void> done = move_all(source, target, whole); !done) return done;
  }
  return {};
}

}  // namespace

Result<void> Extractor::adopt(const Fd& made) { return move_all(made, root_, ""); }

Result<void> Extractor::folders(const std::string& file) {
  folder_ = Fd();
  return read_tar(file, [&](const std::string& path, Entry& entry) { return entry.kind == Kind::folder ? put(path, entry) : Result<void>(); });
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
Fd Extractor::resolve(const Fd& root, const std::string& path, int flags, std::uint64_t more) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | more;
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
      if (!above || (::mkdirat(above.get(), part.substr(last + 1).c_str(), 0755) != 0 && errno != EEXIST))
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
