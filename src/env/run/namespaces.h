// In: an id map. Out: a child process that is root in a user namespace with that map.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "base/fd.h"
#include "base/result.h"
#include "env/run/ids.h"

namespace ninefold::env::run {

// Writes both maps of a process that has unshared: directly as root, else through newuidmap.
Result<void> write_maps(pid_t pid, const image::IdMap& map, const std::string& newuidmap);

// Runs `body` as root of such a namespace, in a process of its own; its result is the exit status.
// For work on files that belong to subordinate ids: deleting an upper layer, listing it.
Result<int> in_namespace(const Ids& ids, const std::string& newuidmap, const std::function<int()>& body);

// A user namespace with this map and nobody in it, for mounts with mapped ids. Root only.
Result<Fd> mount_namespace_ids(std::uint32_t from, std::uint32_t to_user, std::uint32_t to_group);

}  // namespace ninefold::env::run
