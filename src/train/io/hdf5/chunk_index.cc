// In: one of six kinds of index. Out: where each chunk is. Kinds: a B-tree of version 1; a single chunk; chunks one
// after another; a fixed array; an extensible array; a B-tree of version 2.
#include <algorithm>
#include <bit>

#include "train/io/hdf5/chunks.h"
#include "train/io/hdf5/heaps.h"

namespace ninefold::io::hdf5 {
namespace {

using Each = std::function<void(const Chunk&)>;

class Index {
 public:
  Index(Source& source, const Layout& layout, const Dataspace& space, bool filtered, const Each& each)
      : source_(source), layout_(layout), space_(space), filtered_(filtered), each_(each), rank_(layout.chunk.size()) {
    chunk_bytes_ = layout.element;
    for (const std::uint64_t extent : layout.chunk) chunk_bytes_ *= extent;  // at most 4 GB: check_chunk
  }

  void walk() {
    switch (layout_.index) {
      case Layout::tree1: return tree(layout_.address, -1);
      case Layout::single: return found({layout_.address, layout_.single_size == kNowhere ? chunk_bytes_ : layout_.single_size,
                                         layout_.single_mask, std::vector<std::uint64_t>(rank_, 0)});
      case Layout::implicit: return implicit();
      case Layout::fixed_array: return fixed_array();
      case Layout::extensible_array: return extensible_array();
      case Layout::tree2: return tree2();
    }
  }

 private:
  // Chunks of trees come in order, so that each place comes once.
  void in_order(const Chunk& chunk) {
    if (!last_.empty() && !std::lexicographical_compare(last_.begin(), last_.end(), chunk.at.begin(), chunk.at.end())) {
      source_.damaged("chunks of a data set are not in order");
    }
    last_ = chunk.at;
    found(chunk);
  }
  void found(const Chunk& chunk) {
    for (std::size_t i = 0; i < rank_; ++i) {
      if (chunk.at[i] % layout_.chunk[i] != 0) source_.damaged("a chunk begins inside another one");
      if (chunk.at[i] >= space_.dims[i]) return;  // left over from before the data set shrank
    }
    if (chunk.address == kNowhere) return;
    if (!filtered_ && chunk.size != chunk_bytes_) {
      source_.damaged("a chunk of {} bytes has {}", chunk_bytes_, chunk.size);
    }
    each_(chunk);
  }

  void tree(std::uint64_t address, int level) {
    constexpr const char* kWhat = "tree of chunks";
    const auto addresses = static_cast<std::uint64_t>(source_.address_bytes()), head = 8 + 2 * addresses;
    std::string bytes = source_.read(address, head, kWhat);
    Cursor in(source_, bytes, kWhat);
    in.mark("TREE");
    const int type = in.byte(), here = in.byte();
    const std::uint64_t entries = in.number(2), key = 8 + 8 * (rank_ + 1);
    if (type != 1 || (level >= 0 && here != level)) source_.damaged("a {} has a node of another kind or level", kWhat);
    bytes = source_.read(address + head, entries * (key + addresses), kWhat);
    in = Cursor(source_, bytes, kWhat);
    for (std::uint64_t i = 0; i < entries; ++i) {
      Chunk chunk;
      chunk.size = in.number(4);
      chunk.mask = static_cast<std::uint32_t>(in.number(4));
      for (std::size_t k = 0; k < rank_; ++k) chunk.at.push_back(in.number(8));
      in.skip(8);
      chunk.address = in.address();
      if (here == 0) in_order(chunk);
      else tree(chunk.address, here - 1);
    }
  }

