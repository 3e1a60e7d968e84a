// In: a running environment. Out: what was changed by hand since `up`, all of which `down` throws away.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/check.h"
#include "cli/environment.h"
#include "env/run/namespaces.h"

namespace ninefold::cli {
namespace fs = std::filesystem;
namespace supervise = env::supervise;
namespace {

struct Changes {
  std::vector<std::string> added, changed, deleted;
  std::set<std::string> packages, asked, removed;  // asked: those of `packages` that are no other's need
};

// Packages by the folders that pip makes for them: NAME-VERSION.dist-info, with REQUESTED in it where somebody named it.
void note_package(const fs::path& path, bool gone, Changes& changes) {
  if (path.extension() != ".dist-info") return;
  const std::string stem = path.stem();
  const std::size_t dash = stem.rfind('-');
  if (dash == std::string::npos) return;
  if (gone) {
    changes.removed.insert(stem.substr(0, dash));
    return;
  }
  std::error_code ignored;
  const std::string package = stem.substr(0, dash) + "==" + stem.substr(dash + 1);
  changes.packages.insert(package);
  if (fs::exists(path / "REQUESTED", ignored)) changes.asked.insert(package);
}

// Where something is mounted the runtime made an empty file or folder, and folders above it.
bool holds_a_mount(const std::string& inside, const std::vector<env::run::Bind>& binds) {
  return std::any_of(binds.begin(), binds.end(), [&](const env::run::Bind& bind) { return (bind.to + "/").rfind(inside + "/", 0) == 0; });
}

void list(const std::string& upper, const std::string& tree, const std::vector<env::run::Bind>& binds, Changes& changes) {
  std::error_code ignored;
  for (auto at = fs::recursive_directory_iterator(upper, fs::directory_options::skip_permission_denied, ignored);
       at != fs::recursive_directory_iterator(); at.increment(ignored)) {
    if (ignored) break;
    const std::string inside = at->path().string().substr(upper.size());
    struct stat now {}, before {};
    if (::lstat(at->path().c_str(), &now) != 0) continue;
    const bool was = ::lstat((tree + inside).c_str(), &before) == 0;
    const bool gone = S_ISCHR(now.st_mode) && now.st_rdev == 0;  // an overlay's whiteout
    if (gone || (S_ISDIR(now.st_mode) && !was)) note_package(at->path(), gone, changes);
    if (S_ISDIR(now.st_mode) && was) continue;  // it is there to hold what changed
    if (!was && (inside == "/run" || inside.rfind("/run/", 0) == 0 || holds_a_mount(inside, binds))) continue;
    (gone ? changes.deleted : was ? changes.changed : changes.added).push_back(inside);
  }
}

}  // namespace

extern const Verb diff;
const Verb diff = {
    .name = "diff",
    .usage = "[--json]",
    .brief = "List files added (A), changed (C) and deleted (D) since `up`, and packages installed by hand.",
    .flags = {name_flag, {"--json", "as JSON"}},
    .examples = {"ninefold diff", "ninefold diff --json"},
    .exits = "0",
    .run = [](const Args& args, Io&) -> int {
      check(args.rest.empty(), "diff: expected no arguments, got {}", args.rest.empty() ? "" : args.rest[0]);
      const supervise::Environment environment = running("diff", args);
      check(environment.plan.backend.empty(), Code::failed_precondition, "diff: {} runs by {}, which keeps what was changed where only it reads it; start it "
            "without --backend to see what is changed from then on", environment.name, environment.plan.backend);
      const auto body = [&environment, json = args.has("--json")]() {
        Changes changes;
        list(environment.folder + "/layer/upper", environment.plan.tree, environment.plan.binds, changes);
        for (const env::run::Bind& bind : environment.plan.binds) {
          std::error_code ignored;
          if (!bind.skeleton) continue;
          for (const auto& python : fs::directory_iterator(bind.from + "/.local/lib", ignored))
            for (const auto& entry : fs::directory_iterator(python.path() / "site-packages", ignored))
              note_package(entry.path(), false, changes);
        }
        for (const std::string& package : changes.packages) changes.removed.erase(package.substr(0, package.find('=')));  // another version
        if (json) {
          std::cout << nlohmann::ordered_json{{"added", changes.added}, {"changed", changes.changed}, {"deleted", changes.deleted},
                                              {"packages", changes.packages},
                                              {"removed", changes.removed}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
        } else {
          for (const auto& [sign, names] : {std::pair{'A', &changes.added}, {'C', &changes.changed}, {'D', &changes.deleted}})
            for (const std::string& name : *names) std::cout << sign << ' ' << name << "\n";
          // What they need comes with them.
          std::string keep, drop;
          for (const std::string& package : changes.asked.empty() ? changes.packages : changes.asked) keep += " " + package;
          for (const std::string& package : changes.removed) drop += " " + package;
          if (!keep.empty()) std::cout << "\nto keep these: ninefold add" << keep << "\n";
          if (!drop.empty()) std::cout << "\nremoved by hand:" << drop << "; `ninefold remove` takes what the file names out of it\n";
        }
        std::cout.flush();
        return 0;
      };
      if (::geteuid() == 0) return body();
      return env::run::in_namespace(environment.plan.ids, environment.plan.newuidmap, body).within("diff").value();
    }};

}  // namespace ninefold::cli
