// In: a Spec and an id map. Out: the root file system of its image, as build or pull extracted it.
#include "base/check.h"
#include "cli/bring_up.h"

namespace ninefold::cli {

env::run::Root image_root(const env::Spec& spec, const env::image::IdMap&) {
  fail(Code::failed_precondition,
       "up: {} has no image: building images is not possible yet; name a root file system with --tree FOLDER",
       spec.name);
}

}  // namespace ninefold::cli
