// In: a Spec and an id map. Out: the root file system of its image; what is missing is made first.
#include <iostream>

#include "base/check.h"
#include "cli/bring_up.h"
#include "cli/make_image.h"
#include "cli/progress.h"

namespace ninefold::cli {

env::run::Root image_root(const env::Spec& spec, const env::image::IdMap&) {
  env::Store store = env::Store::open().value();
  Io io{std::cout, std::cerr};
  const Made made = make_image("up", store, spec, {false, true, progress(io)});
  return {made.image.digest, made.tree, made.image.config.environment};
}

}  // namespace ninefold::cli
