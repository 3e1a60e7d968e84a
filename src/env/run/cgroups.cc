// In: /proc/self/cgroup, /proc/self/mountinfo and what can be written. Out: folders, files and texts.
#include "env/run/cgroups.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace ninefold::env::run {
namespace {

struct Hierarchy {
  bool unified = false;
  std::vector<std::string> controllers;  // version 1
  std::string mount, root, own;          // mount point, what of the hierarchy it shows, our path in it
};

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> words(std::string_view text, char by) {
  std::vector<std::string> list;
  for (const std::string_view word : split(strip(text), by))
    if (!word.empty()) list.emplace_back(word);
  return list;
}

// mountinfo writes a blank as \040.
std::string unescape(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::vector<Hierarchy> hierarchies(const Facts& facts) {
  std::vector<Hierarchy> list;
  for (const std::string_view line : split(facts.mountinfo, '\n')) {
    const std::vector<std::string> left = words(line.substr(0, line.find(" - ")), ' ');
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos || left.size() < 5) continue;
    const std::vector<std::string> right = words(line.substr(dash + 3), ' ');
    if (right.size() < 3 || (right[0] != "cgroup" && right[0] != "cgroup2")) continue;
    Hierarchy h;
    h.unified = right[0] == "cgroup2";
    h.mount = unescape(left[4]);
    h.root = unescape(left[3]);
    if (!h.unified) h.controllers = words(right[2], ',');
    list.push_back(h);
  }
  for (const std::string_view line : split(facts.cgroup_self, '\n')) {
    const std::size_t one = line.find(':');
    const std::size_t two = one == std::string_view::npos ? one : line.find(':', one + 1);
    if (two == std::string_view::npos) continue;
    const std::vector<std::string> names = words(line.substr(one + 1, two - one - 1), ',');
    for (Hierarchy& h : list) {
      const bool same = h.unified ? names.empty() : std::any_of(names.begin(), names.end(), [&](auto& n) {
        return has(h.controllers, n);
      });
      if (same) h.own = std::string(line.substr(two + 1));
    }
  }
  return list;
}

std::string parent(const std::string& folder) {
  const std::size_t slash = folder.rfind('/');
  return slash == std::string::npos ? std::string() : folder.substr(0, slash);
}

// Our own folder as the mount shows it, empty if it lies outside of what is mounted.
std::string own_folder(const Hierarchy& h) {
  std::string own = h.own == "/" ? "" : h.own;
  if (h.root != "/") {
    if (own.rfind(h.root, 0) != 0) return own.empty() ? h.mount : std::string();
    own.erase(0, h.root.size());
  }
  return h.mount + own;
}

struct Wanted {
  std::string controller;
  std::vector<std::pair<std::string, std::string>> v1, v2;
};

std::vector<Wanted> wanted(const Limits& limits) {
  std::vector<Wanted> list;
  const std::string bytes = std::to_string(limits.memory);
  // Without a limit the controller still counts kills and memory for `status`.
  if (limits.memory) {
    list.push_back({"memory", {{"memory.limit_in_bytes", bytes}, {"memory.memsw.limit_in_bytes", bytes}},
                    {{"memory.max", bytes}, {"memory.swap.max", "0"}}});
  } else {
    list.push_back({"memory", {}, {}});
  }
  if (limits.cpus > 0) {
    const std::string quota = std::to_string(std::llround(limits.cpus * 100000));
    list.push_back({"cpu", {{"cpu.cfs_period_us", "100000"}, {"cpu.cfs_quota_us", quota}},
                    {{"cpu.max", quota + " 100000"}}});
  }
  if (limits.processes) {
    const std::string most = std::to_string(limits.processes);
    list.push_back({"pids", {{"pids.max", most}}, {{"pids.max", most}}});
  }
  return list;
}

// Version 2: the nearest folder above ours where we may make one, whose children have `controllers`,
// and where processes may be moved from ours. Its own processes do not matter then.
std::string place_v2(const Facts& facts, const Hierarchy& h, const std::vector<std::string>& controllers,
                     Cgroup& cgroup) {
  const std::string own = own_folder(h);
  if (own.empty()) return {};
  for (std::string folder = own;; folder = parent(folder)) {
    const bool ours = facts.writable(folder) && facts.writable(folder + "/cgroup.procs");
    if (ours) {
      const std::vector<std::string> given = words(facts.read(folder + "/cgroup.subtree_control"), ' ');
      const std::vector<std::string> there = words(facts.read(folder + "/cgroup.controllers"), ' ');
      std::string missing;
      bool possible = true;
      for (const std::string& name : controllers) {
        if (has(given, name)) continue;
        missing += (missing.empty() ? "+" : " +") + name;
        possible = possible && has(there, name);
      }
      // A folder with processes of its own cannot hand controllers down, the topmost excepted.
      const bool empty = strip(facts.read(folder + "/cgroup.procs")).empty() || folder == h.mount;
      if (missing.empty()) return folder;
      if (possible && empty && facts.writable(folder + "/cgroup.subtree_control")) {
        cgroup.enable = {{folder + "/cgroup.subtree_control", missing}};
        return folder;
      }
    }
    if (folder.empty() || folder.size() <= h.mount.size()) return {};
  }
}

}  // namespace

