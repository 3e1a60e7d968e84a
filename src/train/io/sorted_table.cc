// In: keys and values. Out: a sorted table's bytes; and back.
#include "train/io/sorted_table.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/hash.h"
#include "ninefold/example.h"
#include "train/io/snappy.h"

namespace ninefold::io {
namespace {

constexpr std::size_t kFooter = 48, kTrailer = 5, kBlockSize = 262144;
constexpr std::uint64_t kMagic = 0xdb4775248b80fb57ull;

std::uint32_t fixed32(std::string_view at) {
  std::uint32_t v;
  std::memcpy(&v, at.data(), 4);
  return v;
}
void put_fixed32(std::string& into, std::uint32_t v) { into.append(reinterpret_cast<const char*>(&v), 4); }

// ---- writing -------------------------------------------------------------------------------------------------

class Block {
 public:
  explicit Block(int interval) : interval_(interval) {}
  void add(std::string_view key, std::string_view value) {
    std::size_t shared = 0;
    if (count_ < interval_) {
      while (shared < std::min(last_.size(), key.size()) && last_[shared] == key[shared]) ++shared;
    } else {
      restarts_.push_back(static_cast<std::uint32_t>(bytes_.size()));
      count_ = 0;
    }
    wire::append_varint(bytes_, shared);
    wire::append_varint(bytes_, key.size() - shared);
    wire::append_varint(bytes_, value.size());
    bytes_.append(key.substr(shared)).append(value);
    last_ = key;
    ++count_;
  }
  std::size_t size() const { return bytes_.size() + 4 * restarts_.size() + 4; }
  bool empty() const { return bytes_.empty(); }
  std::string finish() {
    for (std::uint32_t r : restarts_) put_fixed32(bytes_, r);
    put_fixed32(bytes_, static_cast<std::uint32_t>(restarts_.size()));
    std::string out = std::move(bytes_);
    *this = Block(interval_);
    return out;
  }

 private:
  int interval_, count_ = 0;
  std::string bytes_, last_;
  std::vector<std::uint32_t> restarts_ = {0};
};

// Adds a block with its trailer; returns its handle.
std::string append_block(std::string& table, const std::string& block) {
  std::string handle;
  wire::append_varint(handle, table.size());
  wire::append_varint(handle, block.size());
  table.append(block).push_back('\0');  // 0: not compressed
  put_fixed32(table, mask_crc(crc32c({"\0", 1}, crc32c(block))));
  return handle;
}

// Short keys that part two blocks: at least the last one, below the next.
std::string between(std::string last, const std::string& next) {
  std::size_t i = 0;
  while (i < std::min(last.size(), next.size()) && last[i] == next[i]) ++i;
  if (i >= std::min(last.size(), next.size())) return last;
  const auto byte = static_cast<unsigned char>(last[i]);
  if (byte == 255 || byte + 1 >= static_cast<unsigned char>(next[i])) return last;
  last.resize(i + 1);
  last[i] = static_cast<char>(byte + 1);
  return last;
}
std::string above(std::string last) {
  for (std::size_t i = 0; i < last.size(); ++i) {
    if (static_cast<unsigned char>(last[i]) == 255) continue;
    last[i] = static_cast<char>(last[i] + 1);
    last.resize(i + 1);
    break;
  }
  return last;
}

// ---- reading -------------------------------------------------------------------------------------------------

class Reader {
 public:
  Reader(std::string_view bytes, const std::string& path) : bytes_(bytes), path_(path) {}

  TableEntries read() {
    if (bytes_.size() < kFooter) damaged("file is too short to be an sstable");
    std::string_view footer = bytes_.substr(bytes_.size() - kFooter);
    std::uint64_t magic;
    std::memcpy(&magic, footer.data() + 40, 8);
    if (magic != kMagic) {
      damaged("not an sstable (bad magic number): perhaps your file is in a different file format and you need to use a "
              "different restore operator?");
    }
    footer = footer.substr(0, 40);
    block(footer);  // of further blocks: nobody writes any
    TableEntries out;
    std::uint64_t total = 0;
    for (const auto& [key, handle] : entries(block(footer))) {
      std::string_view at = handle;
      const std::string content = block(at);
      // A handle may be named again and again: what is read stays within what the file can hold.
      total += content.size();
      if (total > 64 * bytes_.size()) damaged("its blocks overlap");
      TableEntries some = entries(content);
      std::move(some.begin(), some.end(), std::back_inserter(out));
    }
    for (std::size_t i = 1; i < out.size(); ++i) {
      if (out[i - 1].first >= out[i].first) damaged("its keys are not in order");
    }
    return out;
  }

