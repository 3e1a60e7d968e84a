// In: where a heap is, and the name of an object in it. Out: the object's bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "train/io/hdf5/source.h"

namespace ninefold::io::hdf5 {

// The names of an old group's links, one after another.
class LocalHeap {
 public:
  LocalHeap(Source& source, std::uint64_t address);
  std::string text(std::uint64_t offset) const;  // up to its zero byte

 private:
  Source& source_;
  std::string data_;
};

// Texts of variable length. Each heap is read once and kept: all of them together are in the file.
class GlobalHeaps {
 public:
  explicit GlobalHeaps(Source& source) : source_(source) {}
  std::string_view object(std::uint64_t address, std::uint64_t index);

 private:
  struct Heap {
    std::string data;
    std::unordered_map<std::uint64_t, std::string_view> objects;
  };
  const Heap& heap(std::uint64_t address);
  Source& source_;
  std::map<std::uint64_t, Heap> heaps_;
};

// Attributes and links of newer files, where there are many of them.
class FractalHeap {
 public:
  FractalHeap(Source& source, std::uint64_t address);
  std::string object(std::string_view id);

 private:
  std::string managed(std::uint64_t offset, std::uint64_t size);
  std::string huge(Cursor id);
  std::uint64_t row_size(std::uint64_t row) const { return row == 0 ? start_ : start_ << (row - 1); }
  const std::string& block(std::uint64_t address, std::uint64_t size, bool direct, std::uint64_t offset);

  Source& source_;
  std::uint64_t address_, start_ = 0, width_ = 0, most_direct_ = 0, root_ = kNowhere, root_rows_ = 0;
  std::uint64_t huge_tree_ = kNowhere, id_size_ = 0;
  int offset_bits_ = 0, length_bytes_ = 0;
  bool checked_ = false;  // whether direct blocks have checksums
  std::map<std::uint64_t, std::string> blocks_;
  std::unordered_map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> huge_;  // where it is, how long
};

// Every record of a B-tree of version 2 in its order. `type`: what its records must be.
void each_record(Source& source, std::uint64_t address, int type, const std::function<void(Cursor)>& each);
// The same for one of two types; tells which one it is.
void each_record(Source& source, std::uint64_t address, int type, int or_type,
                 const std::function<void(Cursor, int type)>& each);

}  // namespace ninefold::io::hdf5
