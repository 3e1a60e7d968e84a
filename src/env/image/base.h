// In: "oci:registry.example/team/base:1" of a ninefold.toml. Out: that image in the store as inputs of a lock,
// and what it says of itself; what the environment's image takes over of its configuration.
#pragma once

#include <string>
#include <vector>

#include "env/image/image.h"
#include "env/image/transfer.h"
#include "env/lock/base.h"
#include "env/registry/client.h"

namespace ninefold::env::image {

// What env::ReadBase asks for. The caller has entered the store.
Result<BaseFacts> read_base(Store& store, const Spec& spec, const std::vector<Input>* known, const registry::Access& access, const OnMoved& moved);

// The second half of it: from layers that are in the store. `image` ends with its layers and lacks the status,
// which is put into the store. `base` is what errors call it.
Result<BaseFacts> inspect_base(Store& store, const std::string& base, std::vector<Input> image, const Config& config);

// Pure: the variables of the base's images under ours. Ours win; /opt/env comes first on PATH, our own
// programs last. Those that have no name, or several lines, are left out.
std::vector<std::string> merged_environment(const std::vector<std::string>& base, const std::vector<std::string>& ours);

// "2023-11-14T22:13:20.5Z" in seconds; 0 for what is no time.
std::int64_t seconds_of(const std::string& time);

}  // namespace ninefold::env::image
