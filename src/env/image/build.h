// In: a lock whose inputs are in the store. Out: an OCI image, the same bytes for every caller.
#pragma once

#include <string>

#include "env/image/course.h"
#include "env/image/image.h"
#include "env/image/tree.h"
#include "env/lock/lock.h"
#include "env/lock/make.h"
#include "env/store/store.h"

namespace ninefold::env::image {

struct BuildOptions {
  IdMap map;           // whose trees are made on the way: the one that `up` will use
  std::string name;    // the ref that shall point to the image
  std::string locale = "C.UTF-8", timezone = "Etc/UTC";
  bool fresh = false;  // use no cached layer
  Say say;
  Course* course = nullptr;  // told how far everything is, where there is one
};

// No network: an input that is missing is an error that names it.
Result<Image> build(Store& store, const Lock& lock, const BuildOptions& options);

}  // namespace ninefold::env::image
