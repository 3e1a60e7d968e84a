// In: a tar file, perhaps a stranger's. Out: its entries; every number is checked before it is used.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/fd.h"
#include "base/hash.h"
#include "base/text.h"
#include "env/image/tar.h"

namespace ninefold::env::image {
namespace {

constexpr std::uint64_t kLargestHeader = 1 << 20;  // of a long name or a pax header
constexpr std::uint64_t kMostEntries = 10'000'000;

class Reader {
 public:
  Reader(std::string path, Fd file, std::uint64_t size) : path_(std::move(path)), file_(std::move(file)), size_(size) {}

  Result<void> run(const OnEntry& each) {
    std::uint64_t at = 0, count = 0;
    while (at + kBlock <= size_) {
      char block[kBlock];
      if (Result<void> got = read(at, block, kBlock); !got) return got;
      if (std::all_of(block, block + kBlock, [](char c) { return c == '\0'; })) return {};
      if (!checksum_holds(block)) return bad(at, "a header's checksum does not hold");
      if (++count > kMostEntries) return bad(at, "there are too many entries");
      const auto size = number(block + 124, 12);
      if (!size) return bad(at, "a size is no number");
      const std::uint64_t data = at + kBlock;
      const char type = block[156];
      std::uint64_t length = type == '1' || type == '2' || type == '3' || type == '4' || type == '5' || type == '6' ? 0 : *size;
      const bool about_next = type == 'x' || type == 'g' || type == 'L' || type == 'K';
      if (!about_next && pax_size_ && length) length = *pax_size_;
      if (length > size_ - data) return bad(at, "an entry is longer than the file");
      if (about_next) {
        if (length > kLargestHeader) return bad(at, "an extended header is too long");
        std::string text(length, '\0');
        if (Result<void> got = read(data, text.data(), length); !got) return got;
        if (type == 'L') name_ = text.substr(0, text.find('\0'));
        else if (type == 'K') link_ = text.substr(0, text.find('\0'));
        else if (type == 'x') {
          if (!pax(text)) return bad(at, "a pax record is malformed");
          if (sparse_) return Error(Code::unimplemented, fmt::format("{}: a sparse file at byte {}; images hold plain ones", path_, at));
        }
      } else {
        if (Result<void> done = entry(block, type, at, data, length, each); !done) return done;
        name_.reset(), link_.reset(), pax_size_.reset(), uid_.reset(), gid_.reset(), mtime_.reset();
        xattrs_.clear();
      }
      at = data + (length + kBlock - 1) / kBlock * kBlock;
    }
    return bad(at, "the end is missing");
  }

 private:
  Error bad(std::uint64_t at, const std::string& what) const {
    return Error(Code::data_loss, fmt::format("{}: {} at byte {}; the archive is damaged", path_, what, at));
  }

  Result<void> read(std::uint64_t at, char* into, std::size_t size) {
    for (std::size_t done = 0; done < size;) {
      const ssize_t got = ::pread(file_.get(), into + done, size - done, static_cast<off_t>(at + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_error(errno, "read " + path_);
      if (got == 0) return bad(at, "the file ends early");
      done += static_cast<std::size_t>(got);
    }
    return {};
  }

  static bool checksum_holds(const char* block) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < kBlock; ++i)
      sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(block[i]);
    const auto stored = number(block + 148, 8);
    return stored && *stored == sum;
  }

  // Octal, or GNU's base 256 for large ones.
  static std::optional<std::uint64_t> number(const char* field, std::size_t width) {
    std::uint64_t value = 0;
    if (static_cast<unsigned char>(field[0]) & 0x80) {
      for (std::size_t i = 0; i < width; ++i) {
        if (value >> 55) return std::nullopt;
        value = value << 8 | (static_cast<unsigned char>(field[i]) & (i == 0 ? 0x7f : 0xff));
      }
      return value;
    }
    std::size_t i = 0;
    while (i < width && field[i] == ' ') ++i;
    for (; i < width && field[i] != ' ' && field[i] != '\0'; ++i) {
      if (field[i] < '0' || field[i] > '7' || value >> 60) return std::nullopt;
      value = value * 8 + static_cast<unsigned>(field[i] - '0');
    }
    return value;
  }

  static std::optional<std::uint64_t> decimal(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // A time may have a fraction; whole seconds are what we keep.
    if (error != std::errc() || (end != text.data() + text.size() && *end != '.') || value >> 62) return std::nullopt;
    return value;
  }

  bool pax(std::string_view text) {
    while (!text.empty() && text[0] != '\0') {
      std::uint64_t length = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
      const std::size_t digits = static_cast<std::size_t>(end - text.data());
      if (error != std::errc() || length > text.size() || length < digits + 3 || text[digits] != ' ' || text[length - 1] != '\n')
        return false;
      const std::string_view body = text.substr(digits + 1, length - digits - 2);
      text.remove_prefix(length);
      const auto equals = body.find('=');
      if (equals == std::string_view::npos) return false;
      const std::string_view key = body.substr(0, equals), value = body.substr(equals + 1);
      if (key.substr(0, 11) == "GNU.sparse.") sparse_ = true;
      if (key == "path") name_ = value;
      else if (key == "linkpath") link_ = value;
      else if (key.substr(0, 13) == "SCHILY.xattr.") xattrs_[std::string(key.substr(13))] = value;
      else if (key == "size" || key == "uid" || key == "gid" || key == "mtime") {
        const auto given = decimal(value);
        if (!given) return key == "mtime";  // before 1970: clamped to it below
        if (key == "size") pax_size_ = given;
        else if (key == "uid") uid_ = given;
        else if (key == "gid") gid_ = given;
        else mtime_ = given;
      }
    }
    return true;
  }

