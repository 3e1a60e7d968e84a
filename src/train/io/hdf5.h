// In: paths inside an HDF5 file. Out: numbers, strings and groups of it; errors as h5py's classes.
// HDF5 knows one thread at a time: a file object holds a process-wide lock for as long as it lives.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "train/io/hdf5_abi.h"

namespace ninefold::io {

struct Hdf5Data {
  int dtype = 0;  // TensorFlow's number; 7: strings
  std::vector<std::int64_t> dims;
  std::string bytes;  // little-endian, row-major
};

class Hdf5File {
 public:
  // Raises OSError for a missing, truncated or alien file. `operation` begins every message.
  static Hdf5File open(const std::string& operation, const std::string& path);
  // Begins an empty file in memory; save() puts it on the disk, whole or not at all.
  static Hdf5File create(const std::string& operation, const std::string& path);
  Hdf5File(Hdf5File&& other) noexcept;
  Hdf5File& operator=(Hdf5File&&) = delete;
  ~Hdf5File();

  // "" for `attribute` means the data set itself.
  void put_group(const std::string& path);
  void put(const std::string& path, const std::string& attribute, int dtype, const std::vector<std::int64_t>& dims,
           const void* data);
  void put_string(const std::string& path, const std::string& attribute, const std::string& text);
  // fixed_size 0: each of its own length; else padded with zero bytes.
  void put_strings(const std::string& path, const std::string& attribute, const std::vector<std::string>& texts,
                   std::size_t fixed_size = 0);
  void save();

  bool has(const std::string& path) const;
  bool has(const std::string& path, const std::string& attribute) const;
  Hdf5Data get(const std::string& path, const std::string& attribute = "") const;
  std::vector<std::string> get_strings(const std::string& path, const std::string& attribute) const;

 private:
  Hdf5File(const std::string& operation, const std::string& path);
  bool info(const std::string& path, const std::string& attribute, Hdf5Info& info) const;
  void expect(int status) const;
  std::string operation_, path_;
  std::unique_lock<std::mutex> lock_;
  const Hdf5Table* table_;
  void* file_ = nullptr;
  std::uint64_t file_size_ = 0;
};

}  // namespace ninefold::io
