// In: a checkpoint's prefix. Out: its tensors, each checked against its checksum.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <map>
#include <unordered_set>

#include "base/check.h"
#include "base/fd.h"
#include "base/hash.h"
#include "ninefold/io.h"
#include "train/io/bundle_entry.h"
#include "train/io/sorted_table.h"

namespace ninefold {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are stored in the memory's order");

using io::BundleEntry;
using io::SliceExtent;

constexpr const char* kOperation = "checkpoint";

struct Shard {
  Fd file;
  std::uint64_t size = 0;
  std::string path;
};

// The width of the numbers that a machine of the other byte order stores reversed.
std::size_t swap_width(DType d) { return is_complex(d) ? size_of(d) / 2 : size_of(d); }
void reverse_numbers(char* data, std::size_t bytes, std::size_t width) {
  for (std::size_t i = 0; width > 1 && i + width <= bytes; i += width) std::reverse(data + i, data + i + width);
}

// Where a slice begins and how long it is on each axis; all within the shape.
std::vector<SliceExtent> resolved(const std::vector<SliceExtent>& slice, const Shape& shape, const std::string& what) {
  check(static_cast<int>(slice.size()) == shape.rank(), Code::data_loss, "{}: a slice of rank {} in a tensor of shape {}",
        what, slice.size(), shape.tuple());
  std::vector<SliceExtent> out = slice;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    SliceExtent& e = out[static_cast<size_t>(axis)];
    if (e.length < 0) e = {0, shape[axis]};
    check(e.start >= 0 && e.start <= shape[axis] && e.length <= shape[axis] - e.start, Code::data_loss,
          "{}: a slice reaches beyond the shape {}", what, shape.tuple());
  }
  return out;
}

// Calls copy(from, to, count) for each row of the slice that is contiguous in both.
template <class F>
void each_row(const std::vector<SliceExtent>& slice, const Shape& shape, F&& copy) {
  const int rank = shape.rank();
  if (rank == 0) return copy(0, 0, 1);
  std::int64_t rows = 1;
  for (int axis = 0; axis + 1 < rank; ++axis) rows *= slice[static_cast<size_t>(axis)].length;
  const SliceExtent& last = slice.back();
  for (std::int64_t row = 0; row < rows && last.length > 0; ++row) {
    std::int64_t rest = row, to = last.start, stride = shape[rank - 1];
    for (int axis = rank - 2; axis >= 0; --axis) {
      const SliceExtent& e = slice[static_cast<size_t>(axis)];
      to += (e.start + rest % e.length) * stride;
      rest /= e.length;
      stride *= shape[axis];
    }
    copy(row * last.length, to, last.length);
  }
}

}  // namespace

struct BundleReader::State {
  std::string prefix;
  io::BundleHeader header;
  std::map<std::string, BundleEntry, std::less<>> entries;
  std::unordered_set<std::string> hidden;  // the entries of slices
  mutable std::map<std::int64_t, Shard> shards;

  std::string what(const std::string& name) const { return "checkpoint " + prefix + ": tensor " + name; }

  const BundleEntry& entry(const std::string& name) const {
    const auto at = entries.find(name);
    check(at != entries.end(), Code::not_found, "Key {} not found in checkpoint", name);
    return at->second;
  }

  const Shard& shard(std::int64_t number) const {
    check(number >= 0 && number < std::max<std::int64_t>(header.shards, 1), Code::data_loss,
          "checkpoint {}: an entry names shard {} of {}", prefix, number, header.shards);
    const auto at = shards.find(number);
    if (at != shards.end()) return at->second;
    Shard s;
    s.path = fmt::format("{}.data-{:05}-of-{:05}", prefix, number, header.shards);
    s.file = open_file(kOperation, s.path, O_RDONLY).value();
    struct stat status {};
    check(::fstat(s.file.get(), &status) == 0 && S_ISREG(status.st_mode), Code::data_loss, "{}: {} is no regular file",
          kOperation, s.path);
    s.size = static_cast<std::uint64_t>(status.st_size);
    return shards.emplace(number, std::move(s)).first->second;
  }

