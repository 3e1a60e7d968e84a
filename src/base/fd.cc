// In: a path. Out: descriptors and bytes, each call retried on EINTR, each failure typed.
#include "base/fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace ninefold {
namespace {

Error io_error(const std::string& operation, const char* verb, const std::string& path) {
  return errno_error(errno, operation + ": " + verb + " " + path);
}

}  // namespace

int Fd::close() noexcept {
  if (number_ < 0) return 0;
  // Never retried: on Linux the descriptor is gone even when close() says EINTR.
  return ::close(std::exchange(number_, -1)) == 0 || errno == EINTR ? 0 : errno;
}

Result<Fd> open_file(const std::string& operation, const std::string& path, int flags, unsigned mode) {
  if (path.empty()) return Error(Code::invalid_argument, operation + ": the path is empty; name a file");
  if (path.find('\0') != std::string::npos) {
    return Error(Code::value, operation + ": the path holds a zero byte; check the path");
  }
  int number;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (number < 0 && errno == EINTR);
  if (number < 0) return io_error(operation, "open", path);
  return Fd(number);
}

Result<void> write_all(const std::string& operation, const std::string& path, int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return io_error(operation, "write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> read_some(const std::string& operation, const std::string& path, int fd, void* into,
                              std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(fd, static_cast<char*>(into) + done, size - done);
    if (got < 0) {
      if (errno == EINTR) continue;
      return io_error(operation, "read", path);
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<std::string> read_file(const std::string& operation, const std::string& path) {
  Result<Fd> file = open_file(operation, path, O_RDONLY);
  if (!file) return file.error();
  struct stat status {};
  if (::fstat(file.value().get(), &status) != 0) return io_error(operation, "stat", path);
  std::string bytes;
  // A pipe or a file of /proc has no size: read pieces until the end, whatever stat said.
  std::size_t piece = S_ISREG(status.st_mode) && status.st_size > 0 ? status.st_size + 1 : 65536;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + piece);
    Result<std::size_t> got = read_some(operation, path, file.value().get(), bytes.data() + before, piece);
    if (!got) return got.error();
    bytes.resize(before + got.value());
    if (got.value() < piece) return bytes;
    piece = bytes.size();
  }
}

Result<void> make_folders(const std::string& operation, const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (!part.empty() && part.back() != '/' && ::mkdir(part.c_str(), 0777) != 0) {
      // A folder above may be on a read-only or forbidden file system and yet exist.
      const int number = errno;
      struct stat status {};
      if (::stat(part.c_str(), &status) != 0) return errno_error(number, operation + ": make folder " + part);
      if (!S_ISDIR(status.st_mode)) return errno_error(ENOTDIR, operation + ": make folder " + part);
    }
    if (end == std::string::npos) return {};
  }
}

}  // namespace ninefold