  static std::string field(const char* from, std::size_t width) { return std::string(from, ::strnlen(from, width)); }

  // "./a//b/" is "a/b"; nothing for a path with "..".
  static std::optional<std::string> clean(const std::string& path) {
    std::string out;
    if (path.find('\0') != std::string::npos) return std::nullopt;
    for (std::string_view part : split(path, '/')) {
      if (part.empty() || part == ".") continue;
      if (part == ".." || part.size() > 255) return std::nullopt;
      if (!out.empty()) out += '/';
      out += part;
    }
    return out;
  }

  Result<void> entry(const char* block, char type, std::uint64_t at, std::uint64_t data, std::uint64_t length, const OnEntry& each) {
    std::string name = field(block, 100);
    if (std::memcmp(block + 257, "ustar\0", 6) == 0)
      if (const std::string prefix = field(block + 345, 155); !prefix.empty()) name = prefix + "/" + name;
    const auto path = clean(name_.value_or(name));
    if (!path || path->size() > 4000) return bad(at, "a path leaves the tree or is too long");
    Entry entry;
    switch (type) {
      case '0': case '\0': case '7': entry.kind = Kind::file; break;
      case '1': entry.kind = Kind::hardlink; break;
      case '2': entry.kind = Kind::symlink; break;
      case '3': entry.kind = Kind::character; break;
      case '4': entry.kind = Kind::block; break;
      case '5': entry.kind = Kind::folder; break;
      case '6': entry.kind = Kind::fifo; break;
      case 'S': return Error(Code::unimplemented, fmt::format("{}: {} is a sparse file; images hold plain ones", path_, *path));
      default: return bad(at, fmt::format("entry type '{}' is unknown", type));
    }
    if (type == '\0' && !name.empty() && name.back() == '/') entry.kind = Kind::folder;
    const auto mode = number(block + 100, 8), uid = number(block + 108, 8), gid = number(block + 116, 8),
               mtime = number(block + 136, 12), major = number(block + 329, 8), minor = number(block + 337, 8);
    if (!mode || !uid || !gid || !mtime) return bad(at, "a header holds no number");
    entry.mode = static_cast<std::uint32_t>(*mode & 07777);
    const std::uint64_t own = uid_.value_or(*uid), group = gid_.value_or(*gid);
    if (own > 0xfffffffe || group > 0xfffffffe) return bad(at, "an owner is no id");
    entry.uid = static_cast<std::uint32_t>(own), entry.gid = static_cast<std::uint32_t>(group);
    entry.mtime = static_cast<std::int64_t>(mtime_.value_or(*mtime));
    entry.size = entry.kind == Kind::file ? length : 0;
    entry.link = link_.value_or(field(block + 157, 100));
    if (entry.kind == Kind::hardlink) {
      const auto target = clean(entry.link);
      if (!target || target->empty()) return bad(at, "a hard link leaves the tree");
      entry.link = *target;
    } else if (entry.kind != Kind::symlink) {
      entry.link.clear();
    }
    if (entry.kind == Kind::character || entry.kind == Kind::block)
      entry.major = static_cast<std::uint32_t>(major.value_or(0)), entry.minor = static_cast<std::uint32_t>(minor.value_or(0));
    entry.xattrs = xattrs_;
    entry.source = path_;
    entry.offset = data;
    return path->empty() ? Result<void>() : each(*path, entry);
  }

  std::string path_;
  Fd file_;
  std::uint64_t size_;
  // What extended headers said of the next entry.
  std::optional<std::string> name_, link_;
  std::optional<std::uint64_t> pax_size_, uid_, gid_, mtime_;
  std::map<std::string, std::string> xattrs_;
  bool sparse_ = false;
};

}  // namespace

Result<void> read_tar(const std::string& path, const OnEntry& each) {
  Result<Fd> file = open_file("read a layer", path, O_RDONLY);
  if (!file) return file.error();
  struct stat status {};
  if (::fstat(file.value().get(), &status) != 0) return errno_error(errno, "read " + path);
  return Reader(path, std::move(file).value(), static_cast<std::uint64_t>(status.st_size)).run(each);
}

Result<Manifest> tar_manifest(const std::string& path, bool with_digests) {
  Manifest manifest;
  Result<Fd> file = open_file("read a layer", path, O_RDONLY);
  if (!file) return file.error();
  Result<void> done = read_tar(path, [&](const std::string& name, Entry& entry) -> Result<void> {
    if (with_digests && entry.kind == Kind::file) {
      Sha256 hash;
      char bytes[65536];
      for (std::uint64_t read = 0; read < entry.size;) {
        const ssize_t got = ::pread(file.value().get(), bytes, std::min<std::uint64_t>(sizeof bytes, entry.size - read),
                                    static_cast<off_t>(entry.offset + read));
        if (got <= 0) return errno_error(got < 0 ? errno : EIO, "read " + path);
        hash.update({bytes, static_cast<std::size_t>(got)});
        read += static_cast<std::uint64_t>(got);
      }
      const Sha256::Digest digest = hash.finish();
      entry.digest = to_hex(digest.data(), digest.size());
    }
    manifest[name] = std::move(entry);
    return {};
  });
  if (!done) return done.error();
  return manifest;
}

}  // namespace ninefold::env::image
