// In: environments of a temporary folder that run, ran and never ran. Out: which of them gc leaves their image and tree.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/hash.h"
#include "env/supervise/hold.h"
#include "env/supervise/state.h"
#include "../temporary_folder.h"

namespace ninefold::env::supervise {
namespace {
namespace fs = std::filesystem;

struct Row {
  const char* what;
  bool image;     // from the store, else `up --tree`
  bool began;     // its PID 1 began when the record says
  bool keeper;    // a keeper has its lock
  bool kept;
};
constexpr Row rows[] = {
    {"runs, with its keeper", true, true, true, true},
    {"runs, its keeper is dead", true, true, false, true},
    {"is being started", true, false, true, true},
    {"was killed", true, false, false, false},
    {"runs from a folder of its own", false, true, true, false},
};

TEST(Hold, KeepsWhatRunningEnvironmentsStandOn) {
  const TemporaryFolder temporary("hold");
  const std::string& form = temporary.path;
  const char* before = std::getenv("XDG_STATE_HOME");
  const std::string old = before ? before : "";
  ::setenv("XDG_STATE_HOME", (form + "/state").c_str(), 1);
  const Store store = Store::open(form + "/store").value();
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const std::string image = row.image ? "sha256:" + sha256_hex(row.what) : std::string("tree:/srv/root");
    const std::string folder = environment_folder("e");
    fs::create_directories(folder);
    run::Plan plan;
    plan.name = "e";
    plan.image = image;
    plan.tree = row.image ? store.root() + "/trees/abc@map" : "/srv/root";
    ASSERT_TRUE(write_atomically("test", folder + "/plan", run::to_text(plan)));
    State state;
    state.phase = "running";
    state.boot = boot_id();
    state.first = ::getpid();
    state.first_began = process_began(::getpid()) + (row.began ? 0 : 1);
    ASSERT_TRUE(write_state(folder, state));
    Fd keeper;
    if (row.keeper) keeper = lock_keeper(folder).value();
    const Lease lease = hold_running(store).value();
    const std::vector<std::string> expected = row.kept ? std::vector<std::string>{image, "abc@map"} : std::vector<std::string>{};
    EXPECT_EQ(store.leased().value(), expected);
    fs::remove_all(folder);
  }
  const Lease own = hold_image("sha256:" + sha256_hex("a"), store.root() + "/trees/abc@map").value();
  EXPECT_EQ(store.leased().value(), (std::vector<std::string>{"sha256:" + sha256_hex("a"), "abc@map"}));
  if (before) ::setenv("XDG_STATE_HOME", old.c_str(), 1);
  else ::unsetenv("XDG_STATE_HOME");
}

}  // namespace
}  // namespace ninefold::env::supervise