  // The numbering of chunks along the extents that a data set may grow to; `first`: the dimension that goes in front.
  Chunk numbered(std::uint64_t index, std::size_t first = 0) const {
    Chunk chunk;
    chunk.at.resize(rank_);
    for (std::size_t k = rank_; k-- > 0;) {
      const std::size_t dim = k == 0 ? first : k <= first ? k - 1 : k;
      const std::uint64_t most = space_.most[dim];
      const std::uint64_t count = k == 0 || most == kNowhere ? kNowhere : (most - 1) / layout_.chunk[dim] + 1;
      const std::uint64_t place = index % count;
      index /= count;
      if (__builtin_mul_overflow(place, layout_.chunk[dim], &chunk.at[dim])) {  // outside, like all that is large
        chunk.at[dim] = kNowhere / layout_.chunk[dim] * layout_.chunk[dim];
      }
    }
    return chunk;
  }

  void implicit() {
    if (layout_.address == kNowhere) return;
    std::uint64_t all = 1;
    for (std::size_t k = 0; k < rank_; ++k) {
      if (__builtin_mul_overflow(all, (space_.most[k] - 1) / layout_.chunk[k] + 1, &all)) all = kNowhere;
    }
    if (all > source_.size() / chunk_bytes_) source_.damaged("{} chunks of {} bytes are not inside the file", all, chunk_bytes_);
    for (std::uint64_t i = 0; i < all; ++i) {
      Chunk chunk = numbered(i);
      chunk.address = layout_.address + i * chunk_bytes_, chunk.size = chunk_bytes_;
      found(chunk);
    }
  }

  // An entry of an array: where a chunk is, and if filtered how large and how.
  void entry(Cursor& in, std::uint64_t entry_size, std::uint64_t index, std::size_t first) {
    Chunk chunk = numbered(index, first);
    chunk.address = in.address(), chunk.size = chunk_bytes_;
    if (filtered_) {
      chunk.size = in.number(static_cast<int>(entry_size - 4) - source_.address_bytes());
      chunk.mask = static_cast<std::uint32_t>(in.number(4));
    }
    found(chunk);
  }
  void check_entries(int client, std::uint64_t entry_size) const {
    const auto addresses = static_cast<std::uint64_t>(source_.address_bytes());
    const bool sound = client == (filtered_ ? 1 : 0) &&
                       (filtered_ ? entry_size > addresses + 4 && entry_size <= addresses + 12 : entry_size == addresses);
    if (!sound) source_.damaged("an array of chunks has entries of {} bytes", entry_size);
  }

  void fixed_array() {
    constexpr const char* kWhat = "array of chunks";
    const auto addresses = static_cast<std::uint64_t>(source_.address_bytes());
    const auto lengths = static_cast<std::uint64_t>(source_.length_bytes());
    const std::string head = source_.read(layout_.address, 12 + lengths + addresses, kWhat);
    verify(source_, head, kWhat);
    Cursor in(source_, head, kWhat);
    in.mark("FAHD");
    in.version(0);
    const int client = in.byte();
    const std::uint64_t size = in.number(1), page_bits = in.number(1), entries = in.length(), block = in.address();
    check_entries(client, size);
    if (page_bits > 32) source_.damaged("an {} has pages of 2^{} entries", kWhat, page_bits);
    if (block == kNowhere) return;
    if (entries > source_.size()) source_.damaged("an {} has {} entries", kWhat, entries);
    const std::uint64_t page = std::uint64_t{1} << page_bits, pages = entries > page ? (entries + page - 1) / page : 0;
    const std::uint64_t prefix = 6 + addresses + (pages + 7) / 8 + (pages > 0 ? 4 : 0);
    const std::string bytes = source_.read(block, prefix + (pages > 0 ? 0 : entries * size + 4), kWhat);
    verify(source_, bytes, kWhat);
    in = Cursor(source_, bytes, kWhat);
    in.mark("FADB");
    in.version(0);
    if (in.byte() != client || in.address() != layout_.address) source_.damaged("an {} has the block of another one", kWhat);
    if (pages == 0) {
      for (std::uint64_t i = 0; i < entries; ++i) entry(in, size, i, 0);
      return;
    }
    const std::string_view written = in.take((pages + 7) / 8);  // a bit a page, from the highest
    for (std::uint64_t p = 0; p < pages; ++p) {
      if ((written[p / 8] >> (7 - p % 8) & 1) == 0) continue;
      const std::uint64_t some = std::min(page, entries - p * page);
      const std::string text = source_.read(block + prefix + p * (page * size + 4), some * size + 4, kWhat);
      verify(source_, text, kWhat);
      Cursor on(source_, text, kWhat);
      for (std::uint64_t i = 0; i < some; ++i) entry(on, size, p * page + i, 0);
    }
  }

