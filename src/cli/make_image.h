// In: a Spec. Out: its image in the store, made as far as it is not there, and the tree that `up` starts from.
#pragma once

#include <functional>
#include <string>

#include "env/image/build.h"
#include "env/run/toolkit.h"
#include "env/spec/spec.h"

namespace ninefold::cli {

struct MakeOptions {
  bool fresh = false;     // use no cached layer
  bool may_lock = false;  // where there is no lock yet, make one
  std::function<void(const std::string&)> say;
  // Told which CUDA the image will bring, before anything of it is made; may throw.
  std::function<void(const std::optional<env::run::Toolkit>&)> toolkit = {};
};

struct Made {
  env::image::Image image;
  std::string tree;
  std::optional<env::run::Toolkit> toolkit = {};  // the CUDA in it
};

// The lock must match the file. Trees are extracted here and by `pull`, so that they are ready for `up`.
Made make_image(const std::string& verb, env::Store& store, const env::Spec& spec, const MakeOptions& options);

}  // namespace ninefold::cli
