// In: bodies of messages. Out: what they say of data: type, extent, place, filters, filling.
#include <algorithm>

#include "train/io/hdf5/object.h"

namespace ninefold::io::hdf5 {
namespace {

constexpr std::uint64_t kMostRank = 32;  // as in the library

constexpr const char* kClasses[] = {"an integer", "a float", "a time", "a string", "a bit field", "an opaque type",
                                    "a compound", "a reference", "an enumeration", "a list of variable length",
                                    "an array", "a complex number"};

// The integer of that size, TensorFlow's number; 0: there is none.
int integer_of(std::uint64_t size, bool sign) {
  switch (size) {
    case 1: return sign ? 6 : 4;
    case 2: return sign ? 5 : 17;
    case 4: return sign ? 3 : 22;
    case 8: return sign ? 9 : 23;
    default: return 0;
  }
}

// IEEE's formats: where the fields lie, from the lowest bit.
struct Float {
  std::uint64_t size, exponent_at, exponent_bits, mantissa_bits, bias;
  int dtype;
};
constexpr Float kFloats[] = {{2, 10, 5, 10, 15, 19}, {4, 23, 8, 23, 127, 1}, {8, 52, 11, 52, 1023, 2}};

std::uint64_t product(const Source& source, const std::vector<std::uint64_t>& dims, std::uint64_t of = 1) {
  for (const std::uint64_t dim : dims) {
    if (dim == 0) return 0;
  }
  for (const std::uint64_t dim : dims) {
    if (__builtin_mul_overflow(of, dim, &of)) source.damaged("an extent has more than 2^64 elements");
  }
  return of;
}

Datatype read_type(const Source& source, Cursor& in, bool inner) {
  const int head = in.byte(), class_ = head & 15;
  const std::uint64_t bits = in.number(3);
  Datatype type;
  type.size = in.number(4);
  if (class_ < static_cast<int>(std::size(kClasses))) type.name = kClasses[class_];
  else source.damaged("a datatype has class {}", class_);
  if (head >> 4 < 1 || head >> 4 > 5) source.damaged("a datatype has version {}", head >> 4);
  if (type.size == 0) source.damaged("{} has size 0", type.name);
  if (class_ == 0 || class_ == 1) {
    const std::uint64_t offset = in.number(2), precision = in.number(2);
    const bool whole = offset == 0 && precision == type.size * 8;
    type.big_endian = (bits & 1) != 0;
    if (class_ == 0) {
      if (whole) type.dtype = integer_of(type.size, (bits & 8) != 0);
    } else {
      const std::uint64_t exponent_at = in.number(1), exponent_bits = in.number(1), mantissa_at = in.number(1);
      const std::uint64_t mantissa_bits = in.number(1), bias = in.number(4);
      for (const Float& f : kFloats) {
        if (whole && f.size == type.size && f.exponent_at == exponent_at && f.exponent_bits == exponent_bits &&
            mantissa_at == 0 && f.mantissa_bits == mantissa_bits && f.bias == bias && (bits & 0x70) == 0x20 &&
            (bits >> 8 & 255) == type.size * 8 - 1) {
          type.dtype = f.dtype;
        }
      }
    }
    if (type.dtype != 0) type.kind = Datatype::numbers;
    else type.name += fmt::format(" of {} bytes in a form of its own", type.size);
  } else if (class_ == 3) {
    type.kind = Datatype::text, type.dtype = 7;
  } else if (class_ == 8 && !inner) {
    // h5py's bool: two names, FALSE and TRUE, over int8.
    const Datatype base = read_type(source, in, true);
    if (type.size == 1 && base.dtype == 6 && (bits & 0xffff) == 2) type.kind = Datatype::numbers, type.dtype = 10;
  } else if (class_ == 9 && (bits & 15) == 1) {
    type.kind = Datatype::variable_text, type.dtype = 7;
    // A length, where the heap is and which of its objects.
    if (type.size != 8 + static_cast<std::uint64_t>(source.address_bytes())) source.damaged("a text has size {}", type.size);
  }
  return type;
}

}  // namespace

Datatype read_datatype(const Source& source, std::string_view body) {
  Cursor in(source, body, "datatype");
  return read_type(source, in, false);
}

Dataspace read_dataspace(const Source& source, std::string_view body) {
  Cursor in(source, body, "dataspace");
  const int version = in.byte();
  if (version != 1 && version != 2) source.damaged("a dataspace has version {}", version);
  const std::uint64_t rank = in.number(1);
  if (rank > kMostRank) source.damaged("a dataspace has {} dimensions", rank);
  const int flags = in.byte();
  const int kind = version == 1 ? (in.skip(5), rank > 0) : in.byte();
  if (kind > 2) source.damaged("a dataspace is of kind {}", kind);
  Dataspace space;
  space.null = kind == 2;
  if (kind != 1 && rank > 0) source.damaged("a scalar has {} dimensions", rank);
  for (std::uint64_t i = 0; i < rank; ++i) space.dims.push_back(in.length());
  space.most = space.dims;
  for (std::uint64_t i = 0; i < rank && (flags & 1) != 0; ++i) {
    const std::uint64_t most = in.length(), none = kNowhere >> 8 * (8 - source.length_bytes());
    space.most[i] = most == none ? kNowhere : most;
    if (space.most[i] < space.dims[i]) source.damaged("a dimension of {} may be at most {}", space.dims[i], most);
  }
  space.count = space.null ? 0 : product(source, space.dims);
  return space;
}

std::vector<Filter> read_filters(const Source& source, std::string_view body) {
  Cursor in(source, body, "list of filters");
  const int version = in.byte(), count = in.byte();
  if (version != 1 && version != 2) source.damaged("a list of filters has version {}", version);
  if (count > 32) source.damaged("data have {} filters", count);
  if (version == 1) in.skip(6);
  std::vector<Filter> filters(static_cast<std::size_t>(count));
  for (Filter& filter : filters) {
    filter.id = static_cast<int>(in.number(2));
    const std::uint64_t name = version == 1 || filter.id >= 256 ? in.number(2) : 0;
    in.skip(2);
    const std::uint64_t values = in.number(2);
    in.skip(version == 1 ? (name + 7) / 8 * 8 : name);
    for (std::uint64_t i = 0; i < values; ++i) filter.values.push_back(static_cast<std::uint32_t>(in.number(4)));
    if (version == 1 && values % 2 == 1) in.skip(4);
  }
  return filters;
}

std::string read_fill(const Source& source, int type, std::string_view body) {
  Cursor in(source, body, "fill value");
  if (type == kFill) {
    const int version = in.byte();
    if (version < 1 || version > 3) source.damaged("a fill value has version {}", version);
    if (version < 3) in.skip(2);
    const int flags = in.byte();  // before version 3: whether there is a value
    if (version == 2 && flags == 0) return {};
    if (version == 3 && (flags & 0x20) == 0) return {};
  }
  const std::uint64_t size = in.number(4);
  return size == 0xffffffff || size == 0 ? std::string() : std::string(in.take(size));
}

namespace {

void check_chunk(const Source& source, Layout& layout) {
  layout.element = layout.chunk.back();
  layout.chunk.pop_back();
  for (const std::uint64_t extent : layout.chunk) {
    if (extent == 0) source.damaged("a chunk has no extent");
  }
  if (layout.element == 0 || product(source, layout.chunk, layout.element) > 0xffffffff) {
    source.damaged("a chunk has more than 4 GB");
  }
}

std::uint64_t read_rank(const Source& source, Cursor& in) {  // with the element as the last dimension
  const std::uint64_t rank = in.number(1);
  if (rank < 2 || rank > kMostRank + 1) source.damaged("chunks have {} dimensions", rank);
  return rank;
}

// Versions 1 and 2, of HDF5 before 1.6.3.
Layout read_old_layout(const Source& source, Cursor in) {
  Layout layout;
  const std::uint64_t rank = in.number(1);
  const int kind = in.byte();
  if (rank < 1 || rank > kMostRank + 1 || kind > 2) source.damaged("data lie in {} dimensions in manner {}", rank, kind);
  layout.kind = static_cast<Layout::Kind>(kind);
  in.skip(5);
  if (kind != Layout::compact) layout.address = in.address();
  for (std::uint64_t i = 0; i < rank; ++i) layout.chunk.push_back(in.number(4));
  if (kind == Layout::compact) layout.data = in.take(in.number(4));
  if (kind == Layout::chunked && rank < 2) source.damaged("chunks have {} dimensions", rank);
  if (kind == Layout::chunked) check_chunk(source, layout);
  return layout;
}

// Version 4: the index of chunks is one of five.
void read_new_chunks(const Source& source, Cursor& in, Layout& layout) {
  const int flags = in.byte();
  layout.whole_edges = (flags & 1) == 0;
  const std::uint64_t rank = read_rank(source, in);
  const int width = in.byte();
  if (width < 1 || width > 8) source.damaged("extents of chunks have {} bytes", width);
  for (std::uint64_t i = 0; i < rank; ++i) layout.chunk.push_back(in.number(width));
  check_chunk(source, layout);
  const int index = in.byte();
  if (index < Layout::single || index > Layout::tree2) source.damaged("chunks have an index of kind {}", index);
  layout.index = static_cast<Layout::Index>(index);
  if (layout.index == Layout::single && (flags & 2) != 0) {
    layout.single_size = in.length();
    layout.single_mask = static_cast<std::uint32_t>(in.number(4));
  }
  // How the index is made is told again where it is.
  constexpr int kSkipped[] = {0, 0, 0, 1, 5, 6};
  in.skip(static_cast<std::uint64_t>(kSkipped[index]));
  layout.address = in.address();
}

}  // namespace

Layout read_layout(const Source& source, std::string_view body) {
  Cursor in(source, body, "layout");
  const int version = in.byte();
  if (version == 1 || version == 2) return read_old_layout(source, in);
  if (version != 3 && version != 4) {
    source.unsupported("a layout of version {} is not supported, 1 to 4 are; the file is newer than this program or "
                       "damaged", version);
  }
  Layout layout;
  const int kind = in.byte();
  if (kind == 3) source.unsupported("data sets that are made of other ones ('virtual') are not supported");
  if (kind > 3) source.damaged("data lie in manner {}", kind);
  layout.kind = static_cast<Layout::Kind>(kind);
  if (kind == Layout::compact) {
    layout.data = in.take(in.number(2));
  } else if (kind == Layout::contiguous) {
    layout.address = in.address();
    layout.size = in.length();
  } else if (version == 3) {
    const std::uint64_t rank = read_rank(source, in);
    layout.address = in.address();
    for (std::uint64_t i = 0; i < rank; ++i) layout.chunk.push_back(in.number(4));
    check_chunk(source, layout);
  } else {
    read_new_chunks(source, in, layout);
  }
  return layout;
}

}  // namespace ninefold::io::hdf5
