// In: the machine, the ninefold.toml here or above. Out: its NVIDIA cards, what an environment gets of them and why; the
// specification of the Container Device Interface that says so to other runtimes.
#include "env/run/gpu.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/check.h"
#include "cli/verb.h"
#include "env/lock/make.h"
#include "env/spec/parse.h"

namespace ninefold::cli {
namespace {

using Json = nlohmann::ordered_json;
namespace run = env::run;

Json as_json(const run::GpuFacts& facts, const run::GpuChoice& choice) {
  Json cards = Json::array();
  for (const run::Card& card : facts.driver.cards) cards.push_back({{"address", card.address}, {"uuid", card.uuid}, {"model", card.model}});
  Json json = {{"driver", facts.driver.version}, {"cards", cards}, {"gpus", choice.gpu.devices}, {"source", choice.gpu.source}, {"why", choice.gpu.why}};
  json["remedy"] = choice.remedy;
  json["notes"] = choice.notes;
  return json;
}

void print(const run::GpuFacts& facts, const run::GpuChoice& choice, Io& io) {
  const run::Driver& driver = facts.driver;
  io.out << "driver:       " << (driver.version.empty() ? "none" : driver.version) << "\n";
  for (std::size_t i = 0; i < driver.cards.size(); ++i)
    io.out << fmt::format("card {}:       {} at {} {}\n", i, driver.cards[i].model, driver.cards[i].address, driver.cards[i].uuid);
  io.out << "inside:       " << run::gpu_text(choice.gpu) << "\n";
  if (!choice.gpu.devices.empty())
    io.out << fmt::format("files:        {} libraries and others, {} nodes\n", choice.files.size(), choice.nodes.size());
  if (!choice.remedy.empty()) io.out << "do:           " << choice.remedy << "\n";
  for (const std::string& note : choice.notes) io.out << "note:         " << note << "\n";
}

}  // namespace

extern const Verb gpu;
const Verb gpu = {
    .name = "gpu",
    .usage = "[--cdi] [--json] [FILE]",
    .brief = "Tell which NVIDIA GPUs this machine has, which of them the environment gets, and why.",
    .flags = {{"--cdi", "print Ninefold's own CDI specification of this machine's driver, for other runtimes"}, {"--json", "as JSON"}},
    .examples = {"ninefold gpu", "ninefold gpu --json", "ninefold gpu --cdi | sudo tee /etc/cdi/ninefold.json"},
    .exits = "0: the environment gets one, or --cdi; 1: it gets none",
    .run = [](const Args& args, Io& io) -> int {
      check(args.rest.size() <= 1, "gpu: expected one file at most, got {}", args.rest.size());
      const run::GpuFacts found = run::look_at_gpus();
      if (args.has("--cdi")) {
        check(!found.driver.cards.empty() && !found.driver.libraries.empty(), Code::failed_precondition,
              "gpu: there is nothing to write a specification of: {}; ninefold doctor tells what is missing",
              found.driver.version.empty() ? "no NVIDIA driver is loaded" : "the driver has no card, or no library of its version is there");
        io.out << run::to_text(run::cdi_of(found.driver));
        return ok;
      }
      env::Spec spec;  // without a file: what one that says nothing of GPUs would get
      std::optional<run::Toolkit> toolkit;
      Result<env::Spec> loaded = env::load_spec(args.rest.empty() ? "" : args.rest[0]);
      if (!loaded && (!args.rest.empty() || loaded.error().code() != Code::not_found)) throw loaded.error();
      if (loaded) {
        spec = loaded.value();
        if (const Result<env::Lock> lock = env::read_lock(spec)) toolkit = run::toolkit_of(lock.value());
      }
      const run::Facts facts = run::look_around(spec);
      const run::GpuChoice choice = run::choose_gpus(spec, found, run::choose_ids(facts).value(), toolkit);
      if (args.has("--json")) io.out << as_json(found, choice).dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
      else print(found, choice, io);
      return choice.gpu.devices.empty() ? found_something : ok;
    },
    .completes = "file"};

}  // namespace ninefold::cli
