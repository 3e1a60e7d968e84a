// In: a path. Out: an open descriptor that closes itself; whole-file reads; typed errors with the path.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace ninefold {

// Owns one descriptor. -1 is "none".
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) noexcept : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { close(); }

  int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }
  int release() noexcept { return std::exchange(number_, -1); }
  // Returns errno, 0 when all went well: a network file system reports a failed write only here.
  int close() noexcept;

 private:
  int number_ = -1;
};

// Always close-on-exec. `operation` opens every message: "load_weights: open x.h5: no such file ...".
Result<Fd> open_file(const std::string& operation, const std::string& path, int flags, unsigned mode = 0666);
Result<void> write_all(const std::string& operation, const std::string& path, int fd, std::string_view bytes);
// Reads up to `size` bytes; fewer only at the end of the file.
Result<std::size_t> read_some(const std::string& operation, const std::string& path, int fd, void* into,
                              std::size_t size);
Result<std::string> read_file(const std::string& operation, const std::string& path);
// Makes the folder and its parents; one that exists is no error.
Result<void> make_folders(const std::string& operation, const std::string& path);

}  // namespace ninefold
