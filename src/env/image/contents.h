// In: an image of the store. Out: the packages that its files name, with licences; for its bill of materials.
#pragma once

#include "base/result.h"
#include "env/image/image.h"
#include "env/lock/sbom.h"
#include "env/store/store.h"

namespace ninefold::env::image {

// Reads the layers as they are stored, lowest first, so that a file taken away or replaced above is not told.
Result<Contents> read_contents(const Store& store, const Image& image);

}  // namespace ninefold::env::image
