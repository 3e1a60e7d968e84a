// In: the record of an environment. Out: what runs of it and what does not, as seen from outside.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "base/fd.h"
#include "base/process.h"
#include "base/text.h"
#include "env/doctor/gather.h"
#include "env/doctor/reach.h"
#include "env/store/store.h"
#include "env/supervise/client.h"
#include "env/supervise/connector.h"
#include "env/supervise/usage.h"

namespace ninefold::env::doctor {
namespace {

constexpr int kNear = 1000;  // milliseconds that a connection within this machine may take

// The last line of a service's log that says something.
std::string last_words(const std::string& folder, const std::string& service) {
  const Result<std::string> log = read_file("doctor", fmt::format("{}/shared/logs/{}", folder, service));
  if (!log) return {};
  std::string last;
  for (const std::string_view line : split(log.value(), '\n'))
    if (!strip(line).empty()) last = strip(line);
  return last.substr(0, 300);
}

// The firewall's rules where there is one and the caller may read them.
std::string ruleset() {
  const std::string nft = find_program("nft");
  if (nft.empty()) return {};
  Program list;
  list.arguments = {nft, "-a", "list", "ruleset"};
  const Result<Finished> done = run_program("doctor", list);
  return done && done.value().status == 0 ? done.value().output : std::string();
}

void note_services(Running& running, const supervise::Environment& environment) {
  const Result<supervise::Fields> answer = supervise::ask(environment, {{"op", "services"}});
  if (!answer) return;
  for (const auto& [key, value] : answer.value()) {
    if (key == "service") running.services.emplace_back().name = value;
    if (running.services.empty()) continue;
    if (key == "pid") running.services.back().runs = value != "0";
    if (key == "starts") running.services.back().starts = std::atoi(value.c_str());
  }
  for (ServiceFacts& service : running.services) {
    const auto& ports = environment.plan.ports;
    const auto port = std::find_if(ports.begin(), ports.end(), [&](const run::Port& p) { return p.service == service.name; });
    service.last_words = last_words(environment.folder, service.name);
    if (port == ports.end() || !running.keeper) continue;   // without a keeper nothing leads inside
    service.outside = port->outside, service.inside = port->inside;
    service.inside_answers = supervise::connect_inside(environment.folder, port->inside).ok();
    const Reached reached = reach("127.0.0.1", port->outside, kNear);
    using Outside = ServiceFacts::Outside;
    service.outside_answer = reached == Reached::yes ? Outside::answers : reached == Reached::refused ? Outside::refused : Outside::silent;
    if (service.outside_answer == Outside::answers || !service.inside_answers) continue;
    service.rule = rule_against(ruleset(), port->outside);
    service.free = free_port(port->outside);
  }
}

void note_kills(Running& running, const std::string& folder) {
  const supervise::Journal journal = supervise::read_journal(folder);
  for (const supervise::Run& one : journal.runs) {
    if (!one.memory || one.session + 1 != journal.sessions.size()) continue;
    ++running.memory_kills;
    if (one.kind == "job") running.killed_for_memory.push_back(one.id);
  }
}

void note_room(Running& running, const supervise::Environment& environment) {
  struct statvfs room {};
  if (::statvfs(fmt::format("/proc/{}/root/dev/shm", environment.state.first).c_str(), &room) != 0) return;
  running.shm_size = static_cast<std::uint64_t>(room.f_blocks) * room.f_frsize;
  running.shm_free = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
}

// What only its owner may enter: the run state, the host key.
void note_open(Running& running, const std::string& folder) {
  for (const std::string& one : {folder, folder + "/../../hostkeys/" + running.name}) {
    struct stat status {};
    if (::stat(one.c_str(), &status) == 0 && (status.st_mode & 077))
      running.open_folders.push_back(std::filesystem::path(one).lexically_normal());
  }
}

// Another image than its lock's: one that --image chose, or what the lock's name meant before a later build.
void note_image(Running& running, const std::string& image, std::int64_t started) {
  const Result<Store> store = Store::open();
  const Result<Ref> ref = store ? store.value().ref(running.name) : Result<Ref>(store.error());
  if (!running.tree.empty() || !ref || ref.value().image == image) return;
  struct stat status {};
  running.old_image = ::stat(fmt::format("{}/refs/{}", store.value().root(), running.name).c_str(), &status) == 0 && status.st_mtime * 1000 > started;
  if (!running.old_image) running.image = image;
}

}  // namespace

Running running_facts(const run::Facts& caller, const Project& project) {
  Running running;
  if (!project.spec) return running;
  running.name = project.spec->name;
  const std::string folder = run::state_folder(caller, running.name);
  const Result<supervise::State> state = supervise::read_state(folder);
  if (!state && state.error().code() == Code::not_found) return running;
  const Result<run::Plan> plan = supervise::read_plan(folder);
  const std::string image = plan ? plan.value().image : "";
  if (image.rfind("tree:", 0) == 0) running.tree = image.substr(5);
  if (!state || !plan) {
    running.state = Running::State::damaged;
    running.fault = (state ? plan.error() : state.error()).message();
    return running;
  }
  note_image(running, image, state.value().started);
  for (const auto& [variable, value] : project.spec->environment) {
    const auto& inside = plan.value().environment;
    if (std::find(inside.begin(), inside.end(), variable + "=" + value) == inside.end()) running.old_variables.push_back(variable);
  }
  if (!supervise::alive(state.value())) {
    running.state = Running::State::killed;
    return running;
  }
  running.state = Running::State::up;
  const supervise::Environment environment{running.name, folder, state.value(), plan.value(), true};
  running.keeper = supervise::keeper_alive(folder);
  note_services(running, environment);
  note_kills(running, folder);
  note_room(running, environment);
  note_open(running, folder);
  running.trainings = training_facts(fmt::format("/proc/{}/root", environment.state.first), run::kTrainingFacts, environment.plan.limits.cpus,
                                     std::time(nullptr));
  running.memory = supervise::usage_of(environment.plan, environment.state.first).memory;
  running.memory_limit = environment.plan.limits.memory;
  running.memory_strength = environment.plan.cgroups.memory;
  running.why_soft = environment.plan.cgroups.why;
  running.network = environment.plan.network;
  running.gpu_driver = environment.plan.gpu.driver;
  return running;
}

}  // namespace ninefold::env::doctor
