// In: a file's path. Out: its environment, running; for the verbs that start one.
#pragma once

#include <string>

#include "cli/verb.h"
#include "env/run/plan.h"
#include "env/supervise/client.h"

namespace ninefold::cli {

struct UpRequest {
  std::string file;   // empty: the ninefold.toml here or above
  std::string tree;   // a root file system instead of the image
  double wait = 30;   // seconds for the services to answer
};
env::supervise::Environment bring_up(const UpRequest& request, Io& io);

// The extracted tree of the spec's built image; an error that says how to build it where it is missing.
env::run::Root image_root(const env::Spec& spec, const env::image::IdMap& map);

}  // namespace ninefold::cli
