// In: a Spec, perhaps an image. Out: the root file system of its image; what is missing is made first.
#include <filesystem>
#include <iostream>

#include "base/check.h"
#include "cli/bring_up.h"
#include "cli/make_image.h"
#include "cli/progress.h"
#include "env/run/facts.h"
#include "env/run/gpu.h"
#include "env/run/ids.h"
#include "env/supervise/hold.h"

namespace ninefold::cli {

namespace {

Made take_image(env::Store& store, const env::Spec& spec, const std::string& digest) {
  Made made;
  made.image = env::image::open_image(store, digest).within("up").value();
  made.tree = env::image::tree(store, made.image, env::run::choose_ids(env::run::look_around(spec)).value().map).value();
  made.toolkit = env::run::toolkit_of(made.image.config.environment);
  for (const env::Ref& ref : store.refs().value()) {
    if (ref.image != made.image.digest || ref.lock.empty()) continue;
    const Result<std::string> text = store.get(env::Shelf::blobs, ref.lock);
    const Result<env::Lock> lock = text ? env::parse_lock(text.value()) : Result<env::Lock>(text.error());
    if (lock && env::run::toolkit_of(lock.value())) made.toolkit = env::run::toolkit_of(lock.value());
  }
  return made;
}

}  // namespace

env::run::Root image_root(const env::Spec& spec, const std::string& image, const std::string& driver, env::Lease& lease) {
  env::Store store = env::Store::open().value();
  Io io{std::cout, std::cerr};
  MakeOptions options{false, true, progress(io)};
  options.toolkit = [&](const std::optional<env::run::Toolkit>& toolkit) {  // before minutes of work for nothing
    const std::string old = env::run::too_old(driver, toolkit);
    check(old.empty() || spec.gpu != env::GpuUse::required, Code::failed_precondition, "up: {}: a GPU is required, and {}",
          spec.position("gpu.use").text(), old);
  };
  for (;;) {
    const Made made = image.empty() ? make_image("up", store, spec, options) : take_image(store, spec, image);
    lease = env::supervise::hold_image(made.image.digest, made.tree).value();
    // A `store gc` may have come between: then it is made again, under no lease yet of anybody.
    if (std::filesystem::is_directory(made.tree)) return {made.image.digest, made.tree, made.image.config.environment, made.toolkit};
  }
}

}  // namespace ninefold::cli
