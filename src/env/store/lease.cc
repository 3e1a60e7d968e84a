// In: names to keep. Out: a file under flock. The kernel drops the lock with the last descriptor, so a
// killed process's lease is void at once and needs no clock.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/text.h"
#include "env/store/store.h"

namespace ninefold::env {
namespace fs = std::filesystem;

Result<Lease> Store::lease() const {
  for (int attempt = 0; attempt < 100; ++attempt) {
    Lease lease;
    lease.path_ = fmt::format("{}/leases/{}", root_, fs::path(temporary_file()).filename().string());
    Result<Fd> file = open_file("store", lease.path_, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0600);
    if (!file) {
      if (file.error().code() == Code::already_exists) continue;
      return file.error();
    }
    lease.file_ = std::move(file).value();
    if (::flock(lease.file_.get(), LOCK_EX | LOCK_NB) != 0) {
      lease.path_.clear();  // another process is looking whether it is dead, and will remove it
      continue;
    }
    struct stat ours {}, named {};
    if (::fstat(lease.file_.get(), &ours) == 0 && ::stat(lease.path_.c_str(), &named) == 0 && ours.st_ino == named.st_ino)
      return lease;
    lease.path_.clear();
  }
  return Error(Code::unavailable, "store: no lease to be had in " + root_ + "/leases; is the folder shared by machines?");
}

Lease::~Lease() {
  // Only the last holder removes the file: children that were forked meanwhile hold it, too.
  if (!file_ || path_.empty()) return;
  struct stat status {};
  const Fd probe(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  file_.close();
  if (probe && ::flock(probe.get(), LOCK_EX | LOCK_NB) == 0 && ::fstat(probe.get(), &status) == 0) ::unlink(path_.c_str());
}

Result<void> Lease::hold(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  if (Result<void> written = write_all("store: lease", path_, file_.get(), text); !written) return written;
  if (::fsync(file_.get()) != 0 && errno != EINVAL) return errno_error(errno, "store: lease " + path_);
  names_.insert(names_.end(), names.begin(), names.end());
  return {};
}

Result<std::vector<std::string>> Store::leased() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ + "/leases", error)) {
    Result<Fd> file = open_file("store", entry.path(), O_RDONLY);
    if (!file) continue;  // gone meanwhile
    if (::flock(file.value().get(), LOCK_EX | LOCK_NB) == 0) {
      ::unlink(entry.path().c_str());  // its holder is dead
      continue;
    }
    Result<std::string> text = read_file("store", entry.path());
    if (!text) continue;
    for (std::string_view name : split(text.value(), '\n'))
      if (!name.empty()) names.emplace_back(name);
  }
  return names;
}

}  // namespace ninefold::env
