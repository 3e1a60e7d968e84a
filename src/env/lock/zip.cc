// In: bytes. Out: zip archives, as far as wheels need them (no encryption, no zip64).
#include "env/lock/zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <cstdint>

#include "base/hash.h"

namespace ninefold::env {
namespace {

constexpr std::uint32_t kLargest = 512u << 20;  // of a member

void number(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

std::uint32_t number(std::string_view from, std::size_t at, int bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= static_cast<std::uint32_t>(static_cast<unsigned char>(from[at + static_cast<std::size_t>(i)])) << (8 * i);
  return value;
}

// Fields that the local and the central header share.
void common(std::string& out, const std::string& name, const std::string& bytes) {
  number(out, 20, 2), number(out, 0x800, 2), number(out, 0, 2);  // version, UTF-8 names, stored
  number(out, 0, 2), number(out, 0x21, 2);                       // 1980-01-01 00:00
  number(out, crc32(bytes), 4), number(out, static_cast<std::uint32_t>(bytes.size()), 4);
  number(out, static_cast<std::uint32_t>(bytes.size()), 4), number(out, static_cast<std::uint32_t>(name.size()), 2);
  number(out, 0, 2);
}

Error bad(const char* what) { return Error(Code::data_loss, std::string("zip: ") + what + "; the archive is damaged"); }

}  // namespace

std::string write_zip(const std::map<std::string, std::string>& files) {
  std::string out, central;
  for (const auto& [name, bytes] : files) {
    number(central, 0x02014b50, 4), number(central, 0x0314, 2);
    common(central, name, bytes);
    number(central, 0, 2), number(central, 0, 2), number(central, 0, 2);
    number(central, (0100644u << 16), 4), number(central, static_cast<std::uint32_t>(out.size()), 4);
    central += name;
    number(out, 0x04034b50, 4);
    common(out, name, bytes);
    out += name + bytes;
  }
  const auto start = static_cast<std::uint32_t>(out.size()), count = static_cast<std::uint32_t>(files.size());
  out += central;
  number(out, 0x06054b50, 4), number(out, 0, 4), number(out, count, 2), number(out, count, 2);
  number(out, static_cast<std::uint32_t>(central.size()), 4), number(out, start, 4), number(out, 0, 2);
  return out;
}

Result<std::string> read_zip_member(std::string_view archive, std::string_view ends_with) {
  if (archive.size() < 22) return bad("it is too short");
  std::size_t end = archive.size() - 22;
  const std::size_t least = end > 65535 ? end - 65535 : 0;
  while (number(archive, end, 4) != 0x06054b50)
    if (end-- == least) return bad("its directory is missing");
  std::size_t at = number(archive, end + 16, 4);
  for (std::uint32_t left = number(archive, end + 10, 2); left > 0; --left) {
    if (at + 46 > archive.size() || number(archive, at, 4) != 0x02014b50) return bad("its directory is malformed");
    const std::uint32_t method = number(archive, at + 10, 2), crc = number(archive, at + 16, 4), packed = number(archive, at + 20, 4),
                        size = number(archive, at + 24, 4), name_size = number(archive, at + 28, 2),
                        extra = number(archive, at + 30, 2) + number(archive, at + 32, 2), local = number(archive, at + 42, 4);
    if (at + 46 + name_size > archive.size()) return bad("a name is malformed");
    const std::string_view name = archive.substr(at + 46, name_size);
    at += 46 + name_size + extra;
    if (name.size() < ends_with.size() || name.substr(name.size() - ends_with.size()) != ends_with) continue;
    if (static_cast<std::size_t>(local) + 30 > archive.size()) return bad("a member is missing");
    const std::size_t data = static_cast<std::size_t>(local) + 30 + number(archive, local + 26, 2) + number(archive, local + 28, 2);
    if (data + packed > archive.size() || size > kLargest) return bad("a member is too long");
    std::string bytes(size, '\0');
    if (method == 0 && packed == size) {
      bytes = archive.substr(data, size);
    } else if (method == 8) {
      z_stream stream{};
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(archive.data() + data));
      stream.avail_in = packed;
      stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
      stream.avail_out = size;
      if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) return bad("it cannot be unpacked");
      const int status = ::inflate(&stream, Z_FINISH);
      ::inflateEnd(&stream);
      if (status != Z_STREAM_END || stream.total_out != size) return bad("a member cannot be unpacked");
    } else {
      return bad("a member has an unknown compression");
    }
    if (crc32(bytes) != crc) return bad("a member's checksum does not hold");
    return bytes;
  }
  return Error(Code::not_found, fmt::format("zip: no member ends with {}", ends_with));
}

}  // namespace ninefold::env
