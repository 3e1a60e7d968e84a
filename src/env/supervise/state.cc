// In: files of the state folder and /proc. Out: State; a pid counts only with its start time and boot.
#include "env/supervise/state.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/text.h"
#include "env/run/apply.h"

namespace ninefold::env::supervise {
namespace fs = std::filesystem;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(State, phase, session, boot, project, image, first, first_began, started)

namespace {

std::string text_of(const std::string& path) {
  Result<std::string> text = read_file("", path);
  return text ? text.value() : std::string();
}

}  // namespace

std::string environments_folder() {
  const char* given = std::getenv("XDG_STATE_HOME");
  if (given && *given == '/') return std::string(given) + "/ninefold/environments";
  const char* home = std::getenv("HOME");
  if (home && *home == '/') return std::string(home) + "/.local/state/ninefold/environments";
  const passwd* me = ::getpwuid(::geteuid());
  return std::string(me ? me->pw_dir : "") + "/.local/state/ninefold/environments";
}

std::string environment_folder(const std::string& name) { return environments_folder() + "/" + name; }

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(environments_folder(), ignored))
    if (entry.is_directory() && entry.path().filename().string()[0] != '.')
      names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

Result<State> read_state(const std::string& folder) {
  Result<std::string> text = read_file("environment", folder + "/record");
  if (!text) return text.error();
  try {
    return nlohmann::json::parse(text.value()).get<State>();
  } catch (const nlohmann::json::exception& problem) {
    return Error(Code::data_loss, "environment: " + folder + "/record is damaged: " + problem.what());
  }
}

Result<void> write_state(const std::string& folder, const State& state) {
  return write_atomically("environment", folder + "/record", nlohmann::json(state).dump(1) + "\n");
}

Result<run::Plan> read_plan(const std::string& folder) {
  Result<std::string> text = read_file("environment", folder + "/plan");
  if (!text) return text.error();
  return run::from_text(text.value()).within(folder + "/plan");
}

std::uint64_t process_began(pid_t pid) {
  const std::string stat = text_of("/proc/" + std::to_string(pid) + "/stat");
  std::size_t at = stat.rfind(')');
  if (pid <= 0 || at == std::string::npos) return 0;
  if (stat.compare(at, 4, ") Z ") == 0 || stat.compare(at, 4, ") X ") == 0) return 0;
  for (int field = 2; field < 22; ++field) {
    at = stat.find(' ', at + 1);
    if (at == std::string::npos) return 0;
  }
  return std::strtoull(stat.c_str() + at + 1, nullptr, 10);
}

std::string boot_id() { return std::string(strip(text_of("/proc/sys/kernel/random/boot_id"))); }

bool alive(const State& state) {
  return state.first > 0 && state.first_began != 0 && state.boot == boot_id() &&
         process_began(state.first) == state.first_began;
}

Result<Fd> lock_keeper(const std::string& folder) {
  Result<Fd> file = open_file("keeper", folder + "/keeper.lock", O_RDWR | O_CREAT, 0600);
  if (!file) return file;
  if (::flock(file.value().get(), LOCK_EX | LOCK_NB) != 0)
    return Error(Code::failed_precondition, "keeper: another one keeps " + folder);
  return file;
}

bool keeper_alive(const std::string& folder) {
  Result<Fd> file = open_file("keeper", folder + "/keeper.lock", O_RDWR);
  return file && ::flock(file.value().get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

Result<Fd> lock_environment(const std::string& name) {
  const std::string folder = environments_folder(), path = folder + "/.lock-" + name;
  Result<void> made = make_folders("environment", folder);
  if (!made) return made.error();
  ::chmod(folder.c_str(), 0700);
  for (;;) {
    Result<Fd> file = open_file("environment", path, O_RDWR | O_CREAT, 0600);
    if (!file) return file;
    while (::flock(file.value().get(), LOCK_EX) != 0)
      if (errno != EINTR) return errno_error(errno, "environment: lock " + path);
    // `down` removes the file while it holds the lock: whoever waited on it looks again.
    struct stat ours {}, there {};
    if (::fstat(file.value().get(), &ours) == 0 && ::stat(path.c_str(), &there) == 0 &&
        ours.st_ino == there.st_ino)
      return file;
  }
}

Journal read_journal(const std::string& folder) {
  std::vector<Record> records = parse_journal(text_of(folder + "/shared/journal"));
  const std::vector<Record> kills = parse_journal(text_of(folder + "/shared/kills"));
  records.insert(records.end(), kills.begin(), kills.end());
  return fold(records);
}

Result<void> remove_state(const run::Plan& plan) {
  const std::string shared = plan.state + "/shared";
  std::error_code ignored;
  for (const char* name : {"record", "plan", "keeper.log", "first.log", "shared/control", "connect"})
    fs::remove(plan.state + "/" + name, ignored);
  // What a killed writer left beside its file.
  for (const auto& entry : fs::directory_iterator(plan.state, ignored))
    if (entry.path().extension() == ".tmp") fs::remove(entry.path(), ignored);
  const bool jobs = fs::exists(shared + "/jobs", ignored) &&
                    std::any_of(fs::directory_iterator(shared + "/jobs", ignored), fs::directory_iterator(),
                                [](const auto& entry) { return entry.path().filename().string()[0] != '.'; });
  Result<void> removed = run::remove_tree(plan, shared + "/logs");
  if (!jobs && removed) {
    removed = run::remove_tree(plan, shared);
    fs::remove(plan.state + "/keeper.lock", ignored);
    fs::remove(plan.state, ignored);
  }
  return removed;
}

}  // namespace ninefold::env::supervise
