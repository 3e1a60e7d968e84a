// In: a Spec, perhaps an image. Out: the root file system of its image; what is missing is made first.
#include <filesystem>
#include <iostream>

#include "base/check.h"
#include "cli/bring_up.h"
#include "cli/make_image.h"
#include "cli/progress.h"
#include "env/run/facts.h"
#include "env/run/ids.h"
#include "env/supervise/hold.h"

namespace ninefold::cli {

namespace {

Made take_image(env::Store& store, const env::Spec& spec, const std::string& digest) {
  Made made;
  made.image = env::image::open_image(store, digest).within("up").value();
  made.tree = env::image::tree(store, made.image, env::run::choose_ids(env::run::look_around(spec)).value().map).value();
  return made;
}

}  // namespace

env::run::Root image_root(const env::Spec& spec, const std::string& image, env::Lease& lease) {
  env::Store store = env::Store::open().value();
  Io io{std::cout, std::cerr};
  for (;;) {
    const Made made = image.empty() ? make_image("up", store, spec, {false, true, progress(io)}) : take_image(store, spec, image);
    lease = env::supervise::hold_image(made.image.digest, made.tree).value();
    // A `store gc` may have come between: then it is made again, under no lease yet of anybody.
    if (std::filesystem::is_directory(made.tree)) return {made.image.digest, made.tree, made.image.config.environment};
  }
}

}  // namespace ninefold::cli
