// In: an image's digest, and a way to get its parts. Out: the image in the store under its name, whole or not
// at all. What `load` and `pull` share.
#pragma once

#include <functional>
#include <string>

#include "env/store/store.h"

namespace ninefold::env::image {

// Puts one part into the store, checked against its digest, or throws an Error that names it.
using BringPart = std::function<void(Shelf shelf, const std::string& digest)>;

// The inputs of the lock that `offers` are taken, too. The caller has entered the store. Throws Error.
void receive(Store& store, const std::string& operation, const Ref& ref, const BringPart& bring,
             const std::function<bool(const std::string& digest)>& offers);

}  // namespace ninefold::env::image
