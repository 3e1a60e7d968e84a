// In: TensorFlow's BundleHeaderProto and BundleEntryProto as structs. Out: their bytes; and back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ninefold/tensor.h"
#include "train/io/ordered_code.h"

namespace ninefold::io {

struct BundleHeader {
  std::int64_t shards = 1;
  bool big_endian = false;
  std::int64_t producer = 1, min_consumer = 0;
};
struct BundleEntry {
  DType dtype = DType::invalid;
  Shape shape;
  std::int64_t shard = 0;
  std::uint64_t offset = 0, size = 0;
  std::uint32_t crc = 0;  // masked
  std::vector<std::vector<SliceExtent>> slices;  // not empty: the tensor lies in entries of its slices
};

std::string encode(const BundleHeader&);
std::string encode(const BundleEntry&);
// Raise DataLossError; `what` names the message in it.
BundleHeader decode_header(std::string_view bytes, const std::string& what);
BundleEntry decode_entry(std::string_view bytes, const std::string& what);
// Elements of the shape; DataLossError for negative sizes and beyond 2^62.
std::int64_t elements_of(const Shape& shape, const std::string& what);

}  // namespace ninefold::io
