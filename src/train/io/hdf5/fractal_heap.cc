// In: a fractal heap's header, an object's ID. Out: the object. Blocks of a heap double in size from row to row; small
// ones hold objects ("direct"), large ones are tables of blocks ("indirect"); what is larger than a block lies outside.
#include <algorithm>
#include <bit>

#include "train/io/hdf5/heaps.h"

namespace ninefold::io::hdf5 {
namespace {

constexpr const char* kWhat = "heap of links or attributes";
std::uint64_t bits_of(std::uint64_t power) { return static_cast<std::uint64_t>(std::bit_width(power)) - 1; }

}  // namespace

FractalHeap::FractalHeap(Source& source, std::uint64_t address) : source_(source), address_(address) {
  const auto addresses = static_cast<std::uint64_t>(source.address_bytes());
  const auto lengths = static_cast<std::uint64_t>(source.length_bytes());
  const std::string head = source.read(address, 26 + 12 * lengths + 3 * addresses, kWhat);
  verify(source, head, kWhat);
  Cursor in(source, head, kWhat);
  in.mark("FRHP");
  in.version(0);
  id_size_ = in.number(2);
  if (in.number(2) != 0) source.unsupported("compressed heaps of attributes are not supported; write it with h5py's defaults");
  checked_ = (in.byte() & 2) != 0;
  const std::uint64_t most = in.number(4);
  in.skip(lengths);
  huge_tree_ = in.address();
  in.skip(lengths + addresses + 8 * lengths);  // free space; how much there is of each kind
  width_ = in.number(2);
  start_ = in.length(), most_direct_ = in.length();
  offset_bits_ = static_cast<int>(in.number(2));
  in.skip(2);
  root_ = in.address();
  root_rows_ = in.number(2);
  const bool sound = std::has_single_bit(width_) && std::has_single_bit(start_) && std::has_single_bit(most_direct_) &&
                     start_ <= most_direct_ && most_direct_ <= (1u << 30) && width_ <= 1024 && most > 0 &&
                     offset_bits_ >= 1 && offset_bits_ <= 64 &&
                     bits_of(most_direct_) < static_cast<std::uint64_t>(offset_bits_) && root_rows_ <= 64;
  if (!sound) source.damaged("a {} has impossible sizes", kWhat);
  length_bytes_ = std::min<int>(static_cast<int>(bits_of(most_direct_) + 7) / 8, bytes_for(most));
}

const std::string& FractalHeap::block(std::uint64_t address, std::uint64_t size, bool direct, std::uint64_t offset) {
  const auto known = blocks_.find(address);
  if (known != blocks_.end()) {
    if (known->second.size() != size) source_.damaged("a block of a {} is used twice", kWhat);
    return known->second;
  }
  std::string bytes = source_.read(address, size, kWhat);
  Cursor in(source_, bytes, kWhat);
  in.mark(direct ? "FHDB" : "FHIB");
  in.version(0);
  const int width = (offset_bits_ + 7) / 8;
  if (in.address() != address_ || in.number(width) != offset) source_.damaged("a block belongs to another {}", kWhat);
  if (!direct) {
    verify(source_, bytes, kWhat);
  } else if (checked_) {  // computed with zeros where it stands
    const std::size_t at = bytes.size() - in.left();
    const std::uint64_t told = in.number(4);
    std::string cleared = bytes;
    std::fill_n(cleared.begin() + static_cast<std::ptrdiff_t>(at), 4, '\0');
    if (lookup3(cleared) != told) source_.damaged("the checksum of a {} is wrong", kWhat);
  }
  return blocks_[address] = std::move(bytes);
}

std::string FractalHeap::managed(std::uint64_t offset, std::uint64_t size) {
  const auto addresses = static_cast<std::uint64_t>(source_.address_bytes());
  const std::uint64_t head = 5 + addresses + static_cast<std::uint64_t>(offset_bits_ + 7) / 8;  // of any block
  const std::uint64_t direct_rows = bits_of(most_direct_) - bits_of(start_) + 2;
  std::uint64_t address = root_, rows = root_rows_, begin = 0;  // begin: where the block is in the heap
  std::uint64_t block_size = start_;  // of a direct root
  while (rows > 0) {  // an indirect block: find the entry that holds the offset
    const std::uint64_t direct = std::min(rows, direct_rows), indirect = rows - direct;
    const std::string& table = block(address, head + (direct + indirect) * width_ * addresses + 4, false, begin);
    std::uint64_t row = 0, row_begin = begin;
    for (; row < rows; ++row) {
      const std::uint64_t all = row_size(row) * width_;
      if (all >> bits_of(width_) != row_size(row) || offset < row_begin) source_.damaged("a {} is larger than it may be", kWhat);
      if (offset - row_begin < all) break;
      row_begin += all;
    }
    if (row == rows) source_.damaged("an object is at byte {} of a {}, outside of its blocks", offset, kWhat);
    const std::uint64_t column = (offset - row_begin) / row_size(row);
    block_size = row_size(row);
    begin = row_begin + column * block_size;
    Cursor in(source_, std::string_view(table).substr(head + (row * width_ + column) * addresses), kWhat);
    address = in.address();
    const std::uint64_t before = rows;
    // An indirect block spans block_size with rows of its own, the first of which is width_ * start_.
    rows = row < direct_rows ? 0 : bits_of(block_size) - bits_of(start_ * width_) + 1;
    if (rows >= before) source_.damaged("a {} has a block in itself", kWhat);
  }
  if (block_size > most_direct_) source_.damaged("a {} has a block that is too large", kWhat);
  const std::string& bytes = block(address, block_size, true, begin);
  const std::uint64_t at = offset - begin;
  if (at < head || at > bytes.size() || size > bytes.size() - at) source_.damaged("an object is not inside its {}", kWhat);
  source_.charge(size);
  return bytes.substr(at, size);
}

std::string FractalHeap::huge(Cursor in) {
  const auto addresses = static_cast<std::uint64_t>(source_.address_bytes());
  const auto lengths = static_cast<std::uint64_t>(source_.length_bytes());
  if (id_size_ > addresses + lengths) {  // the ID says where
    const std::uint64_t address = in.address();
    return source_.read(address, in.length(), kWhat);
  }
  if (huge_.empty()) {
    if (huge_tree_ == kNowhere) source_.damaged("a {} has no large objects", kWhat);
    each_record(source_, huge_tree_, 1, [&](Cursor record) {
      const std::uint64_t address = record.address(), size = record.length();
      huge_[record.length()] = {address, size};
    });
  }
  const auto found = huge_.find(in.number(static_cast<int>(std::min(lengths, id_size_ - 1))));
  if (found == huge_.end()) source_.damaged("a {} does not have an object that is named", kWhat);
  return source_.read(found->second.first, found->second.second, kWhat);
}

std::string FractalHeap::object(std::string_view id) {
  Cursor in(source_, id, "name of an object in a heap");
  const int head = in.byte();
  if (head >> 6 != 0) source_.damaged("an object in a {} has a name of version {}", kWhat, head >> 6);
  switch (head >> 4 & 3) {
    case 0: {
      const std::uint64_t offset = in.number((offset_bits_ + 7) / 8);
      return managed(offset, in.number(length_bytes_));
    }
    case 1: return huge(in);
    case 2: {  // the ID is the object
      const bool extended = id_size_ > 17;
      const std::uint64_t size = static_cast<std::uint64_t>(head & 15);
      return std::string(in.take((extended ? size << 8 | in.number(1) : size) + 1));
    }
    default: source_.damaged("an object in a {} is of kind 3", kWhat);
  }
}

}  // namespace ninefold::io::hdf5
