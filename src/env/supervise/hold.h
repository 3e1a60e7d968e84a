// In: environments. Out: leases that keep their images and trees from `store gc`.
#pragma once

#include <string>

#include "env/store/store.h"

namespace ninefold::env::supervise {

// What an environment of this image and tree stands on. A tree of no store (`up --tree`) needs no lease.
Result<Lease> hold_image(const std::string& image, const std::string& tree);

// What all running environments of this user stand on in `store`: a keeper holds its own, but one whose keeper
// died runs on without.
Result<Lease> hold_running(const Store& store);

}  // namespace ninefold::env::supervise