  // The bytes of an entry, which must lie within its shard; `into` has room for them.
  const Shard& within(const BundleEntry& e, const std::string& name) const {
    const Shard& s = shard(e.shard);
    check(e.offset <= s.size && e.size <= s.size - e.offset, Code::data_loss, "{}: {} ends before its bytes do ({} bytes, "
          "{} are needed); the file was cut off", what(name), s.path, s.size, e.offset + e.size);
    return s;
  }
  void bytes(const BundleEntry& e, const std::string& name, void* into) const {
    const Shard& s = within(e, name);
    for (std::uint64_t done = 0; done < e.size;) {
      const ssize_t got = ::pread(s.file.get(), static_cast<char*>(into) + done, std::min<std::uint64_t>(e.size - done, 1u << 30),
                                  static_cast<off_t>(e.offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw errno_error(errno, "checkpoint: read " + s.path);
      check(got > 0, Code::data_loss, "{}: {} was cut off while it was read", what(name), s.path);
      done += static_cast<std::uint64_t>(got);
    }
  }
  void check_crc(const BundleEntry& e, std::uint32_t crc) const {
    if (unmask_crc(e.crc) == crc) return;
    fail(Code::data_loss, "TensorBundle at {} shard {} ({} bytes): Checksum does not match: stored {} vs. calculated on "
         "the restored bytes {}", prefix, e.shard, e.size, unmask_crc(e.crc), crc);
  }

  Tensor strings(const BundleEntry& e, const std::string& name) const {
    const auto count = static_cast<std::uint64_t>(io::elements_of(e.shape, what(name)));
    const auto damaged = [&](const char* why) { fail(Code::data_loss, "{}: {}", what(name), why); };
    if (count > e.size) damaged("it has more strings than bytes");
    within(e, name);
    std::string all(e.size, '\0');
    bytes(e, name, all.data());
    std::string_view rest = all;
    std::vector<std::uint64_t> lengths(count);
    std::uint32_t crc = 0;
    for (std::uint64_t& length : lengths) {
      length = 0;
      for (int shift = 0;; shift += 7) {
        if (rest.empty() || shift > 63) damaged("the lengths of its strings are cut off");
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        length |= std::uint64_t{byte & 127u} << shift;
        if (byte < 128) break;
      }
      // The checksum is of the numbers, not of their bytes in the file: 4 or 8 bytes each.
      crc = crc32c({reinterpret_cast<const char*>(&length), length <= UINT32_MAX ? 4u : 8u}, crc);
    }
    if (rest.size() < 4) damaged("the lengths of its strings are cut off");
    std::uint32_t stored;
    std::memcpy(&stored, rest.data(), 4);
    if (header.big_endian) stored = __builtin_bswap32(stored);
    if (unmask_crc(stored) != crc) {
      fail(Code::data_loss, "{}: the checksum of its strings' lengths does not match: stored {} vs. calculated {}",
           what(name), unmask_crc(stored), crc);
    }
    crc = crc32c(rest.substr(0, 4), crc);
    rest.remove_prefix(4);
    check_crc(e, crc32c(rest, crc));
    std::vector<std::string> texts(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (lengths[i] > rest.size()) damaged("its strings are cut off");
      texts[i] = rest.substr(0, lengths[i]);
      rest.remove_prefix(lengths[i]);
    }
    return Tensor::of_strings(e.shape, std::move(texts));
  }

  Tensor whole(const BundleEntry& e, const std::string& name) const {
    if (e.dtype == DType::string) return strings(e, name);
    check(is_plain(e.dtype), Code::unimplemented, "{}: it holds values of dtype {}, as TensorFlow's iterators save their "
          "state; only TensorFlow itself reads them", what(name), name_of(e.dtype));
    const std::uint64_t size = static_cast<std::uint64_t>(io::elements_of(e.shape, what(name))) * size_of(e.dtype);
    check(size == e.size, Code::data_loss, "{}: {} bytes are stored, its shape {} needs {}", what(name), e.size,
          e.shape.tuple(), size);
    within(e, name);   // before memory is asked for
    Tensor t = Tensor::empty(e.dtype, e.shape);
    auto* data = static_cast<char*>(t.writable());
    bytes(e, name, data);
    check_crc(e, crc32c({data, size}));
    if (header.big_endian) reverse_numbers(data, size, swap_width(e.dtype));
    if (e.dtype == DType::boolean) {
      for (std::uint64_t i = 0; i < size; ++i) data[i] = data[i] != 0;   // any other byte is no bool
    }
    return t;
  }

  Tensor joined(const BundleEntry& e, const std::string& name) const {
    const std::string about = what(name);
    const std::int64_t size = io::elements_of(e.shape, about);
    const bool text = e.dtype == DType::string;
    check(text || is_plain(e.dtype), Code::data_loss, "{}: slices of dtype {}", about, name_of(e.dtype));
    // Every element must come from somewhere: so no more memory is asked for than the files hold.
    std::uint64_t stored = 0;
    for (const auto& slice : e.slices) {
      const BundleEntry& part = entry(io::slice_key(name, slice));
      check(part.dtype == e.dtype && part.slices.empty(), Code::data_loss, "{}: its slices do not fit together", about);
      within(part, name);
      std::int64_t count = 1;
      for (const SliceExtent& extent : resolved(slice, e.shape, about)) count *= extent.length;
      check(count == io::elements_of(part.shape, about), Code::data_loss, "{}: a slice has the shape {}", about,
            part.shape.tuple());
      stored += static_cast<std::uint64_t>(count);
    }
    check(stored == static_cast<std::uint64_t>(size), Code::data_loss, "{}: its slices hold {} of {} elements", about,
          stored, size);
    const std::size_t width = text ? 0 : size_of(e.dtype);
    Tensor out = text ? Tensor() : Tensor::empty(e.dtype, e.shape);
    if (!text && out.bytes() > 0) std::memset(out.writable(), 0, out.bytes());
    std::vector<std::string> texts(text ? static_cast<size_t>(size) : 0);
    for (const auto& slice : e.slices) {
      const Tensor part = whole(entry(io::slice_key(name, slice)), name);
      each_row(resolved(slice, e.shape, about), e.shape, [&](std::int64_t from, std::int64_t to, std::int64_t count) {
        if (text) {
          std::copy_n(part.as<std::string>() + from, count, texts.begin() + to);
        } else {
          std::memcpy(static_cast<char*>(out.writable()) + static_cast<size_t>(to) * width,
                      static_cast<const char*>(part.data()) + static_cast<size_t>(from) * width,
                      static_cast<size_t>(count) * width);
        }
      });
    }
    return text ? Tensor::of_strings(e.shape, std::move(texts)) : out;
  }
};

BundleReader::BundleReader(const std::string& prefix) : state_(std::make_unique<State>()) {
  state_->prefix = prefix;
  const std::string path = prefix + ".index";
  Result<std::string> file = read_file(kOperation, path);
  if (!file && file.error().code() == Code::not_found) {
    fail(Code::not_found, "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {}", prefix);
  }
  const io::TableEntries table = io::read_table(file.value(), path);
  check(!table.empty() && table.front().first.empty(), Code::data_loss, "checkpoint {}: it has no header; {} is another "
        "kind of file", prefix, path);
  state_->header = io::decode_header(table.front().second, "checkpoint " + prefix);
  for (std::size_t i = 1; i < table.size(); ++i) {
    state_->entries.emplace_hint(state_->entries.end(), table[i].first,
                                 io::decode_entry(table[i].second, state_->what(table[i].first)));
  }
  for (const auto& [name, entry] : state_->entries) {
    for (const auto& slice : entry.slices) state_->hidden.insert(io::slice_key(name, slice));
  }
}
BundleReader::BundleReader(BundleReader&&) noexcept = default;
BundleReader::~BundleReader() = default;

std::vector<std::string> BundleReader::names() const {
  std::vector<std::string> out;
  for (const auto& [name, entry] : state_->entries) {
    if (!state_->hidden.contains(name)) out.push_back(name);
  }
  return out;
}
bool BundleReader::has(const std::string& name) const { return state_->entries.contains(name); }
Shape BundleReader::shape(const std::string& name) const { return state_->entry(name).shape; }
DType BundleReader::dtype(const std::string& name) const { return state_->entry(name).dtype; }
Tensor BundleReader::read(const std::string& name) const {
  const BundleEntry& e = state_->entry(name);
  return e.slices.empty() ? state_->whole(e, name) : state_->joined(e, name);
}
const std::string& BundleReader::prefix() const { return state_->prefix; }

}  // namespace ninefold
