// In: a path, addresses in the file. Out: bytes of it, counted; the superblock's facts.
#include "train/io/hdf5/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <utility>

#include "base/memory.h"

namespace ninefold::io::hdf5 {
namespace {

constexpr std::string_view kSignature("\x89HDF\r\n\x1a\n", 8);
constexpr std::uint64_t kTimes = 8, kLeast = 1 << 20;  // how much of a file may be read
constexpr std::uint64_t kPerRead = 32;                 // what a read costs besides its bytes
constexpr std::uint64_t kUnwrittenTimes = 16, kLeastUnwritten = 64 << 20;

std::uint32_t turned(std::uint32_t x, int by) { return std::rotl(x, by); }

}  // namespace

std::uint32_t lookup3(std::string_view bytes) {
  std::uint32_t a = 0xdeadbeefu + static_cast<std::uint32_t>(bytes.size()), b = a, c = a;
  const auto add = [&](std::string_view some) {  // up to twelve bytes, little-endian
    std::uint32_t* const words[] = {&a, &b, &c};
    for (std::size_t i = 0; i < some.size(); ++i) {
      *words[i / 4] += static_cast<std::uint32_t>(static_cast<unsigned char>(some[i])) << 8 * (i % 4);
    }
  };
  for (; bytes.size() > 12; bytes.remove_prefix(12)) {
    add(bytes.substr(0, 12));
    a -= c, a ^= turned(c, 4), c += b;
    b -= a, b ^= turned(a, 6), a += c;
    c -= b, c ^= turned(b, 8), b += a;
    a -= c, a ^= turned(c, 16), c += b;
    b -= a, b ^= turned(a, 19), a += c;
    c -= b, c ^= turned(b, 4), b += a;
  }
  if (bytes.empty()) return c;
  add(bytes);
  c ^= b, c -= turned(b, 14);
  a ^= c, a -= turned(c, 11);
  b ^= a, b -= turned(a, 25);
  c ^= b, c -= turned(b, 16);
  a ^= c, a -= turned(c, 4);
  b ^= a, b -= turned(a, 14);
  c ^= b, c -= turned(b, 24);
  return c;
}

void verify(const Source& source, std::string_view with_checksum, const char* what) {
  if (with_checksum.size() < 4) source.damaged("{} is too short for its checksum", with_article(what));
  const std::string_view bytes = with_checksum.substr(0, with_checksum.size() - 4);
  if (Cursor(source, with_checksum.substr(bytes.size()), what).number(4) != lookup3(bytes)) {
    source.damaged("the checksum of {} is wrong", with_article(what));
  }
}

int bytes_for(std::uint64_t most) { return most == 0 ? 1 : (std::bit_width(most) - 1) / 8 + 1; }

std::string with_article(const char* what) {
  return (std::string_view("aeiou").find(*what) == std::string_view::npos ? "a " : "an ") + std::string(what);
}

std::string_view Cursor::take(std::uint64_t bytes) {
  if (bytes > left_.size()) source_->damaged("{} ends too early", with_article(what_));
  const std::string_view taken = left_.substr(0, bytes);
  left_.remove_prefix(bytes);
  return taken;
}

std::uint64_t Cursor::number(int bytes) {
  std::uint64_t value = 0;
  int shift = 0;
  for (const char c : take(static_cast<std::uint64_t>(bytes))) {
    if (shift < 64) value |= std::uint64_t{static_cast<unsigned char>(c)} << shift;
    shift += 8;
  }
  return value;
}

std::uint64_t Cursor::address() {
  const int bytes = source_->address_bytes();
  const std::uint64_t value = number(bytes), none = kNowhere >> 8 * (8 - bytes);
  return value == none ? kNowhere : value;
}

void Cursor::mark(std::string_view expected) {
  if (take(expected.size()) != expected) source_->damaged("there is no {} where one is named ('{}')", what_, expected);
}

void Cursor::version(int expected) {
  if (const int got = byte(); got != expected) {
    source_->unsupported("{} of version {} is not supported, only version {}; the file is newer than this program or "
                        "damaged", with_article(what_), got, expected);
  }
}

Source::Source(std::string operation, std::string path) : operation_(std::move(operation)), path_(std::move(path)) {
  Result<Fd> opened = open_file(operation_, path_, O_RDONLY);
  if (!opened) throw Error(Code::os, opened.error().message());  // what h5py raises
  file_ = std::move(opened).value();
  struct stat status {};
  check(::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode), Code::os,
        "{}: {} is no regular file; name an HDF5 file", operation_, path_);
  size_ = static_cast<std::uint64_t>(status.st_size);
  left_ = size_ * kTimes + kLeast;
  contents_left_ = (size_ + 4096) * kBestRatio;
  unwritten_left_ = size_ * kUnwrittenTimes + kLeastUnwritten;
  read_superblock();
}

