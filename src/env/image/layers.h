// In: a lock. Out: one layer's manifest each, with its bytes in a temporary folder. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "env/image/build.h"
#include "env/image/manifest.h"
#include "env/image/tar.h"

namespace ninefold::env::image {

// A temporary folder of the store that goes away with all owners in it.
class Workplace {
 public:
  explicit Workplace(Store& store);
  ~Workplace();
  std::string path;    // absolute
  std::string inside;  // relative to the store's root
 private:
  Store& store_;
};

// The operating system of `packages`, from stored .debs alone: a tar in `work`, and its cleaned manifest.
Manifest os_manifest(Store& store, const Lock& lock, const std::vector<Input>& packages, const Workplace& work, const Say& say);

// What os_manifest() takes out, puts in and sets; pure.
void clean_os(Manifest& manifest, std::int64_t epoch);

enum class Prefix { tools, python, ninefold };
// A folder below /opt filled by uv from stored wheels, compiled in place, inside `os_tree`. Written to `out`.
Written python_layer(Store& store, const Lock& lock, Prefix prefix, const std::string& os_tree, const IdMap& map, int out, const std::string& out_path);

// Files that are copied as they are: init.
Manifest program_manifest(const Store& store, const Lock& lock);

}  // namespace ninefold::env::image
