// In: a Spec. Out: image and tree.
#include "cli/make_image.h"

#include <unistd.h>

#include "base/check.h"
#include "base/hash.h"
#include "cli/progress.h"
#include "cli/registry.h"
#include "env/lock/make.h"
#include "env/run/facts.h"
#include "env/run/ids.h"

namespace ninefold::cli {

Made make_image(const std::string& verb, env::Store& store, const env::Spec& spec, const MakeOptions& options) {
  Result<env::Lock> lock = env::read_lock(spec);
  if (!lock && lock.error().code() == Code::not_found && options.may_lock) {
    lock = env::make_lock(store, spec, nullptr, {false, program_folder(), options.say, base_reader({}, options.say)});
    if (lock) env::write_lock(spec, lock.value()).value();
  }
  lock.value();
  check(lock.value().spec == env::fingerprint(spec), Code::failed_precondition,
        "{}: {} was made from another ninefold.toml; run ninefold lock", verb, env::lock_path(spec));
  const std::optional<env::run::Toolkit> toolkit = env::run::toolkit_of(lock.value());
  if (options.toolkit) options.toolkit(toolkit);
  env::image::BuildOptions build;
  build.map = env::run::choose_ids(env::run::look_around(spec)).value().map;
  build.name = spec.name;
  build.locale = spec.locale;
  build.timezone = spec.timezone;
  build.fresh = options.fresh;
  build.say = options.say;
  Made made;
  // An image of this very lock, built, loaded or pulled earlier: nothing of its inputs is needed.
  const Result<env::Ref> ref = store.ref(spec.name);
  const bool there = !options.fresh && ref && ref.value().lock == "sha256:" + sha256_hex(env::to_text(lock.value()));
  Result<env::image::Image> known = there ? env::image::open_image(store, ref.value().image) : Error(Code::not_found, "");
  env::image::Course course(options.say);
  if (!known && ::isatty(2)) build.course = &course;
  made.image = known ? std::move(known).value() : env::image::build(store, lock.value(), build).value();
  made.tree = env::image::tree(store, made.image, build.map, false, build.course).value();
  made.toolkit = toolkit ? toolkit : env::run::toolkit_of(made.image.config.environment);
  return made;
}

}  // namespace ninefold::cli
