// In: an image of the store, or an archive of one. Out: the other: an OCI image layout in one tar, for
// machines without a network.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "env/store/store.h"

namespace ninefold::env::image {

struct Saved {
  std::uint64_t bytes = 0;
  std::size_t files = 0;
};

// Image, configuration, layers and lock; with `inputs` everything that builds it again, too.
Result<Saved> save(const Store& store, const std::string& name, const std::string& file, bool inputs);

// Puts what the archive holds into the store under the name it was saved with, or `name`. Every blob is
// read against its digest before it enters; one that does not hold is named, and nothing gets a name.
Result<Ref> load(Store& store, const std::string& file, const std::string& name);

}  // namespace ninefold::env::image
