// In: plans and records of environments. Out: leases on what they stand on.
#include "env/supervise/hold.h"

#include <filesystem>

#include "env/supervise/state.h"

namespace ninefold::env::supervise {
namespace fs = std::filesystem;

Result<Lease> hold_image(const std::string& image, const std::string& tree) {
  if (!is_digest(image)) return Lease();
  const fs::path path(tree);  // <store>/trees/<chain>@<map>
  Result<Store> store = Store::open(path.parent_path().parent_path());
  if (!store) return store.error();
  Result<Lease> lease = store.value().lease();
  if (!lease) return lease;
  if (Result<void> held = lease.value().hold({image, path.filename()}); !held) return held.error();
  return lease;
}

Result<Lease> hold_running(const Store& store) {
  Result<Lease> lease = store.lease();
  if (!lease) return lease;
  for (const std::string& name : environment_names()) {
    const std::string folder = environment_folder(name);
    const Result<run::Plan> plan = read_plan(folder);
    const Result<State> state = read_state(folder);
    if (!plan || !is_digest(plan.value().image)) continue;
    if (!keeper_alive(folder) && !(state && alive(state.value()))) continue;
    const Result<void> held = lease.value().hold({plan.value().image, fs::path(plan.value().tree).filename()});
    if (!held) return held.error();
  }
  return lease;
}

}  // namespace ninefold::env::supervise
