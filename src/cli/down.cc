// In: an environment. Out: it is gone: processes, mounts, limits, run state. Volumes and jobs' records stay.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "base/check.h"
#include "cli/bring_up.h"
#include "cli/registry.h"
#include "cli/environment.h"
#include "env/run/apply.h"

namespace ninefold::cli {
namespace supervise = env::supervise;
namespace {

std::string running_jobs(const supervise::Environment& environment) {
  const supervise::Journal journal = supervise::read_journal(environment.folder);
  std::string list;
  for (const supervise::Run& run : journal.runs)
    if (run.kind == "job" && !run.status && run.session + 1 == journal.sessions.size())
      list += (list.empty() ? "" : ", ") + run.id;
  return list;
}

void take_down(const std::string& verb, const std::string& name, const Args& args, Io& io) {
  supervise::Environment environment = supervise::find(name).within(verb).value();
  const std::string jobs = environment.runs ? running_jobs(environment) : "";
  check(jobs.empty() || args.has("--force"), Code::failed_precondition,
        "{}: jobs are running: {}; wait for them (ninefold job wait), stop them, or use --force", verb, jobs);
  const Fd lock = supervise::lock_environment(name).value();
  supervise::bring_down(environment, std::atoi(args.get("--grace", "10").c_str()) * 1000 + 2000).value();
  ::unlink((supervise::environments_folder() + "/.lock-" + name).c_str());
  if (verb == "down") io.err << "down: " << name << " is down\n";
}

// False: nothing runs by that name, and nothing is left of it. A start that was killed before it wrote its record
// leaves a plan, by which it is swept; so is, if forced, an environment whose record is damaged.
bool recorded(const std::string& name, bool force) {
  const std::string folder = supervise::environment_folder(name);
  const Result<supervise::State> state = supervise::read_state(folder);
  if (state) return true;
  check(state.error().code() == Code::not_found || force, state.error().code(), "down: {}; ninefold down --force ends what runs",
        state.error().message());
  const Fd lock = supervise::lock_environment(name).value();
  const Result<env::run::Plan> plan = supervise::read_plan(folder);
  if (plan && state.error().code() != Code::not_found) env::run::sweep(plan.value()).value();
  // A keeper whose `up` was killed may have its word to write yet, or not even its lock: with that in our hands
  // none begins.
  Result<Fd> keeper = supervise::lock_keeper(folder);
  for (int i = 0; i < 500 && !keeper && keeper.error().code() == Code::failed_precondition; ++i) {
    if (supervise::read_state(folder)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    keeper = supervise::lock_keeper(folder);
  }
  if (supervise::read_state(folder)) return true;
  check(keeper || keeper.error().code() == Code::not_found, Code::deadline_exceeded,
        "down: the keeper neither starts {} nor ends; see {}/keeper.log", name, folder);
  if (plan) {
    env::run::sweep(plan.value()).value();
    supervise::remove_state(plan.value()).value();
  } else if (keeper) {
    std::filesystem::remove(folder + "/keeper.lock");
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".tmp") std::filesystem::remove(entry.path(), ignored);
    std::filesystem::remove(folder, ignored);  // not if it holds the records of jobs
  }
  ::unlink((supervise::environments_folder() + "/.lock-" + name).c_str());
  return false;
}

}  // namespace

extern const Verb down, restart;
const Verb down = {
    .name = "down",
    .usage = "[--force] [--json]",
    .brief = "Stop the environment and remove what it was made of; volumes and logs of jobs stay.",
    .flags = {name_flag, {"--force", "also while jobs are running: they are ended"}, {"--json", "as JSON: whether it was up"}},
    .examples = {"ninefold down", "ninefold down --name tf29 --force"},
    .exits = "0: it is down, also where none was up; 127: jobs are running, or it could not be stopped",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.empty(), "down: expected no arguments, got {}; name it with --name",
            args.rest.empty() ? "" : args.rest[0]);
      const std::string name = environment_name(args);
      const bool was_up = recorded(name, args.has("--force"));
      if (was_up) take_down("down", name, args, io);
      else io.err << "down: " << name << " is not up\n";
      if (args.has("--json")) io.out << nlohmann::ordered_json{{"name", name}, {"was_up", was_up}}.dump() << "\n";
      return ok;
    }};

const Verb restart = {
    .name = "restart",
    .usage = "[--json] [SERVICE]",
    .brief = "Start the environment again with what its file says now, or one of its services.",
    .flags = {name_flag, {"--force", "also while jobs are running: they are ended"},
              {"--image IMAGE", "start this one of the store, a name or a digest, and build nothing"},
              {"--tree FOLDER", "use this root file system instead of the built image"},
              {"--json", "as JSON: what `up --json` says, or the service"}},
    .examples = {"ninefold restart", "ninefold restart jupyter"},
    .exits = "0: it runs; 127: jobs are running, or it could not be started",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "restart: expected one service at most, got {}", args.rest.size());
      if (!args.rest.empty()) {
        const supervise::Environment environment = running("restart", args);
        supervise::ask(environment, {{"op", "restart"}, {"service", args.rest[0]}}).within("restart").value();
        if (args.has("--json")) io.out << nlohmann::ordered_json{{"name", environment.name}, {"service", args.rest[0]}}.dump() << "\n";
        else io.err << "restart: " << args.rest[0] << " is starting again\n";
        return ok;
      }
      const std::string image = args.has("--image") ? find_image("restart", args.get("--image"), {}, trusted_of("restart", args), io) : "";
      const std::string name = environment_name(args);
      const supervise::Environment before = supervise::find(name).within("restart").value();
      take_down("restart", name, args, io);
      const supervise::Environment after = bring_up({.file = before.plan.project, .tree = args.get("--tree"), .image = image, .wait = 30, .backend = before.plan.backend.empty() ? "own" : before.plan.backend}, io);
      if (args.has("--json")) {
        io.out << facts_text(after) << "\n";
        return ok;
      }
      io.out << name << " is up again\n";
      print_addresses(after, io);
      return ok;
    },
    .completes = "ssh jupyter tensorboard"};

}  // namespace ninefold::cli
