// In: headers and entries of a checkpoint's index. Out: their bytes (tensorflow/core/protobuf/tensor_bundle.proto).
#include "train/io/bundle_entry.h"

#include <cstring>

#include "base/check.h"
#include "ninefold/example.h"

namespace ninefold::io {
namespace {

using wire::Fields;

void put_number(std::string& into, std::uint32_t field, std::uint64_t v) {
  if (v == 0) return;
  wire::append_varint(into, field << 3);
  wire::append_varint(into, v);
}

void finished(const Fields& f, const std::string& what) {
  check(f.good(), Code::data_loss, "{}: the message is damaged", what);
}

std::vector<SliceExtent> decode_slice(std::string_view bytes, const std::string& what) {
  std::vector<SliceExtent> out;
  Fields f(bytes);
  while (f.next()) {
    if (f.number() != 1 || f.type() != 2) continue;
    SliceExtent extent;
    Fields e(f.bytes());
    while (e.next()) {
      if (e.number() == 1 && e.type() == 0) extent.start = static_cast<std::int64_t>(e.integer());
      if (e.number() == 2 && e.type() == 0) extent.length = static_cast<std::int64_t>(e.integer());
    }
    finished(e, what);
    out.push_back(extent);
  }
  finished(f, what);
  return out;
}

Shape decode_shape(std::string_view bytes, const std::string& what) {
  std::vector<std::int64_t> dims;
  bool unknown = false;
  Fields f(bytes);
  while (f.next()) {
    if (f.number() == 3 && f.type() == 0) unknown = f.integer() != 0;
    if (f.number() != 2 || f.type() != 2) continue;
    std::int64_t size = 0;
    Fields d(f.bytes());
    while (d.next()) {
      if (d.number() == 1 && d.type() == 0) size = static_cast<std::int64_t>(d.integer());
    }
    finished(d, what);
    dims.push_back(size);
  }
  finished(f, what);
  check(!unknown && dims.size() <= 254, Code::data_loss, "{}: its shape is not valid", what);
  return Shape(dims);
}

}  // namespace

std::string encode(const BundleHeader& h) {
  std::string version, out;
  put_number(version, 1, static_cast<std::uint64_t>(h.producer));
  put_number(version, 2, static_cast<std::uint64_t>(h.min_consumer));
  put_number(out, 1, static_cast<std::uint64_t>(h.shards));
  put_number(out, 2, h.big_endian);
  wire::append_bytes(out, 3, version);
  return out;
}

std::string encode(const BundleEntry& e) {
  std::string shape, out;
  for (std::int64_t d : e.shape) {
    std::string dim;
    put_number(dim, 1, static_cast<std::uint64_t>(d));
    wire::append_bytes(shape, 2, dim);
  }
  put_number(out, 1, static_cast<std::uint64_t>(e.dtype));
  wire::append_bytes(out, 2, shape);
  put_number(out, 3, static_cast<std::uint64_t>(e.shard));
  put_number(out, 4, e.offset);
  put_number(out, 5, e.size);
  if (e.crc != 0) {
    wire::append_varint(out, 6 << 3 | 5);
    out.append(reinterpret_cast<const char*>(&e.crc), 4);
  }
  return out;
}

BundleHeader decode_header(std::string_view bytes, const std::string& what) {
  BundleHeader h{.shards = 0, .producer = 0};
  Fields f(bytes);
  while (f.next()) {
    if (f.number() == 1 && f.type() == 0) h.shards = static_cast<std::int64_t>(f.integer());
    if (f.number() == 2 && f.type() == 0) h.big_endian = f.integer() == 1;
    if (f.number() != 3 || f.type() != 2) continue;
    Fields v(f.bytes());
    while (v.next()) {
      if (v.number() == 1 && v.type() == 0) h.producer = static_cast<std::int64_t>(v.integer());
      if (v.number() == 2 && v.type() == 0) h.min_consumer = static_cast<std::int64_t>(v.integer());
    }
    finished(v, what);
  }
  finished(f, what);
  check(h.shards >= 0 && h.shards < 100000, Code::data_loss, "{}: it claims {} shards", what, h.shards);
  check(h.min_consumer <= 1, Code::failed_precondition, "{}: the checkpoint's format is newer than what this version reads "
        "(it asks for at least version {}, this is 1)", what, h.min_consumer);
  return h;
}

BundleEntry decode_entry(std::string_view bytes, const std::string& what) {
  BundleEntry e;
  Fields f(bytes);
  while (f.next()) {
    const bool number = f.type() == 0;
    if (f.number() == 1 && number) {
      check(f.integer() > 0 && f.integer() < kDTypes, Code::data_loss, "{}: {} is no dtype", what, f.integer());
      e.dtype = static_cast<DType>(f.integer());
    } else if (f.number() == 2 && f.type() == 2) {
      e.shape = decode_shape(f.bytes(), what);
    } else if (f.number() == 3 && number) {
      e.shard = static_cast<std::int64_t>(f.integer());
    } else if (f.number() == 4 && number) {
      e.offset = f.integer();
    } else if (f.number() == 5 && number) {
      e.size = f.integer();
    } else if (f.number() == 6 && f.type() == 5) {
      e.crc = static_cast<std::uint32_t>(f.integer());
    } else if (f.number() == 7 && f.type() == 2) {
      e.slices.push_back(decode_slice(f.bytes(), what));
    }
  }
  finished(f, what);
  check(e.dtype != DType::invalid, Code::data_loss, "{}: it has no dtype", what);
  elements_of(e.shape, what);
  return e;
}

std::int64_t elements_of(const Shape& shape, const std::string& what) {
  std::int64_t n = 1;
  bool empty = false;
  for (std::int64_t d : shape) {
    check(d >= 0, Code::data_loss, "{}: its shape {} is not valid", what, shape.tuple());
    empty |= d == 0;
    check(d == 0 || n <= (std::int64_t{1} << 58) / d, Code::data_loss, "{}: its shape {} is too large", what, shape.tuple());
    n *= d == 0 ? 1 : d;
  }
  return empty ? 0 : n;
}

}  // namespace ninefold::io
