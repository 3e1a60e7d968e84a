// In: the machine, the ninefold.toml here or above. Out: Facts. Nothing is judged and nothing is changed here.
#pragma once

#include <functional>
#include <string>

#include "env/doctor/facts.h"

namespace ninefold::env::doctor {

struct Request {
  std::string file;        // a ninefold.toml or its folder; empty: here or above
  bool verify = false;     // read every byte of the store's images
  std::function<void(const std::string&)> say;
};
Facts gather(const Request& request);

// The parts. `root` stands before every path of /proc, /sys, /dev and /etc: a recorded tree of another machine.
Machine machine_facts(const run::Facts& caller, const std::string& root = {});
Gpu gpu_facts(const run::GpuFacts& found, const std::string& root = {});
std::vector<Disk> disk_facts(const run::Facts& caller, const std::string& store, const std::string& project);
StoreFacts store_facts(const std::string& root, std::uint32_t uid, const Request& request);
Project project_facts(const run::Facts& caller, const std::string& file);
Running running_facts(const run::Facts& caller, const Project& project);

// Trainings that run now: files in `folder` below `root`, which has a /proc of theirs. `cpus`: the environment's limit, 0: none.
std::vector<TrainingFacts> training_facts(const std::string& root, const std::string& folder, double cpus, std::int64_t now);
Result<TrainingFacts> parse_training(const std::string& text);

// Who listens on a port of this machine's loopback; empty: nobody.
struct Holder {
  std::string process;  // its name; "somebody else's process" where /proc does not show it
  int pid = 0;
};
std::optional<Holder> holder_of(int port, const std::string& root = {});
int free_port(int above);

// The rule of a firewall (text of `nft -a list ruleset`) that drops or rejects connections to a port: "inet filter input
// handle 5"; empty: none names it.
std::string rule_against(const std::string& ruleset, int port);

}  // namespace ninefold::env::doctor
