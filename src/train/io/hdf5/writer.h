// In: numbers, texts and groups by path. Out: an HDF5 file, put on the disk whole or not at all.
// HDF5 knows one thread at a time: a writer holds a process-wide lock for as long as it lives.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "train/io/hdf5_abi.h"

namespace ninefold::io {

class Hdf5Writer {
 public:
  // Begins an empty file in memory; save() puts it on the disk. `operation` begins every message.
  static Hdf5Writer create(const std::string& operation, const std::string& path);
  Hdf5Writer(Hdf5Writer&& other) noexcept;
  Hdf5Writer& operator=(Hdf5Writer&&) = delete;
  ~Hdf5Writer();

  // "" for `attribute` means the data set itself.
  void put_group(const std::string& path);
  void put(const std::string& path, const std::string& attribute, int dtype, const std::vector<std::int64_t>& dims,
           const void* data);
  void put_string(const std::string& path, const std::string& attribute, const std::string& text);
  // fixed_size 0: each of its own length; else padded with zero bytes.
  void put_strings(const std::string& path, const std::string& attribute, const std::vector<std::string>& texts,
                   std::size_t fixed_size = 0);
  bool has(const std::string& path) const;
  void save();

 private:
  Hdf5Writer(const std::string& operation, const std::string& path);
  void expect(int status) const;
  std::string operation_, path_;
  std::unique_lock<std::mutex> lock_;
  const Hdf5Table* table_;
  void* file_ = nullptr;
};

}  // namespace ninefold::io
