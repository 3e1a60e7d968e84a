// In: compiled kernels by key. Out: files of a folder; the oldest go when there are too many bytes.
#include "engine/device/cuda/kernel_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <tuple>
#include <vector>

#include "base/atomic_file.h"
#include "base/hash.h"

namespace ninefold::cuda {
namespace {

namespace fs = std::filesystem;
// Then the code's sha256 in hex, a line end, the code.
constexpr std::string_view kHead = "ninefold kernel 1\n";
constexpr size_t kDigest = 64;

}  // namespace

std::string KernelCache::find(const std::string& key) const {
  if (folder_.empty()) return {};
  const std::string path = path_of(key);
  const Result<std::string> file = read_file("kernels", path);
  if (!file) return {};
  const std::string_view all = file.value();
  if (!all.starts_with(kHead) || all.size() <= kHead.size() + kDigest) return {};
  const std::string_view digest = all.substr(kHead.size(), kDigest), code = all.substr(kHead.size() + kDigest + 1);
  if (all[kHead.size() + kDigest] != '\n' || sha256_hex(code) != digest) return {};
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);   // used now: it stays longest
  return std::string(code);
}

void KernelCache::keep(const std::string& key, const std::string& code) const {
  if (folder_.empty() || code.empty() || code.size() > most_) return;
  if (!make_folders("kernels", folder_)) return;
  if (write_atomically("kernels", path_of(key), std::string(kHead) + sha256_hex(code) + "\n" + code)) trim();
}

void KernelCache::trim() const {
  std::vector<std::tuple<fs::file_time_type, uint64_t, fs::path>> files;   // last used, bytes
  uint64_t all = 0;
  std::error_code bad;
  for (fs::directory_iterator at(folder_, bad), end; !bad && at != end; at.increment(bad)) {
    std::error_code gone;                              // another process trims, too
    if (at->path().extension() != ".kernel" || !at->is_regular_file(gone)) continue;
    const uint64_t bytes = at->file_size(gone);
    const fs::file_time_type used = gone ? fs::file_time_type() : at->last_write_time(gone);
    if (gone) continue;
    files.emplace_back(used, bytes, at->path());
    all += bytes;
  }
  std::sort(files.begin(), files.end());
  for (const auto& [used, bytes, path] : files) {
    if (all <= most_) break;
    fs::remove(path, bad);
    all -= bytes;
  }
}

std::string kernel_cache_folder() {
  if (const char* named = std::getenv("NINEFOLD_KERNEL_CACHE")) return named;
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache) return std::string(cache) + "/ninefold/kernels";
  const char* const home = std::getenv("HOME");
  return home && *home ? std::string(home) + "/.cache/ninefold/kernels" : "";
}

}  // namespace ninefold::cuda
