// In: two directories on one file system. Out: each has the other's name, at once.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/check.h"
#include "ninefold/saved_model.h"

namespace ninefold {

void exchange_directories(const std::string& finished, const std::string& target) {
  if (::renameat2(AT_FDCWD, finished.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) return;
  // Some file systems cannot exchange: for a moment the target is not there, and whole beside it.
  if (errno == EINVAL || errno == ENOSYS) {
    const std::string aside = finished + ".old";
    if (::rename(target.c_str(), aside.c_str()) == 0) {
      if (::rename(finished.c_str(), target.c_str()) == 0) return;
      const int reason = errno;
      (void)::rename(aside.c_str(), target.c_str());
      errno = reason;
    }
  }
  fail(Code::os, "cannot put {} in the place of {}: {}", finished, target, std::strerror(errno));
}

}  // namespace ninefold
