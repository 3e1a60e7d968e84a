// In: an image and its lock by digest. Out: every blob, input and tree that they need; whether they are whole.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/store/gc.h"

namespace ninefold::env::image {

Result<Needs> needs(const Store& store, const std::string& image, const std::string& lock);

// Reads everything an image needs against its digest; one line a fault. Inputs that are missing are no
// fault of the image: they are needed to build it again only, and are counted.
struct Verified {
  std::vector<std::string> faults;
  std::size_t checked = 0, missing_inputs = 0;
};
Result<Verified> verify(const Store& store, const Ref& ref, const std::function<void(const std::string&)>& say);

}  // namespace ninefold::env::image
