// In: specs and machines as data. Out: plans; no root, no containers, a row a case.
#include "env/run/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "driver_tree.h"
#include "env/run/backend.h"

namespace ninefold::env::run {
namespace {

Facts user_facts() {
  Facts f;
  f.uid = 1234, f.gid = 1234, f.user = "ada", f.home = "/home/ada";
  f.subuids = f.subgids = {{0, 100000, 65536}};
  f.state_home = "/home/ada/.local/state", f.data_home = "/home/ada/.local/share";
  f.runc = "/usr/sbin/runc", f.slirp = "/usr/bin/slirp4netns", f.newuidmap = "/usr/bin/newuidmap";
  f.init = "/opt/ninefold-init", f.tun = true, f.boot_id = "b";
  f.seccomp = R"({"syscalls":[{"names":["read","unshare"],"action":"SCMP_ACT_ALLOW"},
    {"names":["bpf"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
    {"names":["bpf"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"excludes":{"caps":["CAP_SYS_ADMIN"]}},
    {"names":["arch_prctl"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["amd64"]}},
    {"names":["s390_runtime_instr"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["s390x"]}}]})";
  f.passwd = "root:x:0:0:root:/root:/bin/bash\nold:x:1000:1000::/home/old:/bin/sh\n";
  f.group = "root:x:0:\n";
  f.writable = [](const std::string&) { return false; };
  f.read = [](const std::string&) { return std::string(); };
  return f;
}

Spec a_spec() {
  Spec s;
  s.name = "tf29", s.file = "/home/ada/p/ninefold.toml", s.folder = "/home/ada/p";
  s.volumes = {{"home", "/home/devuser"}, {"logs", "/tf/logs"}};
  s.ssh = Ssh{.port = 2222, .user = "devuser", .authorized_keys = {"/home/ada/k.pub"}};
  s.where["mounts.notebooks"] = {s.file, 7, 1};
  s.where["ssh.port"] = {s.file, 9, 8};
  return s;
}

Facts with_key(Facts f) {
  f.paths["/home/ada/k.pub"] = {.exists = true, .folder = false, .readable = true};
  return f;
}

TEST(Ids, TheUserIsHimselfOutside) {
  const Ids ids = choose_ids(user_facts()).value();
  std::uint32_t total = 0;
  for (const image::IdRange& r : ids.map.uids) total += r.count;
  EXPECT_EQ(total, 65536u);
  ASSERT_EQ(ids.map.uids.size(), 3u);
  EXPECT_EQ(ids.map.uids[0].outside, 100000u);
  EXPECT_EQ(ids.map.uids[1].inside, 1000u);
  EXPECT_EQ(ids.map.uids[1].outside, 1234u);
  EXPECT_EQ(ids.map.uids[2].outside, 101000u);
}

TEST(Ids, RootIsNeverMappedIn) {
  for (const std::uint32_t owner : {0u, 1500u}) {
    Facts f = user_facts();
    f.uid = f.gid = 0, f.owner_uid = f.owner_gid = owner;
    const Ids ids = choose_ids(f).value();
    for (const image::IdRange& r : ids.map.uids) EXPECT_GT(r.outside, 0u);
    EXPECT_EQ(ids.root_files, owner == 0);
    EXPECT_EQ(ids.user, owner ? owner : kRootsRange + kUser);
  }
}

TEST(Ids, RangesInPieces) {
  Facts f = user_facts();
  f.subuids = {{0, 100000, 500}, {0, 300000, 70000}};
  const Ids ids = choose_ids(f).value();
  ASSERT_EQ(ids.map.uids.size(), 4u);
  EXPECT_EQ(ids.map.uids[1].outside, 300000u);
  EXPECT_EQ(ids.map.uids[1].count, 500u);
}

TEST(Ids, TooFewIsAnErrorWithTheCommand) {
  Facts f = user_facts();
  f.subuids = {{0, 100000, 100}};
  const Result<Ids> ids = choose_ids(f);
  ASSERT_FALSE(ids);
  EXPECT_NE(ids.error().message().find("needs 65535 subordinate ids in /etc/subuid and has 100"), std::string::npos);
  EXPECT_NE(ids.error().message().find("usermod --add-subuids 100000-165535 ada"), std::string::npos);
}

TEST(Planning, TheContainerHasNoRights) {
  const Plan plan = make_plan(a_spec(), {.digest = "sha256:1", .tree = "/t", .environment = {"PATH=/usr/bin"}},
                              with_key(user_facts())).value();
  const auto config = nlohmann::json::parse(plan.config);
  EXPECT_EQ(config["process"]["user"]["uid"], 1000);
  EXPECT_TRUE(config["process"]["noNewPrivileges"]);
  for (const auto& set : config["process"]["capabilities"]) EXPECT_TRUE(set.empty());
  EXPECT_FALSE(config["linux"].contains("resources"));
  for (const auto& space : config["linux"]["namespaces"]) EXPECT_NE(space["type"], "user");
  bool terminals = false;
  for (const auto& mount : config["mounts"])
    if (mount["destination"] == "/dev/pts")
      for (const auto& option : mount["options"]) terminals = terminals || option == "gid=5";
  EXPECT_TRUE(terminals);
}

TEST(Planning, OfOneNameInTwoStateFoldersEachHasItsOwnCgroup) {
  std::vector<std::string> folders;
  for (const char* state : {"/home/ada/.local/state", "/home/ada/other"}) {
    Facts facts = with_key(user_facts());
    facts.state_home = state;
    facts.cgroup_self = "4:memory:/\n", facts.mountinfo = "30 1 0:26 / /m rw - cgroup cgroup rw,memory\n";
    facts.writable = [](const std::string&) { return true; };
    folders.push_back(make_plan(a_spec(), {.digest = "sha256:1", .tree = "/t", .environment = {}}, facts).value().cgroups.memory_folder);
  }
  EXPECT_EQ(folders[0].rfind("/m/ninefold-1234-tf29-", 0), 0u) << folders[0];
  EXPECT_NE(folders[0], folders[1]);
}

TEST(Planning, TheKeeperReadsWhatWasWritten) {
  const Plan plan = make_plan(a_spec(), {.digest = "sha256:1", .tree = "/t", .environment = {}},
                              with_key(user_facts())).value();
  EXPECT_EQ(to_text(from_text(to_text(plan)).value()), to_text(plan));
  EXPECT_FALSE(from_text("{").ok());
  EXPECT_FALSE(from_text("{\"name\": 3}").ok());
}

const File* find_file(const Plan& plan, const std::string& name) {
  for (const File& file : plan.files)
    if (file.name == name) return &file;
  return nullptr;
}

struct Bad {
  std::string name;
  std::function<void(Spec&, Facts&)> change;
  std::string says;
};

TEST(Planning, EveryFaultIsNamed) {
  const Bad rows[] = {
      {"missing mount", [](Spec& s, Facts&) { s.mounts = {{"/home/ada/p/notebooks", "/tf/n", false}}; },
       "ninefold.toml:7:1: mount /home/ada/p/notebooks: no such file or folder"},
      {"closed mount", [](Spec& s, Facts& f) {
         s.mounts = {{"/closed", "/tf/n", false}};
         f.paths["/closed"] = {.exists = true, .folder = true, .readable = false};
       }, "it cannot be read by ada"},
      {"mount over ours", [](Spec& s, Facts& f) {
         s.mounts = {{"/m", "/proc/x", false}};
         f.paths["/m"] = {.exists = true, .folder = true, .readable = true};
       }, "/proc/x belongs to the environment itself"},
      {"one port twice", [](Spec& s, Facts&) { s.jupyter = Jupyter{.port = 2222, .folder = "/tf"}; },
       "ssh and jupyter both want port 2222"},
      {"no key", [](Spec&, Facts& f) { f.paths.clear(); }, "key file /home/ada/k.pub: no such file"},
      {"a key file that anybody may write", [](Spec&, Facts& f) { f.paths["/home/ada/k.pub"].mode = 0666; },
       "key file /home/ada/k.pub: others may write to it (mode 0666) and so let themselves in: chmod go-w /home/ada/k.pub"},
      {"no runtime", [](Spec&, Facts& f) { f.runc.clear(); }, "runc is missing; install the package runc"},
      {"no profile", [](Spec&, Facts& f) { f.seccomp.clear(); }, "golang-github-containers-common"},
      {"a GPU is required", [](Spec& s, Facts&) { s.gpu = GpuUse::required; }, "a GPU is required, and this machine has no NVIDIA card; write use"},
      {"tun wanted where there is none", [](Spec& s, Facts& f) {
         s.network.outgoing = "tun", f.tun = false, f.why_no_tun = "/dev/net/tun cannot be opened: x";
       }, "/dev/net/tun cannot be opened: x; \"auto\" takes the built-in proxy then"},
      {"a proxy that cannot be", [](Spec& s, Facts&) { s.proxy.http = "http://h:99999"; }, "proxy.http: expected a proxy as"},
      {"a path that an overlay cannot take", [](Spec&, Facts& f) { f.state_home = "/a:b"; }, "which an overlay cannot take"},
      {"no user namespaces", [](Spec&, Facts& f) { f.user_namespaces = false, f.why_no_user_namespaces = "because"; },
       "refuses user namespaces: because"},
      {"an engine that cannot", [](Spec&, Facts& f) { f.backend = "lxc"; }, "--backend lxc: there are podman and docker, and Ninefold's own runtime (own)"},
      {"docker, which is not there", [](Spec&, Facts& f) { f.backend = "docker"; }, "install the package docker.io"},
      {"docker, and a project of root's", [](Spec&, Facts& f) { f.backend = "docker", f.docker = "/d", f.uid = f.gid = 0; }, "belongs to root"},
      {"docker, and a network device for a user", [](Spec& s, Facts& f) { f.backend = "docker", f.docker = "/d", s.network.outgoing = "tun"; },
       "only root may make a network device in docker's containers; \"auto\" takes the built-in proxy then"},
      {"podman, which is not there", [](Spec&, Facts& f) { f.backend = "podman"; }, "install the package podman"},
      {"podman, and a project of root's", [](Spec&, Facts& f) { f.backend = "podman", f.podman = "/p", f.uid = f.gid = 0; }, "belongs to root"},
      {"podman, and a path that it cannot take", [](Spec& s, Facts& f) {
         f.backend = "podman", f.podman = "/p";
         s.mounts = {{"/a,b", "/tf/n", false}};
         f.paths["/a,b"] = {.exists = true, .folder = true, .readable = true};
       }, "the path of the mount /tf/n holds a comma"},
      {"no newuidmap", [](Spec&, Facts& f) { f.newuidmap.clear(); }, "install the package uidmap"},
  };
  for (const Bad& row : rows) {
    Spec spec = a_spec();
    Facts facts = with_key(user_facts());
    row.change(spec, facts);
    const Result<Plan> plan = make_plan(spec, {.digest = "", .tree = "/t", .environment = {}}, facts);
    ASSERT_FALSE(plan.ok()) << row.name;
    EXPECT_NE(plan.error().message().find(row.says), std::string::npos) << row.name << ": " << plan.error().message();
  }
}

TEST(Planning, PodmanIsToldWhatOurOwnRuntimeDoes) {
  Spec spec = a_spec();
  spec.limits = {.memory = 1ull << 30, .cpus = 1.5, .processes = 99, .shared_memory = 64ull << 20};
  spec.environment["A"] = "b c";
  struct Row {
    const char* name;
    std::uint32_t uid;
    const char* mountinfo;
    Strength memory;
    std::string ids;
  };
  const char* version_2 = "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  const char* version_1 = "30 1 0:26 / /m rw - cgroup cgroup rw,memory\n";
  for (const Row& row : {Row{"root", 0, version_1, Strength::hard, "--uidmap 0:2000000000:1000"}, Row{"a user", 1234, version_1, Strength::soft, "keep-id:uid=1000,gid=1000"},
                         Row{"a user, and version 2", 1234, version_2, Strength::hard, "--userns keep-id:uid=1000,gid=1000"}}) {
    SCOPED_TRACE(row.name);
    Facts facts = with_key(user_facts());
    facts.backend = "podman", facts.podman = "/usr/bin/podman", facts.runc.clear();
    facts.uid = facts.gid = row.uid, facts.owner_uid = facts.owner_gid = 1500;
    facts.cgroup_self = row.mountinfo == version_1 ? "4:memory:/\n" : "0::/\n", facts.mountinfo = row.mountinfo;
    facts.writable = [](const std::string&) { return true; };
    facts.read = [](const std::string&) { return std::string("cpu memory pids"); };
    const Plan plan = make_plan(spec, {.digest = "sha256:1", .tree = "/t", .environment = {}}, facts).value();
    EXPECT_TRUE(plan.cgroups.folders.empty());
    EXPECT_EQ(plan.cgroups.memory, row.memory);
    const std::vector<std::string> words = backend_words(plan, "/dev/shm/s");
    std::string line;
    for (const std::string& word : words) line += word + " ";
    for (const char* part : {"--network none", "--user 1000:1000", "--cap-drop ALL", "--security-opt no-new-privileges", "/boot/seccomp.json", "--hostname tf29",
                             "--shm-size 67108864b", "--env A=b c", "destination=/run/secrets,bind-propagation=rprivate,ro=true",
                             "destination=/etc/passwd,bind-propagation=rprivate,ro=true", "--rootfs /t:O /run/ninefold/boot/init "})
      EXPECT_NE(line.find(part), std::string::npos) << part << "\n" << line;
    EXPECT_NE(line.find(row.ids), std::string::npos) << line;
    EXPECT_EQ(line.find("--memory 1073741824b") != std::string::npos, row.memory == Strength::hard) << line;
    EXPECT_EQ(line.find("memory.limit"), std::string::npos);
    EXPECT_EQ(to_text(from_text(to_text(plan)).value()), to_text(plan));
    ASSERT_NE(find_file(plan, "seccomp.json"), nullptr);
    EXPECT_EQ(find_file(plan, "seccomp.json")->text.find("unshare"), std::string::npos);
  }
}

TEST(Planning, DockerIsToldTheCallersNumber) {
  Spec spec = a_spec();
  spec.limits = {.memory = 1ull << 30, .cpus = 1.5, .processes = 99, .shared_memory = 64ull << 20};
  for (const std::uint32_t uid : {0u, 1234u}) {
    Facts facts = with_key(user_facts());
    facts.backend = "docker", facts.docker = "/usr/bin/docker", facts.runc.clear();
    facts.uid = facts.gid = uid, facts.owner_uid = facts.owner_gid = 1234, facts.groups = facts.owner_groups = {4321};
    const Plan plan = make_plan(spec, {.digest = "sha256:0123456789abcdef0123", .tree = "/t", .environment = {}}, facts).value();
    EXPECT_EQ(plan.cgroups.memory, Strength::hard) << "its daemon may limit, whoever asks";
    EXPECT_EQ(plan.network, uid == 0 ? "tun" : "proxy");
    EXPECT_NE(find_file(plan, "etc/passwd")->text.find(":x:1234:1234::/home/"), std::string::npos);
    std::string line;
    for (const std::string& word : backend_words(plan, "/dev/shm/s")) line += word + " ";
    for (const char* part : {"--network none", "--user 1234:1234", "--group-add 4321", "--cap-drop ALL", "--security-opt no-new-privileges", "/boot/seccomp.json",
                             "--init=false", "--memory 1073741824b --memory-swap 1073741824b", "--cpus 1.5", "--pids-limit 99",
                             "destination=/run/secrets,bind-propagation=rprivate,readonly", "--entrypoint /run/ninefold/boot/init"})
      EXPECT_NE(line.find(part), std::string::npos) << part << "\n" << line;
    EXPECT_EQ(line.find("uidmap"), std::string::npos) << line;
    EXPECT_TRUE(line.ends_with(":0123456789abcdef-1234-1234 ")) << line;
  }
}

TEST(Planning, ADriversFilesAreMounted) {
  const DriverTree tree("535.183.01");
  Spec spec = a_spec();
  spec.gpu = GpuUse::required, spec.gpu_devices = {"1"};
  Facts facts = with_key(user_facts());
  facts.gpu = look_at_gpus(tree.path());
  const Plan plan = make_plan(spec, {.digest = "", .tree = "/t", .environment = {"PATH=/usr/bin"}}, facts).value();
  EXPECT_EQ(gpu_text(plan.gpu), "1 by Ninefold's own specification, driver 535.183.01");
  std::map<std::string, const Bind*> by_place;
  for (const Bind& bind : plan.binds) by_place[bind.to] = &bind;
  for (const char* place : {"/dev/nvidia1", "/dev/nvidiactl", "/run/ninefold/driver/lib/libcuda.so.535.183.01", "/run/ninefold/driver/bin/nvidia-smi"})
    EXPECT_TRUE(by_place.count(place) && by_place[place]->driver) << place;
  EXPECT_FALSE(by_place.at("/dev/nvidia1")->read_only);
  EXPECT_TRUE(by_place.at("/run/ninefold/driver/bin/nvidia-smi")->read_only);
  EXPECT_TRUE(by_place.at("/etc/ld.so.cache")->read_only);
  EXPECT_EQ(by_place.count("/dev/nvidia0"), 0u);
  EXPECT_EQ(plan.gpu.names.at("libcuda.so"), "libcuda.so.535.183.01");
  const auto has = [&](const std::string& one) { return std::count(plan.environment.begin(), plan.environment.end(), one) == 1; };
  EXPECT_TRUE(has("CUDA_VISIBLE_DEVICES=0"));
  EXPECT_TRUE(has("PATH=/run/ninefold/boot/bin:/home/devuser/.local/bin:/usr/bin:/run/ninefold/driver/bin"));
  EXPECT_EQ(to_text(from_text(to_text(plan)).value()), to_text(plan));
  spec.environment["CUDA_VISIBLE_DEVICES"] = "";  // the file's own word goes last
  const Plan other = make_plan(spec, {.digest = "", .tree = "/t", .environment = {}}, facts).value();
  EXPECT_EQ(std::count(other.environment.begin(), other.environment.end(), "CUDA_VISIBLE_DEVICES="), 1);
}

TEST(Planning, FaultsComeTogether) {
  Spec spec = a_spec();
  Facts facts = user_facts();
  facts.runc.clear();
  const Result<Plan> plan = make_plan(spec, {.digest = "", .tree = "/t", .environment = {}}, facts);
  ASSERT_FALSE(plan.ok());
  EXPECT_NE(plan.error().message().find("runc is missing"), std::string::npos);
  EXPECT_NE(plan.error().message().find("k.pub"), std::string::npos);
}

TEST(Planning, JupytersTokenStaysInMemory) {
  Spec spec = a_spec();
  spec.jupyter = Jupyter{.port = 8888, .folder = "/tf"};
  const Plan plan = make_plan(spec, {.digest = "", .tree = "/t", .environment = {}}, with_key(user_facts())).value();
  EXPECT_TRUE(plan.jupyter_token);
  EXPECT_EQ(std::count(plan.environment.begin(), plan.environment.end(), "JUPYTER_RUNTIME_DIR=/dev/shm/jupyter"), 1);
  for (const File& file : plan.files)
    if (file.name == "jupyter.py") {
      EXPECT_NE(file.text.find("open('/run/secrets/jupyter_token')"), std::string::npos);
    }
}

// Where a new notebook is made: in a folder that outlives `down`, not in the image's.
TEST(Planning, JupyterStartsWhereFilesStay) {
  struct Row {
    std::string folder, to, preferred;
  };
  for (const Row& row : {Row{"/tf", "/tf/logs", "logs"}, Row{"/tf", "/tf/notebooks", "notebooks"}, Row{"/home/devuser/x", "/tf/m", ""},
                         Row{"/tf", "/tf", ""}}) {
    Spec spec = a_spec();
    spec.jupyter = Jupyter{.port = 8888, .folder = row.folder};
    spec.volumes = {{"home", "/home/devuser"}, {"one", row.to}};
    const Plan plan = make_plan(spec, {.digest = "", .tree = "/t", .environment = {}}, with_key(user_facts())).value();
    EXPECT_NE(find_file(plan, "jupyter.py")->text.find("preferred_dir = '" + row.preferred + "'\n"), std::string::npos) << row.to;
  }
}

TEST(Planning, NotebooksLeaveScriptsUnlessTheFileSaysNo) {
  for (const bool scripts : {true, false}) {
    Spec spec = a_spec();
    spec.jupyter = Jupyter{.port = 8888, .folder = "/tf", .scripts = scripts};
    const Plan plan = make_plan(spec, {.digest = "", .tree = "/t", .environment = {}}, with_key(user_facts())).value();
    EXPECT_EQ(find_file(plan, "ninefold_scripts.py") != nullptr, scripts);
    EXPECT_EQ(find_file(plan, "jupyter.py")->text.find("post_save_hook") != std::string::npos, scripts);
    EXPECT_NE(find_file(plan, "jupyter.py")->text.find("c.LabApp.news_url = None\n"), std::string::npos);
    EXPECT_NE(find_file(plan, "labconfig/default_setting_overrides.json")->text.find(R"("fetchNews": "false")"), std::string::npos);
  }
}

// What computes inside starts no more threads than it gets processors, also where these are shares of time.
TEST(Planning, ThreadsFitTheLimit) {
  struct Row {
    double cpus;
    const char* given;
    const char* expected;
  };
  for (const Row& row : {Row{0, nullptr, ""}, Row{1.5, nullptr, "OMP_NUM_THREADS=2"}, Row{2, nullptr, "OMP_NUM_THREADS=2"}, Row{2, "7", "OMP_NUM_THREADS=7"}}) {
    Spec spec = a_spec();
    spec.limits.cpus = row.cpus;
    if (row.given) spec.environment["OMP_NUM_THREADS"] = row.given;
    const Plan plan = make_plan(spec, {.digest = "", .tree = "/t", .environment = {}}, with_key(user_facts())).value();
    std::string found;
    for (const std::string& one : plan.environment)
      if (one.rfind("OMP_NUM_THREADS=", 0) == 0) found += one;
    EXPECT_EQ(found, row.expected);
    EXPECT_EQ(std::count(plan.environment.begin(), plan.environment.end(), "NINEFOLD_TRAINING_FACTS=/dev/shm/ninefold"), 1);
  }
}

TEST(Planning, LoginShellsKeepThePathAndSudoAnswers) {
  const Plan plan = make_plan(a_spec(), {.digest = "", .tree = "/t", .environment = {"PATH=/opt/it's/bin"}}, with_key(user_facts())).value();
  EXPECT_NE(find_file(plan, "etc/profile")->text.find(
                "export PATH='/run/ninefold/boot/bin:/home/devuser/.local/bin:/opt/it'\\''s/bin'\n"), std::string::npos);
  for (const char* name : {"bin/sudo", "bin/apt", "bin/apt-get"}) EXPECT_TRUE(find_file(plan, name)->program) << name;
  EXPECT_FALSE(find_file(plan, "etc/passwd")->program);
}

struct Road {
  std::string name;
  std::function<void(Spec&, Facts&)> change;
  std::string network, why, variable, resolv;  // variable: http_proxy's value
  std::string http = {}, https = {}, direct = {}, note = {};
};

TEST(Planning, EveryRoadOut) {
  const std::string shut = "/dev/net/tun cannot be opened: Permission denied", ours = "http://127.0.0.1:3128";
  const auto no_tun = [=](Spec&, Facts& f) { f.tun = false, f.why_no_tun = shut; };
  const Road rows[] = {
      {"tun", [](Spec&, Facts&) {}, "tun", "", "", "nameserver 10.0.2.3\n"},
      {"no tun", no_tun, "proxy", shut, ours, ""},
      {"no slirp4netns", [](Spec&, Facts& f) { f.slirp.clear(); }, "proxy", "slirp4netns is not installed", ours, ""},
      {"none, wanted", [](Spec& s, Facts&) { s.network.outgoing = "none"; }, "none", "", "", ""},
      {"proxy, wanted", [](Spec& s, Facts&) { s.network.outgoing = "proxy"; }, "proxy", "", ours, ""},
      {"none, though the machine has a proxy", [](Spec& s, Facts& f) {
         s.network.outgoing = "none", f.proxies["http"] = "http://p:1";
       }, "none", "", "", ""},
      {"the port is taken", [&](Spec& s, Facts& f) { no_tun(s, f), s.ssh->port = 3128, s.network.host_ports = {3129}; },
       "proxy", shut, "http://127.0.0.1:3130", ""},
      {"the machine's proxies, beside tun", [](Spec&, Facts& f) {
         f.proxies = {{"http", "http://p:1"}, {"https", "socks5://q:2"}, {"all", ""}, {"no", "intra"}};
       }, "tun", "", ours, "nameserver 10.0.2.3\n", "http://p:1", "socks5://q:2", "intra"},
      {"one for all", [](Spec&, Facts& f) { f.proxies["all"] = "http://p:1"; }, "tun", "", ours,
       "nameserver 10.0.2.3\n", "http://p:1", "http://p:1"},
      {"the file's go first", [](Spec& s, Facts& f) {
         f.proxies = {{"http", "http://p:1"}, {"no", "intra"}};
         s.proxy = {.http = "http://me:hunter2@own:1", .https = "", .none = "other"};
       }, "tun", "", ours, "nameserver 10.0.2.3\n", "http://me@own:1", "", "other"},
      {"one that cannot be is left out, and said", [](Spec&, Facts& f) { f.proxies["https"] = "gopher://p"; }, "tun", "", "",
       "nameserver 10.0.2.3\n", "", "", "", "https_proxy of this machine is left out: expected a proxy as"},
      {"name servers of the file", [](Spec& s, Facts&) { s.dns = {.servers = {"192.0.2.53"}, .search = {"a.example", "b"}}; },
       "tun", "", "", "search a.example b\nnameserver 192.0.2.53\n"},
  };
  for (const Road& row : rows) {
    SCOPED_TRACE(row.name);
    Spec spec = a_spec();
    Facts facts = with_key(user_facts());
    row.change(spec, facts);
    const Plan plan = make_plan(spec, {.digest = "", .tree = "/t", .environment = {}}, facts).value();
    EXPECT_EQ(plan.network, row.network);
    EXPECT_EQ(plan.why_network, row.why);
    std::map<std::string, std::string> all;
    for (const std::string& one : plan.environment) all[one.substr(0, one.find('='))] = one.substr(one.find('=') + 1);
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
      EXPECT_EQ(all[name], row.variable) << name;
    EXPECT_EQ(all["no_proxy"], row.variable.empty() ? "" : "localhost,127.0.0.1,::1,tf29");
    EXPECT_EQ(plan.outgoing.http.kind.empty() ? "" : shown(plan.outgoing.http), row.http);
    EXPECT_EQ(plan.outgoing.https.kind.empty() ? "" : shown(plan.outgoing.https), row.https);
    EXPECT_EQ(plan.outgoing.direct, row.direct);
    EXPECT_EQ(plan.outgoing.name_servers, spec.network.outgoing == "none" ? std::vector<std::string>() : spec.dns.servers);
    EXPECT_NE((plan.notes.empty() ? std::string() : plan.notes[0]).find(row.note), std::string::npos);
    EXPECT_EQ(plan.notes.empty(), row.note.empty());
    for (const File& file : plan.files)
      if (file.name == "etc/resolv.conf") {
        EXPECT_EQ(file.text, row.resolv);
      }
    EXPECT_EQ(to_text(from_text(to_text(plan)).value()), to_text(plan));
    EXPECT_EQ(plan.config.find("hunter2"), std::string::npos);
  }
}

TEST(Planning, WhatIsPublishedIsGuarded) {
  Spec spec = a_spec();
  spec.jupyter = Jupyter{};
  spec.tensorboard = TensorBoard{};
  spec.publish = Publish{.address = "0.0.0.0", .services = {"ssh", "jupyter", "tensorboard"}, .certificate = "", .key = ""};
  spec.services.push_back({.name = "api", .command = {"x"}, .folder = "", .environment = {}, .port = 8000, .restart = "never"});
  const Plan plan = make_plan(spec, {.digest = "", .tree = "/t", .environment = {}}, with_key(user_facts())).value();
  for (const Port& port : plan.ports) {
    EXPECT_EQ(port.published, port.service == "api" ? "" : "0.0.0.0") << port.service;
    EXPECT_EQ(port.tls, port.service == "jupyter" || port.service == "tensorboard") << port.service;
    EXPECT_EQ(port.gate, port.service == "tensorboard") << port.service;
  }
  EXPECT_EQ(plan.certificate, "/home/ada/.local/state/ninefold/tls/tf29/certificate.pem");
  EXPECT_TRUE(plan.own_certificate);
  for (const File& file : plan.files)
    if (file.name == "jupyter.py") {
      EXPECT_NE(file.text.find("allow_remote_access = True"), std::string::npos);
    }
}

TEST(Seccomp, RefusesNamespacesAndKeepsTheRest) {
  const auto profile = nlohmann::json::parse(seccomp_profile(user_facts().seccomp, "x86_64").value());
  EXPECT_EQ(profile["defaultErrnoRet"], 38);
  std::map<std::string, std::string> actions;
  for (const auto& rule : profile["syscalls"])
    for (const auto& name : rule["names"]) actions[name] = rule["action"];
  EXPECT_EQ(actions["read"], "SCMP_ACT_ALLOW");
  EXPECT_EQ(actions["ptrace"], "SCMP_ACT_ALLOW");
  EXPECT_EQ(actions["arch_prctl"], "SCMP_ACT_ALLOW");
  EXPECT_EQ(actions["bpf"], "SCMP_ACT_ERRNO");
  EXPECT_FALSE(actions.count("unshare"));
  EXPECT_FALSE(actions.count("s390_runtime_instr"));
  EXPECT_FALSE(seccomp_profile("{}", "x86_64").ok());
  EXPECT_FALSE(seccomp_profile("no", "x86_64").ok());
}

TEST(Sshd, VariablesStandInOneLine) {
  const std::string text = sshd_config(a_spec(), {"A=b c", "Q=say \"x\"", "N=two\nlines"});
  EXPECT_NE(text.find("\nSetEnv \"A=b c\" \"Q=say \\\"x\\\"\"\n"), std::string::npos);
  EXPECT_EQ(text.find("two"), std::string::npos);
  for (const std::string line : {"Port 2222\n", "PermitRootLogin no\n", "PasswordAuthentication no\n", "AllowUsers devuser\n"})
    EXPECT_NE(text.find(line), std::string::npos);
}

TEST(Users, TheOneUserReplacesWhoeverHadHisNumber) {
  EXPECT_EQ(image::with_user("root:x:0:0:root:/root:/bin/bash\nold:x:1000:1000::/home/old:/bin/sh\n", "devuser", "/home/devuser"),
            "root:x:0:0:root:/root:/bin/bash\ndevuser:x:1000:1000::/home/devuser:/bin/bash\n");
}

}  // namespace
}  // namespace ninefold::env::run
