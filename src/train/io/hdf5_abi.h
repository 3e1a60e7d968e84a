// In: nothing. Out: the table of C functions through which libninefold writes with its private HDF5 module.
// The module is a shared object of its own, opened at first use: importing Ninefold does not pay for it, and
// its HDF5 never meets another one in the process. It throws nothing across this border.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ninefold::io {

constexpr std::uint32_t kHdf5AbiVersion = 2;
constexpr int kHdf5MaxRank = 32;

// An object is named by its path; `attribute` is one of its attributes, or null for the data set itself.
// Functions return 0 when all went well, 1 for "there is no such thing", -1 for a failure told by error().
struct Hdf5Table {
  std::uint32_t version;
  void* (*create)();  // a file in memory
  void (*close)(void* file);
  const char* (*error)(void* file);
  int (*put_group)(void* file, const char* path);
  int (*put)(void* file, const char* path, const char* attribute, int dtype, int rank, const std::uint64_t* dims,
             const void* data);
  // rank 0 or 1. fixed_size 0: strings of variable length; else each is padded with zeros to fixed_size bytes.
  int (*put_strings)(void* file, const char* path, const char* attribute, int rank, std::uint64_t count,
                     const char* const* strings, std::size_t fixed_size);
  int (*exists)(void* file, const char* path);  // 0: yes, 1: no
  int (*image)(void* file, void (*take)(void* user, const void* data, std::size_t size), void* user);
};

// The module's only symbol.
constexpr const char* kHdf5Symbol = "ninefold_hdf5_table";

}  // namespace ninefold::io
