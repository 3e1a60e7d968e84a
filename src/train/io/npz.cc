// In: a zip archive of .npy files. Out: plain arrays; and back. Zip as in PKWARE's APPNOTE 6.3: the central
// directory at the end is what counts; local headers are read only for where their data begins.
#include "train/io/npz.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/hash.h"

namespace ninefold::io {
namespace {

// Little-endian numbers at an offset; an offset outside the file is a damaged file.
class Reader {
 public:
  Reader(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}
  template <class T>
  T at(std::uint64_t offset) const {
    T value;
    std::memcpy(&value, piece(offset, sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view piece(std::uint64_t offset, std::uint64_t size) const {
    check(offset <= bytes_.size() && size <= bytes_.size() - offset, Code::data_loss, "{}: the archive refers to bytes "
          "{} to {}, but has only {}; it is truncated or damaged", where_, offset, offset + size, bytes_.size());
    return bytes_.substr(offset, size);
  }
  std::string_view all() const { return bytes_; }

 private:
  std::string_view bytes_;
  const std::string& where_;
};

struct Entry {
  std::string name;
  int flags, method;
  std::uint32_t crc;
  std::uint64_t packed, size, offset;
};

// Sizes of 4 GB and more stand in the "zip64" extra field, in this order, each only where the short one is full.
void apply_zip64(std::string_view extra, Entry& entry) {
  while (extra.size() >= 4) {
    std::uint16_t id, size;
    std::memcpy(&id, extra.data(), 2);
    std::memcpy(&size, extra.data() + 2, 2);
    extra.remove_prefix(4);
    std::string_view field = extra.substr(0, std::min<std::size_t>(size, extra.size()));
    extra.remove_prefix(field.size());
    if (id != 1) continue;
    for (std::uint64_t* value : {&entry.size, &entry.packed, &entry.offset}) {
      if (*value != 0xffffffff || field.size() < 8) continue;
      std::memcpy(value, field.data(), 8);
      field.remove_prefix(8);
    }
  }
}

std::vector<Entry> directory(const Reader& file, const std::string& where) {
  check(file.all().starts_with("PK"), Code::value, "{}: this is no .npz archive: it does not begin with PK", where);
  const std::size_t end = file.all().rfind("PK\5\6");
  check(end != std::string_view::npos && file.all().size() - end >= 22, Code::data_loss,
        "{}: the archive's directory at the end is missing; the file is truncated", where);
  std::uint64_t count = file.at<std::uint16_t>(end + 10), at = file.at<std::uint32_t>(end + 16);
  if ((count == 0xffff || at == 0xffffffff) && end >= 20 && file.piece(end - 20, 4) == "PK\6\7") {
    const auto record = file.at<std::uint64_t>(end - 12);
    count = file.at<std::uint64_t>(record + 32);
    at = file.at<std::uint64_t>(record + 48);
  }
  std::vector<Entry> entries;
  for (std::uint64_t i = 0; i < count; ++i) {
    check(file.piece(at, 4) == "PK\1\2", Code::data_loss, "{}: entry {} of the archive's directory is damaged", where, i);
    const auto name = file.at<std::uint16_t>(at + 28), extra = file.at<std::uint16_t>(at + 30);
    Entry entry{std::string(file.piece(at + 46, name)), file.at<std::uint16_t>(at + 8), file.at<std::uint16_t>(at + 10),
                file.at<std::uint32_t>(at + 16), file.at<std::uint32_t>(at + 20), file.at<std::uint32_t>(at + 24),
                file.at<std::uint32_t>(at + 42)};
    apply_zip64(file.piece(at + 46 + name, extra), entry);
    at += 46 + name + extra + file.at<std::uint16_t>(at + 32);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string inflated(std::string_view packed, std::uint64_t size, const std::string& where) {
  // Deflate packs at most 1:1032, so a header that claims more lies.
  check(size <= (packed.size() + 16) * 1032, Code::data_loss, "{}: it claims {} bytes out of {}; the archive is "
        "damaged", where, size, packed.size());
  std::string bytes(size, '\0');
  z_stream stream{};
  NINEFOLD_INVARIANT(inflateInit2(&stream, -MAX_WBITS) == Z_OK);
  std::size_t read = 0, written = 0;
  int status = Z_OK;
  while (status == Z_OK) {  // zlib counts in 32 bits
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + read));
    stream.avail_in = static_cast<uInt>(std::min<std::size_t>(packed.size() - read, 1 << 30));
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data() + written);
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(size - written, 1 << 30));
    const uInt in = stream.avail_in, out = stream.avail_out;
    status = inflate(&stream, Z_NO_FLUSH);
    read += in - stream.avail_in;
    written += out - stream.avail_out;
  }
  inflateEnd(&stream);
  check(status == Z_STREAM_END && written == size, Code::data_loss, "{}: the compressed bytes are damaged: {} of {} "
        "came out", where, written, size);
  return bytes;
}

std::string deflated(const std::string& bytes) {
  z_stream stream{};
  NINEFOLD_INVARIANT(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) ==
                     Z_OK);
  std::string packed, piece(256 << 10, '\0');
  std::size_t read = 0;
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + read));
    stream.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size() - read, 1 << 30));
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const uInt in = stream.avail_in;
    status = deflate(&stream, read + in == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    read += in - stream.avail_in;
    packed.append(piece.data(), piece.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return packed;
}

template <class... T>
void put(std::string& out, T... values) {
  (out.append(reinterpret_cast<const char*>(&values), sizeof values), ...);
}

constexpr std::uint16_t kMidnight = 0, kFirstDay = 33;  // 1980-01-01, zip's oldest date: the bytes are reproducible

NpyArray read_entry(const Reader& file, const Entry& entry, const std::string& where) {
  const std::string inside = where + ": " + entry.name;
  check((entry.flags & 1) == 0, Code::unimplemented, "{}: encrypted; save the archive without a password", inside);
  check(file.piece(entry.offset, 4) == "PK\3\4", Code::data_loss, "{}: its header is damaged", inside);
  const std::uint64_t begin = entry.offset + 30 + file.at<std::uint16_t>(entry.offset + 26) +
                              file.at<std::uint16_t>(entry.offset + 28);
  const std::string_view packed = file.piece(begin, entry.packed);
  check(entry.method == 0 || entry.method == 8, Code::unimplemented, "{}: packed by method {}, expected stored (0) or "
        "deflated (8)", inside, entry.method);
  std::string unpacked;
  if (entry.method == 8) unpacked = inflated(packed, entry.size, inside);
  const std::string_view bytes = entry.method == 8 ? std::string_view(unpacked) : packed;
  check(ninefold::crc32(bytes) == entry.crc, Code::data_loss, "{}: the checksum is wrong; the archive is damaged",
        inside);
  return parse_npy(bytes, inside);
}

std::string array_name(const std::string& name) {
  return name.ends_with(".npy") ? name.substr(0, name.size() - 4) : name;
}

}  // namespace

