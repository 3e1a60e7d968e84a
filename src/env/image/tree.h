// In: an image and a uid map. Out: its root file system as a folder, extracted once a map.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/image/course.h"
#include "env/image/image.h"

namespace ninefold::env::image {

// Ids first..first+count-1 inside are outside..outside+count-1 on the host, as in /proc/PID/uid_map.
struct IdRange {
  std::uint32_t inside = 0, outside = 0, count = 0;
};

struct IdMap {
  std::vector<IdRange> uids, gids;
  std::string name() const;  // short and stable: part of the tree's name
};

// Layers that were extracted before those below them were there: neighbours in the image, in their order.
struct Ahead {
  std::string folder;  // relative to the store's root
  std::vector<std::string> layers;
};

// Extracts them into `ahead.folder`, which must be new.
Result<void> extract_ahead(const Store& store, const Ahead& ahead, const IdMap& map);

// The path of the extracted tree, extracting it first if need be (build and pull do that, so that `up`
// finds it ready). It never changes afterwards: use it as an overlay's lower layer, read-only.
// Ids that the map lacks are an error naming the file. A caller who is not root gets a user namespace
// for the work (newuidmap).
// `entered`: the caller has entered the store himself, which nobody may do twice. `course` is told how far it is.
// What is `ahead` already is moved into the tree.
Result<std::string> tree(const Store& store, const Image& image, const IdMap& map, bool entered = false, Course* course = nullptr,
                         const Ahead& ahead = {});

// Where tree() puts it, whether it is there or not; its name in the store is what a lease holds.
std::string tree_path(const Store& store, const Image& image, const IdMap& map);
std::string tree_name(const Image& image, const IdMap& map);

// Deletes a folder below the store's root ("trees/NAME"), whoever of the caller's ids owns what is in it.
Result<void> remove_folder(const Store& store, const std::string& inside);

}  // namespace ninefold::env::image
