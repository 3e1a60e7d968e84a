// In: the bytes of a .npy file. Out: a plain array; and back.
#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/wire.h"
#include "train/io/npz.h"

namespace ninefold::io {
namespace {

struct Kind {
  int dtype;
  const char* name;  // NumPy's, without the byte order
  int part;          // bytes that the byte order swaps: a complex number has two parts
};
constexpr Kind kKinds[] = {{1, "f4", 4}, {2, "f8", 8}, {3, "i4", 4}, {4, "u1", 1}, {5, "i2", 2}, {6, "i1", 1},
                           {8, "c8", 4}, {9, "i8", 8}, {10, "b1", 1}, {17, "u2", 2}, {18, "c16", 8}, {19, "f2", 2},
                           {22, "u4", 4}, {23, "u8", 8}};

// The header is a Python dict with three known keys. Each value is found by its key; nothing is evaluated.
std::string_view value_of(std::string_view header, std::string_view key, const std::string& where) {
  const std::size_t at = header.find(key);
  check(at != std::string_view::npos, Code::value, "{}: the header of the array has no {}; it is damaged", where, key);
  std::string_view rest = header.substr(at + key.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(": "), rest.size()));
  return rest;
}

// A Fortran array lies column by column: walk the row-major result and gather.
std::string row_major(const std::string& bytes, const std::vector<std::int64_t>& dims, std::size_t size) {
  std::string out(bytes.size(), '\0');
  std::vector<std::int64_t> index(dims.size(), 0), stride(dims.size());
  std::int64_t step = 1;
  for (std::size_t i = 0; i < dims.size(); ++i) stride[i] = step, step *= dims[i];
  std::int64_t from = 0;
  for (std::size_t to = 0; to < out.size(); to += size) {
    std::memcpy(&out[to], &bytes[static_cast<std::size_t>(from) * size], size);
    for (std::size_t axis = dims.size(); axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < dims[axis]) break;
      from -= stride[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return out;
}

}  // namespace

NpyArray parse_npy(std::string_view bytes, const std::string& where) {
  check(bytes.size() >= 10, Code::data_loss, "{}: {} bytes are too few for a NumPy array; the file is truncated",
        where, bytes.size());
  check(bytes.substr(0, 6) == "\x93NUMPY", Code::value, "{}: this is no NumPy array: it does not begin with "
        "\\x93NUMPY", where);
  const int version = bytes[6];
  check(version >= 1 && version <= 3, Code::unimplemented, "{}: NumPy format {}.{}, expected 1.0 to 3.0", where,
        version, static_cast<int>(bytes[7]));
  const std::size_t begin = version == 1 ? 10 : 12;
  std::uint32_t length = 0;
  check(bytes.size() >= begin, Code::data_loss, "{}: the header of the array is cut off", where);
  std::memcpy(&length, bytes.data() + 8, version == 1 ? 2 : 4);
  check(length <= bytes.size() - begin, Code::data_loss, "{}: the header of the array is cut off: {} bytes expected, "
        "{} there", where, length, bytes.size() - begin);
  const std::string_view header = bytes.substr(begin, length);
  std::string_view data = bytes.substr(begin + length);

  std::string_view descr = value_of(header, "'descr'", where);
  const bool quoted = descr.size() > 2 && descr[0] == '\'';
  const std::size_t end = quoted ? descr.find('\'', 1) : std::string_view::npos;
  descr = end == std::string_view::npos ? "a record" : descr.substr(1, end - 1);
  const Kind* kind = nullptr;
  for (const Kind& known : kKinds) {
    if (!descr.empty() && descr.substr(1) == known.name && std::strchr("<>|=", descr[0]) != nullptr) kind = &known;
  }
  check(kind != nullptr, Code::unimplemented, "{}: NumPy dtype {} cannot be read; expected integers, bool, floats or "
        "complex numbers", where, descr);

  const bool fortran = value_of(header, "'fortran_order'", where).starts_with("True");
  std::string_view shape = value_of(header, "'shape'", where);
  const std::size_t close = shape.find(')');
  check(shape.starts_with('(') && close != std::string_view::npos, Code::value, "{}: the array's shape is no tuple; "
        "the file is damaged", where);
  NpyArray array;
  array.dtype = kind->dtype;
  const char* at = shape.data() + 1;
  for (const char* last = shape.data() + close; at < last;) {
    if (*at == ' ' || *at == ',' || *at == 'L') {  // Python 2 wrote long numbers as 3L
      ++at;
      continue;
    }
    std::int64_t size = 0;
    const auto [next, failure] = std::from_chars(at, last, size);
    check(failure == std::errc() && size >= 0, Code::value, "{}: the array's shape ({}) is no tuple of sizes; the "
          "file is damaged", where, shape.substr(1, close - 1));
    array.dims.push_back(size);
    at = next;
  }
  const std::size_t size = wire::element_size(array.dtype);
  const auto count = static_cast<std::uint64_t>(wire::element_count({false, array.dims}));
  check(count <= data.size() / size, Code::data_loss, "{}: the array's shape ({}) needs {} elements of {} bytes, but "
        "only {} bytes are there; the file is truncated", where, shape.substr(1, close - 1), count, size,
        data.size());
  array.bytes = data.substr(0, count * size);
  if (descr[0] == '>' && kind->part > 1) {
    const auto part = static_cast<std::ptrdiff_t>(kind->part);
    for (auto it = array.bytes.begin(); it != array.bytes.end(); it += part) std::reverse(it, it + part);
  }
  if (fortran && array.dims.size() > 1) array.bytes = row_major(array.bytes, array.dims, size);
  return array;
}

std::string encode_npy(const NpyArray& array) {
  const Kind* kind = nullptr;
  for (const Kind& known : kKinds) {
    if (known.dtype == array.dtype) kind = &known;
  }
  check(kind != nullptr, Code::type, "save: NumPy files hold integers, bool, floats and complex numbers, not dtype "
        "number {}; cast it first", array.dtype);
  NINEFOLD_INVARIANT(static_cast<std::size_t>(wire::element_count({false, array.dims})) *
                     wire::element_size(array.dtype) == array.bytes.size());
  std::string shape;
  for (const std::int64_t size : array.dims) shape += fmt::format("{}{}", shape.empty() ? "" : ", ", size);
  if (array.dims.size() == 1) shape += ",";
  std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}",
                                   wire::element_size(array.dtype) == 1 ? '|' : '<', kind->name, shape);
  // NumPy leaves room for a first dimension that grows to 21 digits, then pads to a multiple of 64.
  if (!array.dims.empty()) header.append(21 - std::to_string(array.dims[0]).size(), ' ');
  header.append(63 - (10 + header.size()) % 64, ' ').push_back('\n');
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes.push_back(static_cast<char>(header.size()));
  bytes.push_back(static_cast<char>(header.size() >> 8));
  return bytes + header + array.bytes;
}

NpyArray load_npy(const std::string& path, const std::string& operation) {
  return parse_npy(read_file(operation, path).value(), operation + ": " + path);
}

void save_npy(const std::string& path, const NpyArray& array, const std::string& operation) {
  write_atomically(operation, path, encode_npy(array)).value();
}

}  // namespace ninefold::io
