// In: the header of a B-tree of version 2. Out: its records, in order; as many as the header says.
#include <vector>

#include "train/io/hdf5/heaps.h"

namespace ninefold::io::hdf5 {
namespace {

constexpr const char* kWhat = "tree";
constexpr std::uint64_t kNodeHead = 10;  // letters, version, type and checksum

// What a node of some depth can hold, which says how wide the numbers in it are.
struct Level {
  std::uint64_t records = 0;  // in one node
  std::uint64_t below = 0;    // in it and all nodes below
  int below_bytes = 0;        // to tell that number
};

class Walk {
 public:
  Walk(Source& source, std::uint64_t address, int type, int or_type, const std::function<void(Cursor, int)>& each)
      : source_(source), each_(each) {
    const auto lengths = static_cast<std::uint64_t>(source.length_bytes());
    const std::string head = source.read(address, 22 + static_cast<std::uint64_t>(source.address_bytes()) + lengths, kWhat);
    verify(source, head, kWhat);
    Cursor in(source, head, kWhat);
    in.mark("BTHD");
    in.version(0);
    type_ = in.byte();
    if (type_ != type && type_ != or_type) source.damaged("a tree is of type {}, expected {}", type_, type);
    node_size_ = in.number(4), record_ = in.number(2);
    const std::uint64_t depth = in.number(2);
    in.skip(2);
    const std::uint64_t root = in.address(), in_root = in.number(2);
    left_ = in.length();
    if (record_ == 0 || node_size_ < kNodeHead + record_ || depth > 16) source.damaged("a tree has impossible sizes");
    levels_.push_back({(node_size_ - kNodeHead) / record_, (node_size_ - kNodeHead) / record_, 0});
    in_leaf_bytes_ = bytes_for(levels_[0].records);
    for (std::uint64_t i = 1; i <= depth; ++i) {
      const std::uint64_t pointer = pointer_size(i);
      if (node_size_ < kNodeHead + 2 * pointer + record_) source.damaged("a tree has impossible sizes");
      Level level;
      level.records = (node_size_ - kNodeHead - pointer) / (record_ + pointer);
      if (__builtin_mul_overflow(level.records + 1, levels_.back().below, &level.below) ||
          __builtin_add_overflow(level.below, level.records, &level.below)) {
        source.damaged("a tree of depth {} has impossible sizes", depth);
      }
      level.below_bytes = bytes_for(level.below);
      levels_.push_back(level);
    }
    if (root == kNowhere && left_ == 0) return;
    node(root, in_root, depth);
    if (left_ != 0) source.damaged("a tree has {} records less than it says", left_);
  }

 private:
  std::uint64_t pointer_size(std::uint64_t depth) const {
    return static_cast<std::uint64_t>(source_.address_bytes() + in_leaf_bytes_ + levels_[depth - 1].below_bytes);
  }
  void record(std::string_view bytes) {
    if (left_-- == 0) source_.damaged("a tree has more records than it says");
    each_(Cursor(source_, bytes, "record of a tree"), type_);
  }
  void node(std::uint64_t address, std::uint64_t records, std::uint64_t depth) {
    if (records > levels_[depth].records) source_.damaged("a node of a tree has {} records", records);
    const std::uint64_t pointer = depth == 0 ? 0 : pointer_size(depth);
    const std::uint64_t size = kNodeHead + records * record_ + (depth == 0 ? 0 : (records + 1) * pointer);
    const std::string bytes = source_.read(address, size, kWhat);
    verify(source_, bytes, kWhat);
    Cursor in(source_, bytes, kWhat);
    in.mark(depth == 0 ? "BTLF" : "BTIN");
    in.version(0);
    if (in.byte() != type_) source_.damaged("a node of a tree is of another type");
    const std::string_view all = in.take(records * record_);
    for (std::uint64_t i = 0; i <= records; ++i) {
      if (depth > 0) {
        const std::uint64_t child = in.address(), in_child = in.number(in_leaf_bytes_);
        in.skip(static_cast<std::uint64_t>(levels_[depth - 1].below_bytes));
        node(child, in_child, depth - 1);
      }
      if (i < records) record(all.substr(i * record_, record_));
    }
  }

  Source& source_;
  const std::function<void(Cursor, int)>& each_;
  std::vector<Level> levels_;
  std::uint64_t node_size_ = 0, record_ = 0, left_ = 0;
  int type_ = 0, in_leaf_bytes_ = 1;
};

}  // namespace

void each_record(Source& source, std::uint64_t address, int type, int or_type,
                 const std::function<void(Cursor, int)>& each) {
  const Walk walk(source, address, type, or_type, each);
}

void each_record(Source& source, std::uint64_t address, int type, const std::function<void(Cursor)>& each) {
  each_record(source, address, type, type, [&](Cursor record, int) { each(record); });
}

}  // namespace ninefold::io::hdf5
