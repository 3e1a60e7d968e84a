// In: chunks as stored. Out: without filters, each row at its place in the data set.
#include "train/io/hdf5/chunks.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace ninefold::io::hdf5 {
namespace {

enum FilterId : int { kDeflate = 1, kShuffle = 2, kFletcher = 3, kSzip = 4, kNbit = 5, kScaleOffset = 6, kLzf = 32000 };
// What a filter that only checks adds to a chunk on its way.
constexpr std::uint64_t kSlack = 64;

void inflate_chunk(const Source& source, std::string& bytes, std::uint64_t most) {
  std::string out(std::min<std::uint64_t>(most, UINT32_MAX), '\0');  // zlib's numbers have 32 bits
  z_stream z{};
  if (inflateInit(&z) != Z_OK) throw std::bad_alloc();
  z.next_in = reinterpret_cast<Bytef*>(bytes.data()), z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data()), z.avail_out = static_cast<uInt>(out.size());
  const int code = inflate(&z, Z_FINISH);
  out.erase(std::min<std::size_t>(z.total_out, out.size()));
  inflateEnd(&z);
  if (code != Z_STREAM_END) source.damaged("a chunk cannot be inflated");
  bytes = std::move(out);
}

// LibLZF's format: a number below 32 tells of bytes as they are, others of a length and how far back to copy from.
void expand_lzf(const Source& source, std::string& bytes, std::uint64_t most) {
  std::string out;
  Cursor in(source, bytes, "chunk");
  while (in.left() > 0) {
    const std::uint64_t head = in.number(1);
    if (head < 32) {
      out += in.take(head + 1);
    } else {
      const std::uint64_t size = (head >> 5 == 7 ? 7 + in.number(1) : head >> 5) + 2;
      const std::uint64_t back = ((head & 31) << 8 | in.number(1)) + 1;
      if (back > out.size()) source.damaged("a chunk cannot be expanded");
      for (std::uint64_t i = 0; i < size; ++i) out += out[out.size() - back];
    }
    if (out.size() > most) source.damaged("a chunk becomes larger than it may be");
  }
  bytes = std::move(out);
}

// The bytes of elements lie plane by plane; what is left over at the end stays.
void unshuffle(std::string& bytes, std::uint64_t element) {
  const std::uint64_t count = element > 1 ? bytes.size() / element : 0;
  if (count < 2) return;
  std::string out = bytes;
  for (std::uint64_t plane = 0; plane < element; ++plane) {
    for (std::uint64_t i = 0; i < count; ++i) out[i * element + plane] = bytes[plane * count + i];
  }
  bytes = std::move(out);
}

// Fletcher's sum of 16-bit words, first byte high; the four bytes at the end hold it.
void check_fletcher(const Source& source, std::string& bytes) {
  if (bytes.size() < 4) source.damaged("a chunk is too short for its checksum");
  const std::uint64_t told = Cursor(source, std::string_view(bytes).substr(bytes.size() - 4), "chunk").number(4);
  bytes.resize(bytes.size() - 4);
  std::uint64_t low = 0, high = 0;
  const auto fold = [](std::uint64_t x) { return (x & 0xffff) + (x >> 16); };
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u; };
    low += byte(i) << 8 | byte(i + 1), high += low;
    if (i % 720 == 718) low = fold(low), high = fold(high);
  }
  for (int i = 0; i < 4; ++i) low = fold(low), high = fold(high);
  // Early versions of the library turned the bytes of each half.
  const auto turned = [](std::uint64_t x) { return (x & 0xff) << 8 | x >> 8; };
  if (told != (high << 16 | low) && told != (turned(high) << 16 | turned(low))) source.damaged("the checksum of a chunk is wrong");
}