NpzArrays parse_npz(std::string_view bytes, const std::string& where) {
  const Reader file(bytes, where);
  NpzArrays arrays;
  for (const Entry& entry : directory(file, where)) {
    arrays.emplace_back(array_name(entry.name), read_entry(file, entry, where));
  }
  return arrays;
}

NpzArrays load_npz(const std::string& path, const std::string& operation) {
  return parse_npz(read_file(operation, path).value(), operation + ": " + path);
}

NpyArray load_npz_array(const std::string& path, const std::string& name, const std::string& operation) {
  const std::string bytes = read_file(operation, path).value(), where = operation + ": " + path;
  const Reader file(bytes, where);
  std::string names;
  for (const Entry& entry : directory(file, where)) {
    if (array_name(entry.name) == name) return read_entry(file, entry, where);
    names += (names.empty() ? "'" : ", '") + array_name(entry.name) + "'";
  }
  fail(Code::key, "{}: there is no array '{}' in the archive; it holds {}", where, name,
       names.empty() ? "none" : names);
}

void save_npz(const std::string& path, const NpzArrays& arrays, bool compressed, const std::string& operation) {
  AtomicFile target = AtomicFile::create(operation, path).value();
  std::string directory;
  std::uint64_t offset = 0;
  for (const auto& [name, array] : arrays) {
    const std::string bytes = encode_npy(array), entry = name + ".npy";
    const std::string packed = compressed ? deflated(bytes) : "";
    const std::string& data = compressed ? packed : bytes;
    check(data.size() < 0xffffffff && bytes.size() < 0xffffffff && offset < 0xffffffff && entry.size() < 0xffff,
          Code::unimplemented, "{}: {}: archives of 4 GB and more cannot be written; save '{}' with save_npy", operation,
          path, name);
    std::string common;  // what the local header and the directory share
    put(common, std::uint16_t{20}, std::uint16_t{0x800}, std::uint16_t(compressed ? 8 : 0), kMidnight, kFirstDay,
        ninefold::crc32(bytes), std::uint32_t(data.size()), std::uint32_t(bytes.size()), std::uint16_t(entry.size()),
        std::uint16_t{0});
    target.write("PK\3\4" + common + entry).value();
    target.write(data).value();
    directory += "PK\1\2";
    put(directory, std::uint16_t{20});
    directory += common;
    put(directory, std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{0}, std::uint32_t{0}, std::uint32_t(offset));
    directory += entry;
    offset += 30 + entry.size() + data.size();
  }
  check(arrays.size() < 0xffff && offset < 0xffffffff, Code::unimplemented, "{}: {}: the archive is too large", operation,
        path);
  std::string end = "PK\5\6";
  put(end, std::uint16_t{0}, std::uint16_t{0}, std::uint16_t(arrays.size()), std::uint16_t(arrays.size()),
      std::uint32_t(directory.size()), std::uint32_t(offset), std::uint16_t{0});
  target.write(directory + end).value();
  target.commit().value();
}

}  // namespace ninefold::io
