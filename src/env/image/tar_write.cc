// In: a manifest. Out: tar bytes and their digest. Nothing of the machine enters: names of owners are
// left out, numbers are octal, padding is zero.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/hash.h"
#include "env/image/tar.h"

namespace ninefold::env::image {
namespace {

constexpr std::size_t kBuffer = 1 << 20;

class Sink {
 public:
  Sink(int fd, const std::string& path) : fd_(fd), path_(path) { buffer_.reserve(kBuffer); }
  Result<void> put(std::string_view bytes) {
    total_ += bytes.size();
    while (!bytes.empty()) {
      const std::size_t piece = std::min(bytes.size(), kBuffer - buffer_.size());
      buffer_.append(bytes.substr(0, piece));
      bytes.remove_prefix(piece);
      if (buffer_.size() == kBuffer)
        if (Result<void> done = flush(); !done) return done;
    }
    return {};
  }
  Result<void> pad() {
    const std::size_t rest = total_ % kBlock;
    return rest ? put(std::string(kBlock - rest, '\0')) : Result<void>();
  }
  Result<Written> finish() {
    if (Result<void> done = put(std::string(2 * kBlock, '\0')); !done) return done.error();
    if (Result<void> done = flush(); !done) return done.error();
    const Sha256::Digest digest = hash_.finish();
    return Written{"sha256:" + to_hex(digest.data(), digest.size()), total_};
  }

 private:
  Result<void> flush() {
    hash_.update(buffer_);
    Result<void> written = write_all("write a layer", path_, fd_, buffer_);
    buffer_.clear();
    // The disk begins now, so that there is little left to wait for when the layer is synced.
    constexpr std::uint64_t kPiece = 16 << 20;
    if (total_ - begun_ >= kPiece) {
      (void)::sync_file_range(fd_, static_cast<off_t>(begun_), static_cast<off_t>(total_ - begun_), SYNC_FILE_RANGE_WRITE);
      begun_ = total_;
    }
    return written;
  }
  int fd_;
  const std::string& path_;
  std::string buffer_;
  Sha256 hash_;
  std::uint64_t total_ = 0, begun_ = 0;
};

char type_of(Kind kind) {
  switch (kind) {
    case Kind::file: return '0';
    case Kind::hardlink: return '1';
    case Kind::symlink: return '2';
    case Kind::character: return '3';
    case Kind::block: return '4';
    case Kind::folder: return '5';
    case Kind::fifo: return '6';
  }
  return '0';
}

// False if the number does not fit the field.
bool octal(char* field, std::size_t width, std::uint64_t value) {
  const std::string digits = fmt::format("{:0{}o}", value, width - 1);
  if (digits.size() > width - 1) return false;
  std::memcpy(field, digits.data(), width - 1);
  return true;
}

struct Header {
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2],
      uname[32], gname[32], major[8], minor[8], prefix[155], rest[12];
};
static_assert(sizeof(Header) == kBlock);

std::string_view bytes_of(Header& header) {
  std::memset(header.checksum, ' ', sizeof header.checksum);
  unsigned sum = 0;
  for (std::size_t i = 0; i < sizeof header; ++i) sum += reinterpret_cast<const unsigned char*>(&header)[i];
  const std::string digits = fmt::format("{:06o}", sum);
  std::memcpy(header.checksum, digits.data(), 6);
  header.checksum[6] = '\0';
  return {reinterpret_cast<const char*>(&header), sizeof header};
}

bool split_name(Header& header, const std::string& name) {
  if (name.size() <= sizeof header.name) return std::memcpy(header.name, name.data(), name.size()), true;
  for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1))
    if (slash <= sizeof header.prefix && slash > 0 && name.size() - slash - 1 <= sizeof header.name && slash + 1 < name.size()) {
      std::memcpy(header.prefix, name.data(), slash);
      std::memcpy(header.name, name.data() + slash + 1, name.size() - slash - 1);
      return true;
    }
  return false;
}

// "LENGTH key=value\n", where the length counts itself.
std::string record(const std::string& key, const std::string& value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (fmt::format("{}", length).size() + rest != length) length = fmt::format("{}", length).size() + rest;
  return fmt::format("{} {}={}\n", length, key, value);
}