bool Source::holds(std::uint64_t address, std::uint64_t size) const {
  const std::uint64_t there = size_ - base_;
  return address <= there && size <= there - address;
}

void Source::charge(std::uint64_t bytes) {
  if (bytes > left_) damaged("its structures refer to each other again and again");
  left_ -= bytes;
}

void Source::charge_contents(std::uint64_t bytes, const std::string& name) {
  if (bytes > contents_left_) {
    damaged("'{}' claims {} bytes; a file of {} cannot hold so much", name, bytes, size_);
  }
  contents_left_ -= bytes;
  check(bytes < kMuchMemory || bytes <= available_memory(), Code::resource_exhausted,
        "{}: {}: '{}' needs {} bytes, more than the machine has left", operation_, path_, name, bytes);
}

void Source::charge_unwritten(std::uint64_t bytes, const std::string& name) {
  if (bytes > unwritten_left_) damaged("'{}' claims {} bytes that nobody wrote; the file has {}", name, bytes, size_);
  unwritten_left_ -= bytes;
}

void Source::read_into(std::uint64_t address, std::uint64_t size, char* into, const char* what) {
  if (!holds(address, size)) {
    damaged("{} of {} bytes at byte {} is not inside the file, which has {}", with_article(what), size, address, size_);
  }
  charge(size + kPerRead);
  std::uint64_t at = base_ + address;
  while (size > 0) {
    const ssize_t got = ::pread(file_.get(), into, size, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    check(got >= 0, Code::os, "{}: {}: reading failed (errno {}); check the disk", operation_, path_, errno);
    if (got == 0) damaged("it became shorter while it was read");
    at += static_cast<std::uint64_t>(got), into += got, size -= static_cast<std::uint64_t>(got);
  }
}

std::string Source::read(std::uint64_t address, std::uint64_t size, const char* what) {
  if (!holds(address, size)) {  // before memory is asked for
    damaged("{} of {} bytes at byte {} is not inside the file, which has {}", with_article(what), size, address, size_);
  }
  std::string bytes(size, '\0');
  read_into(address, size, bytes.data(), what);
  return bytes;
}

void Source::read_superblock() {
  const auto alien = [&](const std::string& why) {
    fail(Code::os, "{}: {} is damaged or no HDF5 file: {}", operation_, path_, why);
  };
  // A program may keep bytes of its own in front: the superblock is at 0, 512, 1024, 2048, ...
  std::uint64_t at = 0;
  for (;; at = at == 0 ? 512 : at * 2) {
    if (!holds(at, kSignature.size())) alien("it has no HDF5 signature");
    if (read(at, kSignature.size(), "superblock") == kSignature) break;
  }
  const std::string bytes = read(at, std::min<std::uint64_t>(size_ - at, 128), "superblock");
  if (bytes.size() < 48) alien("it ends within its superblock");
  Cursor in(*this, bytes, "superblock");
  in.skip(kSignature.size());
  const int version = in.byte();
  if (version > 3) unsupported("a superblock of version {} is not supported, 0 to 3 are; the file is newer than this "
                               "program or damaged", version);
  if (version < 2) in.skip(4);  // versions of free space, symbol table entry and shared messages: all 0
  address_bytes_ = in.byte(), length_bytes_ = in.byte();
  for (const int bytes_of : {address_bytes_, length_bytes_}) {
    if (bytes_of != 2 && bytes_of != 4 && bytes_of != 8) damaged("its addresses have {} bytes", bytes_of);
  }
  if (version < 2 && bytes.size() < 28u + static_cast<std::uint64_t>(6 * address_bytes_)) alien("it ends within its superblock");
  const int flags = version < 2 ? (in.skip(5), static_cast<int>(in.number(4))) : in.byte();
  if (version == 1) in.skip(4);
  const std::uint64_t base = in.address();
  if (version < 2) in.skip(static_cast<std::uint64_t>(address_bytes_));  // free space
  else extension_ = in.address();
  std::uint64_t end = in.address();
  if (version < 2) {
    in.skip(static_cast<std::uint64_t>(2 * address_bytes_));  // driver information; the root's link has no name
    root_ = in.address();
  } else {
    root_ = in.address();
    in.skip(4);
    verify(*this, std::string_view(bytes).substr(0, bytes.size() - in.left()), "superblock");
  }
  // A file that was put behind something else keeps its old numbers: all are counted from the superblock.
  if (end != kNowhere) end += at - base;
  if (end == kNowhere || end > size_) alien(fmt::format("it has {} bytes and should have {}; it was cut off", size_, end));
  if (version == 3 && (flags & 1) != 0) damaged("the program that wrote it did not close it");
  base_ = at;
}

}  // namespace ninefold::io::hdf5
