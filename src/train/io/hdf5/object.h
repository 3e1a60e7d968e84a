// In: the address of an object header. Out: its messages, and what those say that tell of data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/io/hdf5/source.h"

namespace ninefold::io::hdf5 {

// The message types that a reader of data meets.
enum MessageType : int {
  kNothing = 0x0, kDataspace = 0x1, kLinkInfo = 0x2, kDatatype = 0x3, kOldFill = 0x4, kFill = 0x5, kLink = 0x6,
  kExternalFiles = 0x7, kLayout = 0x8, kFilters = 0xb, kAttribute = 0xc, kContinuation = 0x10, kSymbolTable = 0x11,
  kAttributeInfo = 0x15, kCacheImage = 0x18,
};

struct Message {
  int type = 0;
  bool shared = false;  // the body says where the message is
  std::string body;
};
using Object = std::vector<Message>;

// Every message of the header at `address`, with its continuations.
Object read_object(Source& source, std::uint64_t address);
// The first message of that type or null.
const Message* find(const Object& object, int type);
// The body of a message that may be kept with another object, as committed datatypes are.
std::string body_of(Source& source, int type, bool shared, std::string_view body);

struct Datatype {
  enum Kind { numbers, text, variable_text, other } kind = other;
  int dtype = 0;  // TensorFlow's number; 7 for texts, 0 for others
  std::uint64_t size = 0;
  bool big_endian = false;
  std::string name;  // of what is not read: "a compound"
};
Datatype read_datatype(const Source& source, std::string_view body);

struct Dataspace {
  bool null = false;
  std::vector<std::uint64_t> dims, most;  // most: UINT64_MAX without limit
  std::uint64_t count = 1;
};
Dataspace read_dataspace(const Source& source, std::string_view body);

struct Filter {
  int id = 0;
  std::vector<std::uint32_t> values;
};
std::vector<Filter> read_filters(const Source& source, std::string_view body);

// The bytes of one element that was never written; empty: zeros.
std::string read_fill(const Source& source, int type, std::string_view body);

struct Layout {
  enum Kind { compact, contiguous, chunked } kind = compact;
  std::string data;                   // compact
  std::uint64_t address = kNowhere;   // of contiguous data, or of the index of chunks
  std::uint64_t size = kNowhere;      // contiguous; kNowhere: not told
  std::vector<std::uint64_t> chunk;   // extents of a chunk, in elements
  std::uint64_t element = 0;          // bytes of an element of a chunk
  enum Index { tree1, single, implicit, fixed_array, extensible_array, tree2 } index = tree1;
  bool whole_edges = true;            // false: chunks that stick out are not filtered
  std::uint64_t single_size = kNowhere;  // filtered bytes of the single chunk
  std::uint32_t single_mask = 0;
};
Layout read_layout(const Source& source, std::string_view body);

}  // namespace ninefold::io::hdf5
