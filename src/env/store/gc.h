// In: a store. Out: what it holds, what of it is needed, and the rest removed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "env/store/store.h"

namespace ninefold::env {

// What an image needs, by digest; the store itself reads no image formats.
struct Needs {
  std::vector<std::string> blobs, inputs;
  std::vector<std::string> wheels;  // keys of Cache::wheels
  std::string chain;  // hex: trees of it are kept
};
using ReadNeeds = std::function<Result<Needs>(const Store& store, const std::string& image, const std::string& lock)>;
// `inside`: a folder of the store, "trees/NAME" or "temp/NAME", with other owners' files in it.
using RemoveFolder = std::function<Result<void>(const Store& store, const std::string& inside)>;

// Everything, with what refs and live leases keep marked. A broken image keeps nothing and is told in
// `faults`, so that one damaged file does not stop the cleaning of others' space.
Result<std::vector<StoreItem>> survey(const Store& store, const ReadNeeds& read, std::vector<std::string>& faults);

struct Collected {
  std::uint64_t bytes = 0;
  std::size_t items = 0;
};

// Removes what nothing keeps; waits for builds and pulls that are putting things in place. With
// `keep_inputs`, stored packages and their byte code stay although no lock needs them.
Result<Collected> collect(const Store& store, const ReadNeeds& read, const RemoveFolder& remove_folder, bool keep_inputs, bool dry_run);

}  // namespace ninefold::env
