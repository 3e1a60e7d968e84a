// In: cgroup trees of machines that this one is not, as their kernels show them. Out: what would be limited there,
// how hard, and where. ./check counts these apart: no container runs in them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "env/run/cgroups.h"

namespace ninefold::env::run {
namespace {

struct Tree {
  std::string name;
  std::string self, mounts;  // /proc/self/cgroup, the cgroup lines of /proc/self/mountinfo
  std::map<std::string, std::string> files;
  std::vector<std::string> writable;
  Strength memory, cpus, processes;
  std::string folder;        // the first one made
  std::string enabled = {};  // what is written into the folder above it
};

constexpr Strength hard = Strength::hard, soft = Strength::soft;
using Paths = std::vector<std::string>;

Paths operator+(const std::string& folder, const Paths& names) {
  Paths all = {folder};
  for (const std::string& name : names) all.push_back(folder + "/" + name);
  return all;
}
const Paths kDelegated = {"cgroup.procs", "cgroup.subtree_control"};

const std::string kV1 = "30 1 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                        "31 1 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                        "32 1 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";
const std::string kV2 = "30 1 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";
const std::string kOwn = "4:memory:/job\n3:cpu,cpuacct:/\n2:pids:/\n0::/\n";
const Paths kOwnWritable = {"/sys/fs/cgroup/memory/job", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/pids"};
const std::string kSession = "0::/user.slice/user-1234.slice/user@1234.service/app.slice/shell.scope\n";
const std::string kService = "/sys/fs/cgroup/user.slice/user-1234.slice/user@1234.service";
const std::string kTop = "/sys/fs/cgroup";
const std::string kAll = "cpuset cpu io memory hugetlb pids rdma misc";

// A hybrid machine as it is: Debian 12 with every version 1 controller mounted by itself.
const std::string kHybridSelf = "9:name=systemd:/\n8:pids:/\n7:blkio:/\n6:freezer:/\n5:devices:/\n"
                                "4:memory:/process_api/3b15fb9c6178cd3551ae51ecbd8c7837\n3:cpuset:/\n2:cpuacct:/\n1:cpu:/\n0::/\n";
const std::string kHybrid = "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
                            "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
                            "33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n"
                            "34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset\n"
                            "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
                            "36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices\n"
                            "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n"
                            "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n"
                            "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
const std::string kHybridMemory = kTop + "/memory/process_api/3b15fb9c6178cd3551ae51ecbd8c7837";

const Tree kTrees[] = {
    {"v1_root", kOwn, kV1, {}, kOwnWritable, hard, hard, hard, "/sys/fs/cgroup/memory/job/n"},
    {"v1_user", kOwn, kV1, {}, {}, soft, soft, soft, ""},
    {"v1_memory_delegated", kOwn, kV1, {}, {"/sys/fs/cgroup/memory/job"}, hard, soft, soft, "/sys/fs/cgroup/memory/job/n"},
    {"v1_in_a_container", "4:memory:/docker/abc\n2:pids:/docker/abc\n",
     "30 1 0:26 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n32 1 0:28 /docker/abc /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n",
     {}, {"/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids"}, hard, soft, hard, "/sys/fs/cgroup/memory/n"},
    {"v1_our_folder_is_outside_of_the_mount", "4:memory:/elsewhere\n",
     "30 1 0:26 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n", {}, {"/sys/fs/cgroup/memory"}, soft, soft, soft, ""},
    {"hybrid_v2_has_no_controllers", kOwn, kV1 + "33 1 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
     {{"/sys/fs/cgroup/unified/cgroup.controllers", ""}}, kOwnWritable, hard, hard, hard, "/sys/fs/cgroup/memory/job/n"},
    {"hybrid_recorded_root", kHybridSelf, kHybrid, {{kTop + "/unified/cgroup.controllers", ""}},
     {kTop + "/cpu", kTop + "/pids", kTop + "/unified", kHybridMemory}, hard, hard, hard, kTop + "/cpu/n"},
    {"hybrid_recorded_user", kHybridSelf, kHybrid, {{kTop + "/unified/cgroup.controllers", ""}}, {}, soft, soft, soft, ""},
    {"hybrid_recorded_memory_delegated", kHybridSelf, kHybrid, {}, {kHybridMemory}, hard, soft, soft, kHybridMemory + "/n"},
    {"hybrid_memory_in_v2", "3:cpu,cpuacct:/\n0::/shell.scope\n",
     "31 1 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n33 1 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
     {{kTop + "/unified/cgroup.controllers", "memory pids"}, {kTop + "/unified/cgroup.procs", "1\n"}},
     kTop + "/unified" + kDelegated, hard, soft, hard, kTop + "/unified/n", "+memory +pids"},
    {"v2_root_in_a_session", kSession, kV2,
     {{kTop + "/cgroup.controllers", kAll}, {kTop + "/cgroup.procs", "1\n2\n"}, {kTop + "/cgroup.subtree_control", "cpu memory pids"}},
     kTop + kDelegated, hard, hard, hard, "/sys/fs/cgroup/n"},
    {"v2_root_as_a_service", "0::/system.slice/ssh.service\n", kV2,
     {{kTop + "/cgroup.controllers", kAll}, {kTop + "/cgroup.subtree_control", "cpu memory pids"},
      {kTop + "/system.slice/cgroup.controllers", kAll}, {kTop + "/system.slice/cgroup.subtree_control", "cpu io memory pids"},
      {kTop + "/system.slice/ssh.service/cgroup.procs", "77\n"}},
     kTop + "/system.slice" + kDelegated, hard, hard, hard, kTop + "/system.slice/n"},
    {"v2_in_a_container_with_its_own_namespace", "0::/\n", kV2,
     {{kTop + "/cgroup.controllers", "cpu memory pids"}, {kTop + "/cgroup.procs", "1\n"}}, kTop + kDelegated, hard, hard, hard, kTop + "/n",
     "+memory +cpu +pids"},
    {"v2_systemd_delegates_memory_and_pids", kSession, kV2,
     {{kTop + "/cgroup.controllers", kAll}, {kService + "/cgroup.controllers", "memory pids"},
      {kService + "/cgroup.subtree_control", "memory pids"}, {kService + "/cgroup.procs", ""}},
     kService + kDelegated, hard, soft, hard, kService + "/n"},
    {"v2_systemd_delegates_all", kSession, kV2,
     {{kTop + "/cgroup.controllers", kAll}, {kService + "/cgroup.controllers", "cpu memory pids"},
      {kService + "/cgroup.subtree_control", "cpu memory pids"}, {kService + "/cgroup.procs", ""}},
     kService + kDelegated, hard, hard, hard, kService + "/n"},
    {"v2_a_service_with_delegate_yes", "0::/system.slice/lab.service\n", kV2,
     {{kTop + "/cgroup.controllers", kAll}, {kTop + "/system.slice/lab.service/cgroup.controllers", "cpu memory pids"},
      {kTop + "/system.slice/lab.service/cgroup.procs", "77\n"}},
     kTop + "/system.slice/lab.service" + kDelegated, soft, soft, soft, ""},  // our own processes stand in it
    {"v2_an_empty_delegated_folder_above", "0::/lab/session\n", kV2,
     {{kTop + "/cgroup.controllers", kAll}, {kTop + "/lab/cgroup.controllers", "memory pids"}, {kTop + "/lab/cgroup.procs", ""}},
     kTop + "/lab" + kDelegated, hard, soft, hard, kTop + "/lab/n", "+memory"},
    {"v2_a_login_without_a_user_manager", "0::/user.slice/user-1234.slice/session-3.scope\n", kV2,
     {{kTop + "/cgroup.controllers", kAll}}, {}, soft, soft, soft, ""},
    {"no_cgroups", "", "", {}, {}, soft, soft, soft, ""},
};

class CgroupTrees : public testing::TestWithParam<Tree> {};

TEST_P(CgroupTrees, ArePlannedAsFarAsTheyAllow) {
  const Tree& tree = GetParam();
  Facts facts;
  facts.cgroup_self = tree.self, facts.mountinfo = tree.mounts;
  facts.writable = [&](const std::string& path) {
    return std::find(tree.writable.begin(), tree.writable.end(), path) != tree.writable.end();
  };
  facts.read = [&](const std::string& path) { return tree.files.count(path) ? tree.files.at(path) : std::string(); };
  const CgroupPlan plan = plan_cgroups(facts, {.memory = 1 << 30, .cpus = 2, .processes = 100, .shared_memory = 0}, "n");
  EXPECT_STREQ(text(plan.memory), text(tree.memory));
  EXPECT_STREQ(text(plan.cpus), text(tree.cpus));
  EXPECT_STREQ(text(plan.processes), text(tree.processes));
  ASSERT_EQ(plan.folders.empty() ? "" : plan.folders[0].folder, tree.folder);
  if (!tree.enabled.empty()) {
    ASSERT_FALSE(plan.folders[0].enable.empty());
    EXPECT_EQ(plan.folders[0].enable[0].second, tree.enabled);
  }
  EXPECT_EQ(plan.memory == hard, !plan.memory_folder.empty());
  const bool any_soft = plan.memory == soft || plan.cpus == soft || plan.processes == soft;
  EXPECT_EQ(any_soft, !plan.why.empty());
  EXPECT_EQ(plan_cgroups(facts, {}, "n").memory, Strength::none);
}

INSTANTIATE_TEST_SUITE_P(Recorded, CgroupTrees, testing::ValuesIn(kTrees),
                         [](const testing::TestParamInfo<Tree>& row) { return row.param.name; });

}  // namespace
}  // namespace ninefold::env::run
