// In: paths inside an HDF5 file. Out: numbers and texts of it; errors as h5py's classes. Reads the file itself, without
// the HDF5 library, which trusts files: no forged file ends the process, hangs it or takes memory that it does not fill.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ninefold::io {

struct Hdf5Data {
  int dtype = 0;  // TensorFlow's number
  std::vector<std::int64_t> dims;
  std::string bytes;  // little-endian, row-major
};

class Hdf5Reader {
 public:
  // Raises OSError for a missing, truncated or alien file. `operation` begins every message.
  Hdf5Reader(const std::string& operation, const std::string& path);
  Hdf5Reader(Hdf5Reader&&) noexcept;
  ~Hdf5Reader();

  // Raise OSError where the file is damaged, NotImplementedError where it is of a kind that is not read.
  bool has(const std::string& path) const;
  bool has(const std::string& path, const std::string& attribute) const;
  // "" for `attribute` means the data set itself. ValueError: there is none; TypeError: these are no numbers.
  Hdf5Data get(const std::string& path, const std::string& attribute = "") const;
  // A data set to where `place` says, given all but the bytes and how many they are: memory that lives as long as the call.
  using Place = std::function<char*(const Hdf5Data& data, std::size_t bytes)>;
  Hdf5Data get_into(const std::string& path, const Place& place) const;
  std::vector<std::string> get_strings(const std::string& path, const std::string& attribute) const;
  bool is_text(const std::string& path, const std::string& attribute) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ninefold::io