  void extensible_array();

  void tree2() {
    const auto addresses = static_cast<std::uint64_t>(source_.address_bytes());
    each_record(source_, layout_.address, filtered_ ? 11 : 10, [&](Cursor in) {
      const std::uint64_t size = in.left();
      Chunk chunk;
      chunk.address = in.address(), chunk.size = chunk_bytes_;
      if (filtered_) {
        const std::uint64_t others = addresses + 4 + 8 * rank_;
        if (size <= others || size > others + 8) source_.damaged("a tree of chunks has records of {} bytes", size);
        chunk.size = in.number(static_cast<int>(size - others));
        chunk.mask = static_cast<std::uint32_t>(in.number(4));
      }
      for (std::size_t k = 0; k < rank_; ++k) {
        std::uint64_t place = in.number(8);
        if (__builtin_mul_overflow(place, layout_.chunk[k], &place)) source_.damaged("a chunk lies too far out");
        chunk.at.push_back(place);
      }
      in_order(chunk);
    });
  }

  Source& source_;
  const Layout& layout_;
  const Dataspace& space_;
  bool filtered_;
  const Each& each_;
  std::size_t rank_;
  std::uint64_t chunk_bytes_;
  std::vector<std::uint64_t> last_;
};

// Entries in blocks that grow: some in the index block, then data blocks that it names, then data blocks that super
// blocks name. Block number u (of all of one size) has 2^(u/2) data blocks of 2^((u+1)/2) times the least number.
void Index::extensible_array() {
  constexpr const char* kWhat = "array of chunks";
  const auto addresses = static_cast<std::uint64_t>(source_.address_bytes());
  const auto lengths = static_cast<std::uint64_t>(source_.length_bytes());
  const std::string head = source_.read(layout_.address, 16 + 6 * lengths + addresses, kWhat);
  verify(source_, head, kWhat);
  Cursor in(source_, head, kWhat);
  in.mark("EAHD");
  in.version(0);
  const int client = in.byte();
  const std::uint64_t size = in.number(1), bits = in.number(1), in_index = in.number(1), least = in.number(1);
  const std::uint64_t least_pointers = in.number(1), page_bits = in.number(1);
  in.skip(4 * lengths);
  const std::uint64_t entries = in.length();  // one more than the highest that was set
  in.skip(lengths);
  const std::uint64_t index_block = in.address();
  check_entries(client, size);
  const bool sound = bits >= 1 && bits <= 64 && std::has_single_bit(least) && std::has_single_bit(least_pointers) &&
                     least_pointers >= 2 && page_bits <= 32 && static_cast<std::uint64_t>(std::bit_width(least) - 1) < bits;
  if (!sound) source_.damaged("an {} has impossible sizes", kWhat);
  if (index_block == kNowhere) return;
  std::size_t first = 0;  // the dimension without limit is numbered slowest
  for (std::size_t k = 0; k < rank_; ++k) {
    if (space_.most[k] == kNowhere) first = k;
  }

  const std::uint64_t groups = 1 + bits - static_cast<std::uint64_t>(std::bit_width(least) - 1);
  const std::uint64_t direct = 2 * (static_cast<std::uint64_t>(std::bit_width(least_pointers)) - 1);  // no super block
  const std::uint64_t named = 2 * (least_pointers - 1), supers = groups > direct ? groups - direct : 0;
  const std::string index =
      source_.read(index_block, 6 + addresses + in_index * size + (named + supers) * addresses + 4, kWhat);
  verify(source_, index, kWhat);
  in = Cursor(source_, index, kWhat);
  const auto opened = [&](Cursor& block, const char* mark) {
    block.mark(mark);
    block.version(0);
    if (block.byte() != client || block.address() != layout_.address) source_.damaged("an {} has the block of another one", kWhat);
  };
  opened(in, "EAIB");
  std::uint64_t next = 0;
  for (; next < in_index; ++next) entry(in, size, next, first);

  const std::uint64_t offset_bytes = (bits + 7) / 8, page = std::uint64_t{1} << page_bits;
  // `written`: for a block of pages, which of them are there.
  const auto data_block = [&](std::uint64_t address, std::uint64_t begin, std::uint64_t count, std::string_view written) {
    if (address == kNowhere) return;
    const std::uint64_t prefix = 6 + addresses + offset_bytes, pages = count > page ? count / page : 0;
    if (count > source_.size()) source_.damaged("an {} has {} entries", kWhat, count);
    const std::string bytes = source_.read(address, prefix + (pages > 0 ? 0 : count * size) + 4, kWhat);
    verify(source_, bytes, kWhat);
    Cursor block(source_, bytes, kWhat);
    opened(block, "EADB");
    block.skip(offset_bytes);
    for (std::uint64_t i = 0; pages == 0 && i < count; ++i) entry(block, size, begin + i, first);
    for (std::uint64_t p = 0; p < pages; ++p) {
      if (p / 8 >= written.size()) source_.damaged("an {} has pages that nobody tells of", kWhat);
      if ((written[p / 8] >> (7 - p % 8) & 1) == 0) continue;
      const std::string text = source_.read(address + prefix + 4 + p * (page * size + 4), page * size + 4, kWhat);
      verify(source_, text, kWhat);
      Cursor on(source_, text, kWhat);
      for (std::uint64_t i = 0; i < page; ++i) entry(on, size, begin + p * page + i, first);
    }
  };
  std::string_view names = in.take(named * addresses), super_names = in.take(supers * addresses);
  Cursor data_names(source_, names, kWhat), super_blocks(source_, super_names, kWhat);
  for (std::uint64_t u = 0; u < groups && next < entries; ++u) {
    const std::uint64_t blocks = std::uint64_t{1} << u / 2, each = (std::uint64_t{1} << (u + 1) / 2) * least;
    if (u < direct) {
      for (std::uint64_t i = 0; i < blocks; ++i, next += each) data_block(data_names.address(), next, each, {});
      continue;
    }
    const std::uint64_t address = super_blocks.address();
    if (address == kNowhere) {
      next += blocks * each;
      continue;
    }
    const std::uint64_t pages = each > page ? each / page : 0, map = (pages + 7) / 8;
    if (blocks > source_.size() / std::max<std::uint64_t>(map, 1)) source_.damaged("an {} has {} blocks", kWhat, blocks);
    const std::string bytes =
        source_.read(address, 6 + addresses + offset_bytes + blocks * (map + addresses) + 4, kWhat);
    verify(source_, bytes, kWhat);
    Cursor super(source_, bytes, kWhat);
    opened(super, "EASB");
    super.skip(offset_bytes);
    const std::string_view written = super.take(blocks * map);
    for (std::uint64_t i = 0; i < blocks; ++i, next += each) {
      data_block(super.address(), next, each, written.substr(i * map, map));
    }
  }
}

}  // namespace

void each_chunk(Source& source, const Layout& layout, const Dataspace& space, bool filtered, const Each& each) {
  if (layout.address == kNowhere || space.count == 0) return;
  Index(source, layout, space, filtered, each).walk();
}

}  // namespace ninefold::io::hdf5
