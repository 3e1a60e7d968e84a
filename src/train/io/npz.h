// In: NumPy's .npy and .npz files. Out: plain arrays; and back. (mnist.npz and other data sets, from C++.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ninefold::io {

struct NpyArray {
  int dtype = 0;  // TensorFlow's number: 1 float, 2 double, 3 int32, 4 uint8, 9 int64, 10 bool, ...
  std::vector<std::int64_t> dims;
  std::string bytes;  // little-endian, row-major, whatever the file's order was
};
using NpzArrays = std::vector<std::pair<std::string, NpyArray>>;  // in the file's order, names without ".npy"

// Parsers of bytes already in memory; safe on any input. `where` opens every message ("load_data: mnist.npz").
// Raise DataLossError for truncated or damaged bytes, ValueError for what is not the format, UnimplementedError
// for dtypes without a TensorFlow number (strings, objects, dates, records) and encrypted archives.
NpyArray parse_npy(std::string_view bytes, const std::string& where);
NpzArrays parse_npz(std::string_view bytes, const std::string& where);

NpyArray load_npy(const std::string& path, const std::string& operation = "load");
NpzArrays load_npz(const std::string& path, const std::string& operation = "load");
// One array of an archive; the error for a wrong name lists those that are there.
NpyArray load_npz_array(const std::string& path, const std::string& name, const std::string& operation = "load");

// The bytes numpy.save writes (format 1.0, little-endian, row-major).
std::string encode_npy(const NpyArray& array);
// Written whole or not at all. Raises TypeError for dtypes that NumPy lacks (bfloat16).
void save_npy(const std::string& path, const NpyArray& array, const std::string& operation = "save");
void save_npz(const std::string& path, const NpzArrays& arrays, bool compressed = false,
              const std::string& operation = "savez");

}  // namespace ninefold::io