 private:
  [[noreturn]] void damaged(const std::string& what) const {
    fail(Code::data_loss, "Unable to open table file {}: DATA_LOSS: {}", path_, what);
  }
  std::uint64_t number(std::string_view& from) const {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (from.empty()) break;
      const auto byte = static_cast<unsigned char>(from.front());
      from.remove_prefix(1);
      v |= std::uint64_t{byte & 127u} << shift;
      if (byte < 128) return v;
    }
    damaged("bad block handle");
  }
  std::string block(std::string_view& handle) const {
    const std::uint64_t offset = number(handle), size = number(handle);
    if (offset > bytes_.size() || size > bytes_.size() - offset || bytes_.size() - offset - size < kTrailer) {
      damaged("truncated block read");
    }
    const std::string_view content = bytes_.substr(offset, size);
    const std::string_view trailer = bytes_.substr(offset + size, kTrailer);
    if (unmask_crc(fixed32(trailer.substr(1))) != crc32c(trailer.substr(0, 1), crc32c(content))) {
      damaged("block checksum mismatch");
    }
    if (trailer[0] == 0) return std::string(content);
    if (trailer[0] != 1) damaged("bad block type");
    std::optional<std::string> plain = unsnappy(content);
    if (!plain) damaged("corrupted compressed block contents");
    return std::move(*plain);
  }
  TableEntries entries(const std::string& content) const {
    if (content.size() < 4) damaged("bad block contents");
    const std::uint64_t restarts = fixed32(std::string_view(content).substr(content.size() - 4));
    if (restarts > (content.size() - 4) / 4) damaged("bad block contents");
    std::string_view rest = std::string_view(content).substr(0, content.size() - 4 - 4 * restarts);
    TableEntries out;
    std::string key;
    std::uint64_t total = 0;
    while (!rest.empty()) {
      const std::uint64_t shared = number(rest), own = number(rest), value = number(rest);
      if (shared > key.size() || own > rest.size() || value > rest.size() - own) damaged("bad entry in block");
      key.resize(shared);
      key.append(rest.substr(0, own));
      // Shared keys repeat what was read once; a forged block must not turn kilobytes into gigabytes. An honest one
      // writes every sixteenth key in full.
      total += key.size();
      if (total > 64 * content.size()) damaged("its keys are too long");
      out.emplace_back(key, rest.substr(own, value));
      rest.remove_prefix(own + value);
    }
    return out;
  }
  std::string_view bytes_;
  const std::string& path_;
};

}  // namespace

std::string table_bytes(const TableEntries& entries) {
  std::string table;
  Block data(16), index(1);
  std::string waiting;  // the handle of a full block whose key is not decided yet
  const std::string* last = nullptr;
  for (const auto& [key, value] : entries) {
    NINEFOLD_INVARIANT(!last || *last < key);
    if (!waiting.empty()) {
      index.add(between(*last, key), waiting);
      waiting.clear();
    }
    data.add(key, value);
    last = &key;
    if (data.size() >= kBlockSize) waiting = append_block(table, data.finish());
  }
  if (!data.empty()) waiting = append_block(table, data.finish());
  std::string footer = append_block(table, Block(16).finish());
  if (!waiting.empty()) index.add(above(*last), waiting);
  footer += append_block(table, index.finish());
  footer.resize(40, '\0');
  footer.append(reinterpret_cast<const char*>(&kMagic), 8);
  return table + footer;
}

TableEntries read_table(std::string_view bytes, const std::string& path) { return Reader(bytes, path).read(); }

}  // namespace ninefold::io
