// In: tensors by name. Out: a checkpoint's files, whole, over what was there.
//
// Two files cannot be renamed at once, and the index of one save must never meet the data of another. The rename of
// the index is the moment of the change, so the data that it names must lie under a name that the old index does not
// use. TensorFlow's name for the data of one shard is fixed: where the old index uses it, the new data are first the
// shard 0 "of-00002", and take the usual name, by a link, once the new index is there.
#include <unistd.h>

#include <algorithm>


#include "base/atomic_file.h"
#include "base/check.h"
#include "base/hash.h"
#include "ninefold/example.h"
#include "ninefold/io.h"
#include "train/io/bundle_entry.h"
#include "train/io/sorted_table.h"

namespace ninefold {
namespace {

constexpr const char* kOperation = "checkpoint";

std::string shard_path(const std::string& prefix, std::int64_t shard, std::int64_t of) {
  return fmt::format("{}.data-{:05}-of-{:05}", prefix, shard, of);
}

// The number of shards of the checkpoint that is there; 0 if there is none that can be read.
std::int64_t shards_of(const std::string& prefix) {
  const std::string path = prefix + ".index";
  const Result<std::string> file = read_file(kOperation, path);
  if (!file) return 0;
  try {
    const io::TableEntries table = io::read_table(file.value(), path);
    if (!table.empty() && table.front().first.empty()) return io::decode_header(table.front().second, path).shards;
  } catch (const Error&) {   // damaged: nothing to keep
  }
  return 0;
}

// Lengths, their checksum, then the texts. The checksum runs over the lengths as numbers of 4 or 8 bytes.
std::string string_bytes(const Tensor& t, std::uint32_t& crc) {
  const auto* texts = t.as<std::string>();
  std::string out;
  for (std::int64_t i = 0; i < t.size(); ++i) {
    const std::uint64_t length = texts[i].size();
    wire::append_varint(out, length);
    crc = crc32c({reinterpret_cast<const char*>(&length), length <= UINT32_MAX ? 4u : 8u}, crc);
  }
  const std::uint32_t masked = mask_crc(crc);
  const std::string_view of_lengths(reinterpret_cast<const char*>(&masked), 4);
  out += of_lengths;
  crc = crc32c(of_lengths, crc);
  for (std::int64_t i = 0; i < t.size(); ++i) {
    out += texts[i];
    crc = crc32c(texts[i], crc);
  }
  return out;
}

}  // namespace

BundleWriter::BundleWriter(std::string prefix) : prefix_(std::move(prefix)) {
  check(!prefix_.empty() && prefix_.back() != '/', Code::invalid_argument, "checkpoint: '{}' names no file; give a prefix "
        "such as 'folder/ckpt'", prefix_);
}

void BundleWriter::add(const std::string& name, const Tensor& value) {
  check(!name.empty(), Code::invalid_argument, "checkpoint: a tensor has no name");
  check(value.dtype() == DType::string || is_plain(value.dtype()), Code::invalid_argument,
        "checkpoint: tensor {} has dtype {}, which is no data; save what it stands for", name, name_of(value.dtype()));
  check(!value.symbolic(), Code::invalid_argument, "checkpoint: tensor {} is symbolic; save outside of a tf.function", name);
  check(names_.insert(name).second, Code::invalid_argument,
        "Adding duplicate key to checkpoint: {}; each tensor needs a name of its own", name);
  tensors_.emplace_back(name, value);
}

void BundleWriter::finish() {
  const std::size_t slash = prefix_.rfind('/');
  if (slash != std::string::npos && slash > 0) make_folders(kOperation, prefix_.substr(0, slash)).value();

  std::vector<std::pair<std::string, io::BundleEntry>> entries;
  const auto write_data = [&](const std::string& path) {
    entries.clear();
    AtomicFile file = std::move(AtomicFile::create(kOperation, path).value());
    std::uint64_t offset = 0;
    for (const auto& [name, t] : tensors_) {   // as they were added: the index alone is sorted
      io::BundleEntry e;
      e.dtype = t.dtype(), e.shape = t.shape(), e.offset = offset;
      std::uint32_t crc = 0;
      if (t.dtype() == DType::string) {
        const std::string bytes = string_bytes(t, crc);
        e.size = bytes.size();
        file.write(bytes).value();
      } else {
        const std::string_view bytes(static_cast<const char*>(t.data()), t.bytes());
        crc = crc32c(bytes);
        e.size = bytes.size();
        file.write(bytes).value();
      }
      e.crc = mask_crc(crc);
      offset += e.size;
      entries.emplace_back(name, std::move(e));
    }
    file.commit().value();
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  };
  const auto write_index = [&](std::int64_t shards) {
    io::TableEntries table = {{"", io::encode(io::BundleHeader{.shards = shards})}};
    for (const auto& [name, e] : entries) table.emplace_back(name, io::encode(e));
    write_atomically(kOperation, prefix_ + ".index", io::table_bytes(table)).value();
  };

  const std::int64_t before = shards_of(prefix_);
  const std::string usual = shard_path(prefix_, 0, 1);
  if (before != 1) {
    write_data(usual);
    write_index(1);
    for (std::int64_t i = 0; i < before; ++i) ::unlink(shard_path(prefix_, i, before).c_str());
    return;
  }
  const std::string aside = shard_path(prefix_, 0, 2);
  write_data(aside);
  write_index(2);
  // From here on the new checkpoint is there; what follows gives its data their usual name.
  const std::string linked = usual + ".tmp";
  ::unlink(linked.c_str());
  if (::link(aside.c_str(), linked.c_str()) != 0 || ::rename(linked.c_str(), usual.c_str()) != 0) {
    ::unlink(linked.c_str());
    write_data(usual);   // a file system without links: the same bytes once more
  }
  write_index(1);
  ::unlink(aside.c_str());
}

}  // namespace ninefold
