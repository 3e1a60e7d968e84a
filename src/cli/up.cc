// In: a ninefold.toml and its image. Out: the environment runs, and the lines that tell how to reach it.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <thread>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/process.h"
#include "cli/bring_up.h"
#include "cli/environment.h"
#include "cli/registry.h"
#include "env/run/apply.h"
#include "env/spec/parse.h"
#include "env/supervise/connector.h"
#include "env/supervise/keeper.h"

namespace ninefold::cli {
namespace fs = std::filesystem;
namespace supervise = env::supervise;
namespace {

// A login needs a key: one is made for him who has none, as ssh-keygen would.
void make_own_key(const env::run::Facts& facts, Io& io) {
  const std::string folder = facts.home + "/.ssh", file = folder + "/id_ed25519";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw errno_error(errno, "up: make folder " + folder);
  Program keygen;
  keygen.arguments = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file};
  (void)run_or_fail("up: make a key", keygen).value();
  io.err << "up: you had no SSH key; made " << file << "\n";
}

env::run::Root root_of(const env::Spec& spec, const std::string& tree, const std::string& image, const std::string& driver, env::Lease& lease) {
  if (tree.empty()) return image_root(spec, image, driver, lease);
  check(fs::is_directory(tree + "/etc"), Code::not_found, "up: --tree {}: no root file system lies there", tree);
  return {.digest = "tree:" + fs::canonical(tree).string(), .tree = fs::canonical(tree), .environment = {}};
}

// Ready means: something answers on the port inside.
std::vector<std::string> wait_for(const supervise::Environment& environment, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::vector<std::string> silent;
  for (const env::run::Port& port : environment.plan.ports) {
    bool answered = false;
    do {
      answered = supervise::connect_inside(environment.folder, port.inside).ok();
      if (!answered) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      check(answered || supervise::alive(environment.state), Code::aborted,
            "up: {} was killed while it started; see ninefold status", environment.name);
    } while (!answered && std::chrono::steady_clock::now() < end);
    if (!answered) silent.push_back(port.service);
  }
  return silent;
}

}  // namespace

namespace {

// "SERVICE=PORT": where this machine publishes a service that the file publishes elsewhere. Inside nothing changes.
void set_ports(env::run::Plan& plan, const std::vector<std::string>& ports) {
  for (const std::string& one : ports) {
    const std::string service = one.substr(0, one.find('='));
    const int port = one.find('=') == std::string::npos ? 0 : std::atoi(one.c_str() + one.find('=') + 1);
    check(port >= 1 && port <= 65535, "up: --port {}: expected SERVICE=PORT with a port from 1 to 65535, as jupyter=8889", one);
    std::string known;
    bool found = false;
    for (env::run::Port& mine : plan.ports) {
      known += (known.empty() ? "" : ", ") + mine.service;
      check(mine.service == service || mine.outside != port, Code::already_exists, "up: --port {}: {} has that port", one, mine.service);
      if (mine.service == service) mine.outside = port, found = true;
    }
    check(found, Code::not_found, "up: --port {}: no service of that name has a port; there {}", one,
          known.empty() ? "is none in this file" : "are " + known);
  }
}

constexpr const char* kNoSlirp = "slirp4netns does not start";

Result<void> start(const env::run::Plan& plan, const env::run::SecretValues& secrets) {
  make_folders("up", plan.state).value();
  ::chmod(plan.state.c_str(), 0700);
  write_atomically("up", plan.state + "/plan", env::run::to_text(plan)).value();
  ::chmod((plan.state + "/plan").c_str(), 0600);
  Result<void> started = supervise::start_keeper(plan.state, false, secrets);
  if (!started && !supervise::read_state(plan.state)) (void)supervise::remove_state(plan);
  return started;
}

}  // namespace

