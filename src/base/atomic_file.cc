// In: bytes, in pieces. Out: a file that is whole or was never there.
#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace ninefold {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Where the bytes really go: a link is followed, even to a file that is not there yet.
std::string target_of(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
  std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? std::string(real.get()) : path;
}

std::uint64_t token() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, GRND_NONBLOCK) != sizeof bits) {
    static std::uint64_t count = 0;
    bits = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
  }
  return bits;
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const std::string& operation, const std::string& path) {
  if (path.empty() || path.back() == '/') {
    return Error(Code::invalid_argument, fmt::format("{}: '{}' names no file", operation, path));
  }
  AtomicFile file;
  file.operation_ = operation;
  file.path_ = target_of(path);
  struct stat old {};
  const bool exists = ::stat(file.path_.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) return errno_error(EISDIR, operation + ": write " + path);
  if (exists && !S_ISREG(old.st_mode)) {
    return Error(Code::failed_precondition,
                 fmt::format("{}: {} is a device, pipe or socket; name a regular file", operation, path));
  }
  const std::string name = file.path_.substr(file.path_.rfind('/') + 1);
  for (int attempt = 0;; ++attempt) {
    // The leading dot hides it from loops over "*.h5"; long names are cut so that ours still fits.
    const std::string beside = fmt::format("{}/.{}.{:016x}.tmp", folder_of(file.path_), name.substr(0, 200),
                                           token());
    const int number = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (number >= 0) {
      file.temporary_ = beside;
      file.file_ = Fd(number);
      break;
    }
    if (errno == EINTR || (errno == EEXIST && attempt < 8)) continue;
    if (errno == ENOENT) {
      return Error(Code::not_found, fmt::format("{}: write {}: the folder {} does not exist (ENOENT); "
                                                "make it first", operation, path, folder_of(file.path_)));
    }
    // The user knows his own path, not our temporary name.
    return errno_error(errno, operation + ": write " + path);
  }
  if (exists && ::fchmod(file.file_.get(), old.st_mode & 07777) != 0) {
    return errno_error(errno, operation + ": keep the mode of " + path);
  }
  return file;
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> AtomicFile::write(std::string_view bytes) {
  return write_all(operation_, path_, file_.get(), bytes);
}

Result<void> AtomicFile::commit() {
  // EINVAL and ENOTSUP: a file system without fsync; there is nothing better to be had there.
  if (::fsync(file_.get()) != 0 && errno != EINVAL && errno != ENOTSUP) {
    return errno_error(errno, operation_ + ": write " + path_);
  }
  if (const int number = file_.close()) return errno_error(number, operation_ + ": write " + path_);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return errno_error(errno, operation_ + ": replace " + path_);
  }
  temporary_.clear();
  // The name itself is durable only after this; a folder that cannot be opened or synced is no failure,
  // because the new file is already complete and in its place.
  Result<Fd> folder = open_file(operation_, folder_of(path_), O_RDONLY | O_DIRECTORY);
  if (folder) (void)::fsync(folder.value().get());
  return {};
}

Result<void> write_atomically(const std::string& operation, const std::string& path, std::string_view bytes) {
  Result<AtomicFile> file = AtomicFile::create(operation, path);
  if (!file) return file.error();
  if (Result<void> written = file.value().write(bytes); !written) return written;
  return file.value().commit();
}

}  // namespace ninefold
