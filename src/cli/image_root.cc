// In: a Spec. Out: the root file system of its image; what is missing is made first.
#include <filesystem>
#include <iostream>

#include "base/check.h"
#include "cli/bring_up.h"
#include "cli/make_image.h"
#include "cli/progress.h"
#include "env/supervise/hold.h"

namespace ninefold::cli {

env::run::Root image_root(const env::Spec& spec, env::Lease& lease) {
  env::Store store = env::Store::open().value();
  Io io{std::cout, std::cerr};
  for (;;) {
    const Made made = make_image("up", store, spec, {false, true, progress(io)});
    lease = env::supervise::hold_image(made.image.digest, made.tree).value();
    // A `store gc` may have come between: then it is made again, under no lease yet of anybody.
    if (std::filesystem::is_directory(made.tree)) return {made.image.digest, made.tree, made.image.config.environment};
  }
}

}  // namespace ninefold::cli
