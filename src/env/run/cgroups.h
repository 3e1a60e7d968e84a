// In: which controllers this process may use, in cgroups version 1, 2 or both. Out: writes, as data.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "env/run/facts.h"

namespace ninefold::env::run {

enum class Strength { none, soft, hard };
const char* text(Strength strength);

struct Cgroup {
  std::string folder;                                         // made, and removed at the end
  std::vector<std::pair<std::string, std::string>> enable;    // file, text; before the folder is made
  std::vector<std::pair<std::string, std::string>> settings;  // file in the folder, text
};

struct CgroupPlan {
  std::vector<Cgroup> folders;
  Strength memory = Strength::none, cpus = Strength::none, processes = Strength::none;
  std::string memory_folder;  // where kills for memory are counted; empty: nowhere
  std::string why;            // what keeps a limit from being hard
};

// `name` is the folder's name, one per user and environment.
CgroupPlan plan_cgroups(const Facts& facts, const Limits& limits, const std::string& name);

}  // namespace ninefold::env::run