Header blank() {
  Header header;
  std::memset(&header, 0, sizeof header);
  std::memcpy(header.magic, "ustar", 6);
  std::memcpy(header.version, "00", 2);
  return header;
}

Result<void> write_header(Sink& sink, const std::string& path, const Entry& entry, std::uint64_t size) {
  Header header = blank();
  std::string pax;
  const std::string name = entry.kind == Kind::folder ? path + "/" : path;
  if (!split_name(header, name)) {
    pax += record("path", name);
    std::memcpy(header.name, name.data(), sizeof header.name);
  }
  if (entry.link.size() > sizeof header.link) pax += record("linkpath", entry.link);
  std::memcpy(header.link, entry.link.data(), std::min(entry.link.size(), sizeof header.link));
  octal(header.mode, sizeof header.mode, entry.mode & 07777);
  if (!octal(header.uid, sizeof header.uid, entry.uid)) pax += record("uid", std::to_string(entry.uid));
  if (!octal(header.gid, sizeof header.gid, entry.gid)) pax += record("gid", std::to_string(entry.gid));
  if (!octal(header.size, sizeof header.size, size)) pax += record("size", std::to_string(size));
  octal(header.mtime, sizeof header.mtime, static_cast<std::uint64_t>(std::max<std::int64_t>(entry.mtime, 0)));
  octal(header.major, sizeof header.major, entry.major);
  octal(header.minor, sizeof header.minor, entry.minor);
  header.type = type_of(entry.kind);
  for (const auto& [key, value] : entry.xattrs) pax += record("SCHILY.xattr." + key, value);
  if (!pax.empty()) {
    Header extended = blank();
    std::memcpy(extended.name, "PaxHeader", 9);
    octal(extended.mode, sizeof extended.mode, 0644);
    octal(extended.uid, sizeof extended.uid, 0), octal(extended.gid, sizeof extended.gid, 0);
    octal(extended.size, sizeof extended.size, pax.size());
    octal(extended.mtime, sizeof extended.mtime, 0);
    extended.type = 'x';
    if (Result<void> done = sink.put(bytes_of(extended)); !done) return done;
    if (Result<void> done = sink.put(pax); !done) return done;
    if (Result<void> done = sink.pad(); !done) return done;
  }
  return sink.put(bytes_of(header));
}

Result<void> write_bytes(Sink& sink, const std::string& path, const Entry& entry) {
  if (entry.size == 0) return {};
  Result<Fd> file = open_file("write a layer", entry.source, O_RDONLY);
  if (!file) return file.error();
  if (entry.offset && ::lseek(file.value().get(), static_cast<off_t>(entry.offset), SEEK_SET) < 0)
    return errno_error(errno, "write a layer: read " + entry.source);
  Sha256 hash;
  char bytes[65536];
  for (std::uint64_t left = entry.size; left > 0;) {
    const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(left, sizeof bytes));
    Result<std::size_t> got = read_some("write a layer", entry.source, file.value().get(), bytes, want);
    if (!got) return got.error();
    if (got.value() < want)
      return Error(Code::aborted, fmt::format("write a layer: {} became shorter while it was read", path));
    if (!entry.digest.empty()) hash.update({bytes, want});
    if (Result<void> done = sink.put({bytes, want}); !done) return done;
    left -= want;
  }
  if (entry.digest.empty()) return {};
  const Sha256::Digest digest = hash.finish();
  if (to_hex(digest.data(), digest.size()) != entry.digest)
    return Error(Code::aborted, fmt::format("write a layer: {} changed while it was read", path));
  return {};
}

}  // namespace

Result<Written> write_tar(int fd, const std::string& path, const Manifest& manifest) {
  Sink sink(fd, path);
  // A hard link must follow its target, whose name may sort later.
  for (const bool links : {false, true})
    for (const auto& [name, entry] : manifest) {
      if ((entry.kind == Kind::hardlink) != links) continue;
      const std::uint64_t size = entry.kind == Kind::file ? entry.size : 0;
      Result<void> done = write_header(sink, name, entry, size);
      if (done && size) done = write_bytes(sink, name, entry);
      if (done) done = sink.pad();
      if (!done) return done.error();
    }
  return sink.finish();
}

}  // namespace ninefold::env::image
