// In: an id map and a piece of work. Out: the work's answer, done as namespace root in namespaces of its
// own. Every caller takes this road, root too, so that what is made inside is the same for all.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "env/image/tree.h"

namespace ninefold::env::image {

// `body` runs in a child: user, mount, process, IPC, host name and network namespaces, ids 0. What it
// returns comes back; what it mounts and starts ends with it. The caller must have one thread only.
// `folder` becomes the working folder, entered with the caller's own rights: the way to it may be closed
// to the mapped ids (/root is 0700), so bodies name files relative to it.
Result<std::string> in_namespaces(const std::string& operation, const IdMap& map, const std::string& folder,
                                  const std::function<Result<std::string>()>& body);

// Makes a folder that namespace root of this map may fill. Called outside, before in_namespaces().
Result<void> make_owned_folder(const std::string& path, const IdMap& map);

// A map that covers every id of the caller's: 0 is he himself, the others are his subordinate ids.
Result<IdMap> caller_map();

// For bodies: a root file system to run programs in.
struct Bind {
  std::string from;  // relative to the working folder, or absolute
  std::string to;    // inside the root; made if it lies in /tmp, must exist elsewhere
  bool read_only = false;
};

// Inside a body: mounts `root` with /proc, a small /dev, tmpfs on /tmp and /run, and `binds`; leave_root()
// takes these away again, so that the root itself can be looked at.
Result<void> enter_root(const std::string& root, const std::vector<Bind>& binds, bool writable = false);
Result<void> leave_root(const std::string& root);

// The environment of programs that build: nothing of the caller's, so that nothing of it leaks in.
std::vector<std::string> build_environment(std::int64_t epoch);

}  // namespace ninefold::env::image
