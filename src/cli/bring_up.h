// In: a file's path. Out: its environment, running; for the verbs that start one.
#pragma once

#include <string>
#include <vector>

#include "cli/verb.h"
#include "env/run/plan.h"
#include "env/store/store.h"
#include "env/supervise/client.h"

namespace ninefold::cli {

struct UpRequest {
  std::string file;   // empty: the ninefold.toml here or above
  std::string tree;   // a root file system instead of the image
  std::string image;  // digest of an image of the store, instead of the one that the lock describes
  double wait = 30;   // seconds for the services to answer
  std::string backend = {};  // another container engine; empty: what NINEFOLD_BACKEND says, else Ninefold's own runtime
  std::vector<std::string> ports = {};  // "jupyter=8889": other ports than the file's, this time
};
env::supervise::Environment bring_up(const UpRequest& request, Io& io);

// The extracted tree of the spec's image, or of the one of this digest, made where it is missing; `lease` keeps
// both from `store gc`. `driver` is this machine's, which a file that requires a GPU must fit before an image is built.
env::run::Root image_root(const env::Spec& spec, const std::string& image, const std::string& driver, env::Lease& lease);

}  // namespace ninefold::cli
