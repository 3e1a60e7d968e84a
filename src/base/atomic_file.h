// In: bytes, in pieces. Out: a file that is whole or was never there; the old one survives every failure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/fd.h"

namespace ninefold {

// Writes beside the target, then fsync, rename, fsync of the folder. Dropped without commit(), or after a
// failure, it leaves nothing behind. A symbolic link keeps pointing where it did; the mode is the old file's.
class AtomicFile {
 public:
  static Result<AtomicFile> create(const std::string& operation, const std::string& path);
  AtomicFile(AtomicFile&& other) noexcept
      : operation_(std::move(other.operation_)), path_(std::move(other.path_)),
        temporary_(std::exchange(other.temporary_, {})), file_(std::move(other.file_)) {}
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  Result<void> write(std::string_view bytes);
  Result<void> commit();

 private:
  AtomicFile() = default;
  std::string operation_, path_;
  std::string temporary_;  // empty once the file is in its place
  Fd file_;
};

Result<void> write_atomically(const std::string& operation, const std::string& path, std::string_view bytes);

}  // namespace ninefold