// Copies the part of a chunk that lies in the data set, row by row along the last dimension.
void place(const Layout& layout, const Dataspace& space, const Chunk& chunk, const std::string& bytes, char* into) {
  const std::size_t rank = layout.chunk.size();
  std::vector<std::uint64_t> extent(rank), here(rank, 0);
  for (std::size_t k = 0; k < rank; ++k) extent[k] = std::min(layout.chunk[k], space.dims[k] - chunk.at[k]);
  const std::uint64_t row = extent.back() * layout.element;
  for (;;) {
    std::uint64_t from = 0, to = 0;
    for (std::size_t k = 0; k < rank; ++k) {
      from = from * layout.chunk[k] + here[k];
      to = to * space.dims[k] + chunk.at[k] + here[k];
    }
    std::memcpy(into + to * layout.element, bytes.data() + from * layout.element, row);
    std::size_t k = rank - 1;
    while (k > 0 && ++here[k - 1] == extent[k - 1]) here[--k] = 0;
    if (k == 0) return;
  }
}

}  // namespace

std::string unfiltered(const Source& source, std::string stored, const std::vector<Filter>& filters, std::uint32_t mask,
                       std::uint64_t size) {
  std::string bytes = std::move(stored);
  for (std::size_t i = filters.size(); i-- > 0;) {
    if ((mask >> i & 1) != 0) continue;
    switch (const Filter& filter = filters[i]; filter.id) {
      case kDeflate:
      case kLzf:
        // Before memory is asked for: nothing packs better than this.
        if (size > (bytes.size() + kSlack) * kBestRatio) source.damaged("a chunk of {} bytes claims to hold {}", bytes.size(), size);
        if (filter.id == kDeflate) inflate_chunk(source, bytes, size + kSlack);
        else expand_lzf(source, bytes, size + kSlack);
        break;
      case kShuffle:
        if (filter.values.empty()) source.damaged("a filter does not tell how large elements are");
        unshuffle(bytes, filter.values[0]);
        break;
      case kFletcher: check_fletcher(source, bytes); break;
      default: {
        const char* name = filter.id == kSzip          ? "szip"
                           : filter.id == kNbit        ? "n-bit"
                           : filter.id == kScaleOffset ? "scale-offset"
                                                       : "unknown";
        source.unsupported("the filter {} ({}) is not supported; write the data with gzip, lzf or without compression",
                           filter.id, name);
      }
    }
    if (bytes.size() > size + kSlack) source.damaged("a chunk of {} bytes has {}", size, bytes.size());
  }
  if (bytes.size() != size) source.damaged("a chunk of {} bytes has {}", size, bytes.size());
  return bytes;
}

void read_chunks(Source& source, const Layout& layout, const Dataspace& space, const std::vector<Filter>& filters,
                 const std::string& name, std::string& into, const std::string& fill) {
  const std::uint64_t bytes = space.count * layout.element;  // both were checked
  std::uint64_t chunk_bytes = layout.element, written = 0;
  for (const std::uint64_t extent : layout.chunk) chunk_bytes *= extent;
  std::vector<Chunk> chunks;
  each_chunk(source, layout, space, !filters.empty(), [&](const Chunk& chunk) {
    std::uint64_t part = layout.element;
    for (std::size_t k = 0; k < chunk.at.size(); ++k) part *= std::min(layout.chunk[k], space.dims[k] - chunk.at[k]);
    written += part;
    chunks.push_back(chunk);
  });
  if (written > bytes) source.damaged("'{}' has {} bytes and chunks for {}", name, bytes, written);
  source.charge_unwritten(bytes - written, name);
  source.charge_contents(bytes, name);
  into.assign(bytes, '\0');
  if (written < bytes && fill.size() == layout.element) {
    for (std::uint64_t at = 0; at < bytes; at += fill.size()) std::memcpy(into.data() + at, fill.data(), fill.size());
  }
  std::string stored;
  for (const Chunk& chunk : chunks) {
    bool edge = false;
    for (std::size_t k = 0; k < chunk.at.size(); ++k) edge |= space.dims[k] - chunk.at[k] < layout.chunk[k];
    if (!source.holds(chunk.address, chunk.size)) {
      source.damaged("a chunk of {} bytes at byte {} is not inside the file", chunk.size, chunk.address);
    }
    stored.resize(chunk.size);
    source.read_into(chunk.address, chunk.size, stored.data(), "chunk");
    const bool packed = !filters.empty() && (layout.whole_edges || !edge);
    const std::string plain = unfiltered(source, std::move(stored), packed ? filters : std::vector<Filter>(), chunk.mask,
                                         chunk_bytes);
    place(layout, space, chunk, plain, into.data());
  }
}

}  // namespace ninefold::io::hdf5
