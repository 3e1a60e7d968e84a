// In: a path. Out: bounded reads of an HDF5 file: whatever lies outside, repeats without end or claims too much is
// an error. Nothing below this reads the file otherwise. (All of train/io/hdf5: "HDF5 File Format Specification".)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/fd.h"

namespace ninefold::io::hdf5 {

constexpr std::uint64_t kNowhere = UINT64_MAX;  // the format's "undefined address"

// Deflate packs at most 1:1032. A file that wants to become more than that of what it has is a bomb.
constexpr std::uint64_t kBestRatio = 1032;

class Source {
 public:
  // Raises OSError for a file that is missing, cut off or of another kind. `operation` begins every message.
  Source(std::string operation, std::string path);

  // A structure, which must lie in the file. Each byte of a sound file belongs to one thing and is wanted once, so all
  // that is read may be a few times the file and no more.
  std::string read(std::uint64_t address, std::uint64_t size, const char* what);
  // The same, straight to where it belongs.
  void read_into(std::uint64_t address, std::uint64_t size, char* into, const char* what);
  // Whether [address, address + size) lies in the file.
  bool holds(std::uint64_t address, std::uint64_t size) const;
  // What reads do not count, in bytes: names that are copied out of a heap.
  void charge(std::uint64_t bytes);
  // Memory that contents are about to take; how much of it no byte of the file tells, as nobody wrote it.
  void charge_contents(std::uint64_t bytes, const std::string& name);
  void charge_unwritten(std::uint64_t bytes, const std::string& name);

  template <class... A>
  [[noreturn]] void damaged(fmt::format_string<A...> form, A&&... args) const {
    fail(Code::os, "{}: {} is damaged: {}", operation_, path_, fmt::format(form, std::forward<A>(args)...));
  }
  template <class... A>
  [[noreturn]] void unsupported(fmt::format_string<A...> form, A&&... args) const {
    fail(Code::not_implemented, "{}: {}: {}", operation_, path_, fmt::format(form, std::forward<A>(args)...));
  }

  const std::string& operation() const { return operation_; }
  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  int address_bytes() const { return address_bytes_; }
  int length_bytes() const { return length_bytes_; }
  // Where the superblock says that the root group and its own extension are.
  std::uint64_t root() const { return root_; }
  std::uint64_t extension() const { return extension_; }

 private:
  void read_superblock();
  std::string operation_, path_;
  Fd file_;
  std::uint64_t size_ = 0, base_ = 0, left_ = 0, contents_left_ = 0, unwritten_left_ = 0;
  std::uint64_t root_ = kNowhere, extension_ = kNowhere;
  int address_bytes_ = 8, length_bytes_ = 8;
};

// "a tree", "an attribute": for messages.
std::string with_article(const char* what);

// Reads one structure from its front; what it does not have is an error that names it.
class Cursor {
 public:
  Cursor(const Source& source, std::string_view bytes, const char* what) : source_(&source), left_(bytes), what_(what) {}
  std::uint64_t number(int bytes);  // little-endian; 0 bytes are 0
  int byte() { return static_cast<int>(number(1)); }
  std::uint64_t address();
  std::uint64_t length() { return number(source_->length_bytes()); }
  std::string_view take(std::uint64_t bytes);
  void skip(std::uint64_t bytes) { (void)take(bytes); }
  void mark(std::string_view expected);  // a structure's four letters
  void version(int expected);
  std::uint64_t left() const { return left_.size(); }
  std::string_view rest() const { return left_; }

 private:
  const Source* source_;
  std::string_view left_;
  const char* what_;
};

// The checksum of newer structures: Bob Jenkins' lookup3, of all bytes but the last four, which hold it.
void verify(const Source& source, std::string_view with_checksum, const char* what);
std::uint32_t lookup3(std::string_view bytes);
// The least number of bytes that can hold numbers up to this one.
int bytes_for(std::uint64_t most);

}  // namespace ninefold::io::hdf5