supervise::Environment bring_up(const UpRequest& request, Io& io) {
  const env::Spec spec = env::load_spec(request.file).value();
  env::run::Facts facts = env::run::look_around(spec);
  const char* site = std::getenv("NINEFOLD_BACKEND");
  const std::string backend = !request.backend.empty() ? request.backend : site ? site : "";
  if (spec.ssh && spec.ssh->authorized_keys.empty() && facts.own_keys.empty()) {
    make_own_key(facts, io);
    facts = env::run::look_around(spec);
  }
  facts.backend = backend == "own" ? "" : backend;
  const Fd lock = supervise::lock_environment(spec.name).value();
  const std::string folder = env::run::state_folder(facts, spec.name);
  Result<supervise::State> before = supervise::read_state(folder);
  const auto runs = [&] { return before && before.value().phase == "running" && supervise::alive(before.value()); };
  // One that is dying may still look alive: the word of its supervisor counts.
  if (Result<env::run::Plan> plan = supervise::read_plan(folder); plan && runs())
    (void)supervise::ask({spec.name, folder, before.value(), plan.value(), true}, {{"op", "services"}});
  // A keeper whose environment has just ended is still cleaning up.
  for (int i = 0; i < 500 && before && !runs() && supervise::keeper_alive(folder); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    before = supervise::read_state(folder);
  }
  if (runs()) {
    check(before.value().project == spec.file, Code::already_exists,
          "up: an environment named {} is up already, from {}; give this one another name in {}", spec.name,
          before.value().project, spec.file);
    if (!supervise::keeper_alive(folder)) supervise::start_keeper(folder, true, {}).value();
    io.err << "up: " << spec.name << " is up already; ninefold restart applies changes\n";
    return {spec.name, folder, before.value(), supervise::read_plan(folder).value(), true};
  }
  if (before)  // killed: its traces go before it starts anew
    if (Result<env::run::Plan> plan = supervise::read_plan(folder)) {
      env::run::sweep(plan.value()).value();
      supervise::remove_state(plan.value()).value();
    }
  env::Lease lease;  // until the keeper has its own
  // Nothing is built for a machine that could not run it.
  const std::string refusal = env::run::choose_gpus(spec, facts.gpu, env::run::choose_ids(facts).value(), std::nullopt).refusal;
  check(refusal.empty(), Code::failed_precondition, "up: {}: {}", spec.position("gpu.use").text(), refusal);
  const env::run::Root root = root_of(spec, request.tree, request.image, facts.gpu.driver.version, lease);
  facts.passwd = env::run::text_of_tree(root.tree, "etc/passwd");
  facts.group = env::run::text_of_tree(root.tree, "etc/group");
  const std::string zones = root.tree + "/usr/share/zoneinfo/";
  check(!fs::is_directory(zones) || fs::is_regular_file(zones + spec.timezone), Code::invalid_argument,
        "up: {}: there is no time zone {}; a name below /usr/share/zoneinfo is needed, as Asia/Shanghai",
        spec.position("timezone").text(), spec.timezone);
  env::run::Plan plan = env::run::make_plan(spec, root, facts).value();
  set_ports(plan, request.ports);
  for (const std::string& note : plan.notes) io.err << "up: " << note << "\n";
  const env::run::SecretValues secrets = secret_values("up", spec);
  Result<void> started = start(plan, secrets);
  if (!started && started.error().message().find(kNoSlirp) != std::string::npos && spec.network.outgoing == "auto") {
    // What could be made for the trial cannot be made now; the other road needs no device.
    facts.tun = false, facts.why_no_tun = kNoSlirp;
    plan = env::run::make_plan(spec, root, facts).value();
    set_ports(plan, request.ports);
    started = start(plan, secrets);
  }
  if (!started) throw started.error();
  for (const env::run::Port& port : plan.ports)
    if (!port.published.empty())
      io.err << fmt::format("up: warning: port {} ({}) is open to other machines on {}\n", port.outside, port.service,
                            port.published);
  supervise::Environment environment{spec.name, folder, supervise::read_state(folder).value(), plan, true};
  for (const std::string& service : wait_for(environment, request.wait))
    io.err << fmt::format("up: {0} does not answer yet; see ninefold logs {0}\n", service);
  return environment;
}

extern const Verb up;
const Verb up = {
    .name = "up",
    .usage = "[--image IMAGE] [--verify-key FILE] [--port SERVICE=PORT] [FILE]",
    .brief = "Start the environment of a ninefold.toml, and tell how to reach it.",
    .flags = {{"--image IMAGE", "start this one, and build nothing: a name, a digest or a registry's reference"},
              {"--tree FOLDER", "use this root file system instead of the built image"},
              {"--backend ENGINE", "podman or docker makes the container, for sites that require it; own: Ninefold's runtime. Else as NINEFOLD_BACKEND says"},
              {"--port SERVICE=PORT", "publish a service on another port than the file's, this time; may be given again"},
              verify_key_flag, plain_http_flag, ca_flag,
              {"--wait SECONDS", "how long to wait until the services answer", "30"},
              {"--json", "as JSON"}},
    .examples = {"ninefold up", "ninefold up ../other/ninefold.toml", "ninefold up --port jupyter=8889", "ninefold up --backend podman",
                 "ninefold up --image registry.example/team/tf29:week-47"},
    .exits = "0: it runs; 2: the file has faults; 127: it cannot be started, and why",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "up: expected one file at most, got {}", args.rest.size());
      check(!args.has("--image") || !args.has("--tree"), "up: --image and --tree exclude each other");
      const std::string file = args.rest.empty() ? "" : args.rest[0];
      const bool there = args.has("--image") && env::registry::is_reference(args.get("--image"));
      check(there || !args.has("--verify-key"), "up: --verify-key is for images of a registry; give --image HOST/REPOSITORY[:TAG|@DIGEST]");
      const env::image::Trusted trusted = there ? trusted_of("up", args, file) : env::image::Trusted();
      const std::string image = args.has("--image") ? find_image("up", args.get("--image"), access_of(args), trusted, io) : "";
      const supervise::Environment environment =
          bring_up({.file = file, .tree = args.get("--tree"), .image = image,
                    .wait = std::atof(args.get("--wait").c_str()), .backend = args.get("--backend"), .ports = args.every("--port")}, io);
      if (args.has("--json")) {
        io.out << facts_text(environment) << "\n";
        return ok;
      }
      io.out << fmt::format("{} is up (image {})\n", environment.name, environment.plan.image);
      io.out << "network:      " << network_text(environment.plan) << "\n";
      if (!environment.plan.backend.empty()) io.out << "runtime:      " << environment.plan.backend << "\n";
      io.out << "gpu:          " << env::run::gpu_text(environment.plan.gpu) << "\n";
      print_addresses(environment, io);
      return ok;
    },
    .completes = "file"};

}  // namespace ninefold::cli
