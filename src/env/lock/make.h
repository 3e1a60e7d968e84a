// In: a Spec. Out: its Lock, every input in the store.
#pragma once

#include <set>
#include <string>

#include "env/lock/apt.h"
#include "env/lock/base.h"
#include "env/lock/lock.h"
#include "env/spec/spec.h"
#include "env/store/store.h"

namespace ninefold::env {

struct LockOptions {
  bool upgrade = false;          // new versions of everything, else only what the file's changes ask for
  std::string program_folder;    // where the ninefold command lies; its init and wheels are found from there
  Say say;
  ReadBase read_base;            // for bases that are images: image/base.h
  bool security = false;         // Debian packages of which a security suite has a newer version, and nothing else
  bool look = false;             // resolve, and fetch none of what would change: the lock that comes out cannot be built
  std::set<std::string>* of_security = nullptr;  // gets the changed Debian packages whose security suite is ahead of `before`
};

// `before`: the lock that is there, or nullptr. Same spec, no upgrade, all inputs stored: it comes back.
Result<Lock> make_lock(Store& store, const Spec& spec, const Lock* before, const LockOptions& options);

// The inputs that the store lacks.
std::vector<Input> missing_inputs(const Store& store, const Lock& lock);

std::string lock_path(const Spec& spec);                  // ninefold.lock beside the file
Result<Lock> read_lock(const Spec& spec);                 // not_found: "run ninefold lock"
Result<void> write_lock(const Spec& spec, const Lock& lock);

}  // namespace ninefold::env
