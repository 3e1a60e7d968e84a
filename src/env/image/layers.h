// In: a lock. Out: one layer's manifest each, with its bytes in a temporary folder. Private to this room.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "env/image/build.h"
#include "env/image/manifest.h"
#include "env/image/tar.h"
#include "env/image/wheels.h"

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

// The packages of Debian in which Python runs, unpacked once for all layers that it fills. It is no part of any.
class Interpreter {
 public:
  // `tree`: where it lies already, relative to the store's root, if the base is an image.
  Interpreter(Store& store, const Lock& lock, const IdMap& map, const std::string& tree)
      : store_(store), lock_(lock), map_(map), of_image_(!tree.empty()), root_(tree) {}
  static std::vector<Input> packages(const Store& store, const Lock& lock);
  // The root folder, relative to the store's; made by the first who asks.
  const std::string& root();
  bool of_image() const { return of_image_; }

 private:
  Store& store_;
  const Lock& lock_;
  const IdMap& map_;
  const bool of_image_;
  std::optional<Workplace> work_;
  std::string root_;
};

// The lock's first layer, from stored .debs alone; and what [packages] apt adds to it, installed on the first
// layer as it is stored, so that it does not matter which build made that. `left` is where the first leaves what it
// installed, made equal to its layer, so that the second need not extract that.
class Scratch;
Written os_layer(Store& store, const Lock& lock, const BuildOptions& options, int out, const std::string& path, std::shared_ptr<Scratch>& left);
Written apt_layer(Store& store, const Lock& lock, const std::string& os, const BuildOptions& options, int out, const std::string& path,
                  const std::shared_ptr<Scratch>& left);
// The same two upon a base that is an image: what installing `packages` changes in what the layers `below`
// make. In the ids of `options.map`, not the caller's: programs of the image run, and root's id is not theirs.
Written layer_above(Store& store, const Lock& lock, const std::vector<std::string>& below, const std::vector<Input>& packages, bool first,
                    const BuildOptions& options, int out, const std::string& path);

// What both take out, put in and set; pure.
void clean_os(Manifest& manifest, std::int64_t epoch);
// The same of an image before and after packages were installed in it, so that they differ in what the packages
// brought and in the folders that an environment needs.
void clean_above(Manifest& before, Manifest& after, std::int64_t epoch);

// A folder below /opt filled by uv from stored wheels and compiled in place. Written to `out`; byte code that
// is new goes into the store.
Written python_layer(Store& store, const Lock& lock, Prefix prefix, Stage stage, Interpreter& interpreter, const BuildOptions& options, int out,
                     const std::string& out_path);

// Files that are copied as they are: init.
Manifest program_manifest(const Store& store, const Lock& lock);

}  // namespace ninefold::env::image