const char* text(Strength strength) {
  return strength == Strength::hard ? "hard" : strength == Strength::soft ? "soft" : "none";
}

CgroupPlan plan_cgroups(const Facts& facts, const Limits& limits, const std::string& name) {
  CgroupPlan plan;
  const std::vector<Hierarchy> all = hierarchies(facts);
  std::vector<std::string> hard;
  const auto take = [&](Cgroup cgroup, const std::vector<Wanted>& list, bool unified) {
    for (const Wanted& w : list) {
      const auto& settings = unified ? w.v2 : w.v1;
      cgroup.settings.insert(cgroup.settings.end(), settings.begin(), settings.end());
      hard.push_back(w.controller);
      if (w.controller == "memory") plan.memory_folder = cgroup.folder;
    }
    plan.folders.push_back(cgroup);
  };
  for (const Hierarchy& h : all) {
    std::vector<Wanted> list;
    for (const Wanted& w : wanted(limits)) {
      if (has(hard, w.controller)) continue;
      const bool here = h.unified ? has(words(facts.read(h.mount + "/cgroup.controllers"), ' '), w.controller)
                                  : has(h.controllers, w.controller);
      if (here) list.push_back(w);
    }
    if (list.empty()) continue;
    Cgroup cgroup;
    if (!h.unified) {
      const std::string own = own_folder(h);
      if (own.empty() || !facts.writable(own)) continue;
      cgroup.folder = own + "/" + name;
      take(cgroup, list, false);
      continue;
    }
    // All of them at once, else one by one: a delegation may lack some.
    std::vector<std::string> names;
    for (const Wanted& w : list) names.push_back(w.controller);
    std::string place = place_v2(facts, h, names, cgroup);
    if (place.empty()) {
      std::vector<Wanted> some;
      for (const Wanted& w : list) {
        Cgroup attempt;
        const std::string there = place_v2(facts, h, {w.controller}, attempt);
        if (there.empty() || (!place.empty() && there != place)) continue;
        place = there;
        cgroup.enable.insert(cgroup.enable.end(), attempt.enable.begin(), attempt.enable.end());
        some.push_back(w);
      }
      list = some;
    }
    if (place.empty()) continue;
    cgroup.folder = place + "/" + name;
    take(cgroup, list, true);
  }
  const auto strength = [&](bool limited, const char* controller) {
    return !limited ? Strength::none : has(hard, controller) ? Strength::hard : Strength::soft;
  };
  plan.memory = strength(limits.memory != 0, "memory");
  plan.cpus = strength(limits.cpus > 0, "cpu");
  plan.processes = strength(limits.processes != 0, "pids");
  for (const Strength s : {plan.memory, plan.cpus, plan.processes})
    if (s == Strength::soft)
      plan.why = all.empty() ? "no cgroups are mounted" : "no cgroup was delegated to this user";
  return plan;
}

}  // namespace ninefold::env::run
