// In: compiled kernels by key. Out: the same in later processes, from a folder of bounded size.
#pragma once

#include <cstdint>
#include <string>

namespace ninefold::cuda {

// A file a kernel, written whole or not at all. What is damaged counts as missing, and is written again by whoever needs it;
// what cannot be written is not kept. Several processes may share a folder.
class KernelCache {
 public:
  static constexpr uint64_t kMostBytes = uint64_t{256} << 20;
  // An empty folder keeps nothing.
  explicit KernelCache(std::string folder, uint64_t most_bytes = kMostBytes) : folder_(std::move(folder)), most_(most_bytes) {}

  std::string find(const std::string& key) const;              // the code; empty: not there
  void keep(const std::string& key, const std::string& code) const;   // then drops what was used longest ago
  std::string path_of(const std::string& key) const { return folder_ + "/" + key + ".kernel"; }

 private:
  void trim() const;
  const std::string folder_;
  const uint64_t most_;
};

// NINEFOLD_KERNEL_CACHE (empty: none), else $XDG_CACHE_HOME/ninefold/kernels, else ~/.cache/ninefold/kernels.
std::string kernel_cache_folder();

}  // namespace ninefold::cuda
