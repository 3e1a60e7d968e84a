// In: facts of machines and projects that are well but for one thing. Out: the finding that tells it, no other one; and
// silence where something is only nearly wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "env/doctor/finding.h"
#include "env/doctor/gather.h"
#include "temporary_folder.h"

namespace ninefold::env::doctor {
namespace {

using Change = void (*)(Facts&);
using State = Running::State;

Facts healthy() {
  Facts f;
  f.run.uid = 1234, f.run.user = "anna";
  f.run.subuids = f.run.subgids = {{0, 100000, 65536}};
  f.run.newuidmap = "/usr/bin/newuidmap", f.run.runc = "/usr/sbin/runc", f.run.slirp = "/usr/bin/slirp4netns", f.run.init = "/opt/ninefold-init";
  f.run.seccomp = "{}";
  f.run.tun = true, f.run.processors = 8;
  f.machine.command = "/usr/bin/ninefold";
  f.machine.tun_node = true;
  f.machine.memory = 32ull << 30, f.machine.available = 20ull << 30;
  f.machine.now = 1700000000, f.machine.young = 1690000000, f.machine.young_file = "/var/lib/dpkg/status";
  f.machine.nameservers = {{"10.0.0.53", true}};
  f.machine.open_files = 1048576;
  f.machine.free_subids = 165536;
  f.machine.settings = {{"user.max_user_namespaces", "63000"}, {"user.max_mnt_namespaces", "63000"}, {"user.max_net_namespaces", "63000"},
                        {"net.ipv4.ip_unprivileged_port_start", "1024"}, {"fs.inotify.max_user_instances", "128"},
                        {"fs.inotify.max_user_watches", "8192"}};
  for (const char* what : {"the store", "run state", "volumes", "the project"}) {
    Disk disk;
    disk.what = what, disk.path = std::string("/home/anna/") + what, disk.kind = "ext4";
    disk.free = 100ull << 30, disk.size = 200ull << 30, disk.inodes_free = 9000000, disk.inodes = 10000000, disk.owner = 1234;
    f.disks.push_back(disk);
  }
  f.store.root = "/home/anna/store";
  f.project.file = "/home/anna/p/ninefold.toml";
  f.project.spec.emplace();
  f.project.spec->name = "tf29", f.project.spec->file = f.project.file;
  f.project.lock = LockState::fits, f.project.lock_file = "/home/anna/p/ninefold.lock";
  MountFacts mount{"mounts.notebooks", "/home/anna/p/notebooks", "/tf/notebooks", false, {}, true};
  mount.path.exists = mount.path.folder = mount.path.readable = true, mount.path.mode = 0755;
  f.project.mounts = {mount};
  KeyFacts key{"/home/anna/.ssh/id.pub", {}, "", "/home/anna/.ssh/id", 0600};
  key.file.exists = key.file.readable = true, key.file.mode = 0644;
  f.project.keys = {key};
  f.project.ports = {{"jupyter.port", "jupyter", 8888, "", 0, 0}};
  f.running.state = State::up, f.running.name = "tf29";
  ServiceFacts jupyter;
  jupyter.name = "jupyter", jupyter.runs = true, jupyter.starts = 1, jupyter.outside = jupyter.inside = 8888;
  f.running.services = {jupyter};
  f.running.memory = 1ull << 30, f.running.memory_limit = 8ull << 30, f.running.memory_strength = run::Strength::hard;
  f.running.network = "tun", f.running.shm_size = f.running.shm_free = 64 << 20;
  return f;
}

Disk& disk(Facts& f, const std::string& what) {
  return *std::find_if(f.disks.begin(), f.disks.end(), [&](const Disk& d) { return d.what == what; });
}
MountFacts& mount(Facts& f) { return f.project.mounts.front(); }
KeyFacts& key(Facts& f) { return f.project.keys.front(); }
ServiceFacts& service(Facts& f) { return f.running.services.front(); }
// One that runs as it should.
TrainingFacts& training(Facts& f) {
  if (f.running.trainings.empty()) f.running.trainings.push_back({"train.py", 1700000000, 0.1, 2.5, 0, "CPU:0", 8, 8, 8});
  return f.running.trainings.front();
}
void fault(Facts& f, const char* text) {
  f.project.spec.reset();
  f.project.faults = {{Position{f.project.file, 3, 1}, text}};
}
void card(Facts& f) { f.gpu.cards = {"0000:01:00.0"}, f.gpu.driver = "535.183.01", f.gpu.library = "libcuda.so.535.183.01"; }
void setting(Facts& f, const char* name, const char* value) { f.machine.settings[name] = value; }

// Each fault, and what makes it none: `nearly` comes on top of `ill`, so that a row without a near miss cannot pass.
struct Row {
  const char* id;
  const char* evidence;  // some of what it says
  const char* remedy;    // some of what it does
  Change ill, nearly;
  const char* instead = "";  // another finding that tells the near miss
};

const Row kRows[] = {
    {"user-namespaces-none", "is 0", "sudo sysctl -w user.max_user_namespaces", [](Facts& f) { setting(f, "user.max_user_namespaces", "0"); },
     [](Facts& f) { setting(f, "user.max_user_namespaces", "10"); }},
    {"user-namespaces-root-only", "only root", "unprivileged_userns_clone=1", [](Facts& f) { setting(f, "kernel.unprivileged_userns_clone", "0"); },
     [](Facts& f) { f.run.uid = 0; }},
    {"user-namespaces-apparmor", "/usr/bin/ninefold has none", "profile ninefold %s flags=(unconfined) {\\n  userns,\\n}\\n' /usr/bin/ninefold | sudo tee",
     [](Facts& f) { setting(f, "kernel.apparmor_restrict_unprivileged_userns", "1"), f.run.user_namespaces = false; },
     [](Facts& f) { f.run.user_namespaces = true; }},
    {"mount-namespaces-none", "no mount", "max_mnt_namespaces", [](Facts& f) { setting(f, "user.max_mnt_namespaces", "0"); },
     [](Facts& f) { f.machine.settings.erase("user.max_mnt_namespaces"); }},
    {"network-namespaces-none", "no network", "max_net_namespaces", [](Facts& f) { setting(f, "user.max_net_namespaces", "0"); },
     [](Facts& f) { f.machine.settings.erase("user.max_net_namespaces"); }},
    {"subordinate-ids", "gives anna 0 ids", "--add-subuids 165536-231071 --add-subgids 165536-231071 anna", [](Facts& f) { f.run.subuids.clear(); },
     [](Facts& f) { f.run.uid = 0; }},
    {"subordinate-ids", "/etc/subgid 1000", "usermod", [](Facts& f) { f.run.subgids = {{0, 100000, 1000}}; },
     [](Facts& f) { f.run.subgids = {{0, 100000, 30000}, {0, 200000, 40000}}; }},
    {"newuidmap-missing", "not installed", "--reinstall uidmap", [](Facts& f) { f.run.newuidmap.clear(); }, [](Facts& f) { f.run.uid = 0; }},
    {"newuidmap-powerless", "mode 0755", "chmod u+s /usr/bin/newuidmap", [](Facts& f) { f.machine.newuidmap_fault = "mode 0755"; },
     [](Facts& f) { f.run.uid = 0; }},
    {"runc-missing", "runc", "--reinstall runc", [](Facts& f) { f.run.runc.clear(); }, [](Facts& f) { f.run.runc = "/opt/bin/runc"; }},
    {"init-missing", "ninefold-init", "pip install", [](Facts& f) { f.run.init.clear(); }, [](Facts& f) { f.run.init = "/x"; }},
    {"seccomp-missing", "seccomp.json", "golang-github-containers-common", [](Facts& f) { f.run.seccomp.clear(); }, [](Facts& f) { f.run.seccomp = "x"; }},
    {"tun-missing", "/dev/net/tun is not", "modprobe tun", [](Facts& f) { f.machine.tun_node = f.run.tun = false; },
     [](Facts& f) { f.machine.tun_node = true, f.run.why_no_tun = "no network device can be made: Operation not permitted"; }},
    {"tun-closed", "Permission denied", "chmod 0666", [](Facts& f) { f.run.tun = false, f.run.why_no_tun = "/dev/net/tun cannot be opened: Permission denied"; },
     [](Facts& f) { f.run.tun = true; }},
    {"slirp-missing", "slirp4netns", "--reinstall slirp4netns", [](Facts& f) { f.run.slirp.clear(); }, [](Facts& f) { f.run.slirp = "/x"; }},
    {"clock-behind", "2023-11-14 22:13 UTC, and /var/lib/dpkg/status was written on 2023-12-", "date -u -s @1702600000",
     [](Facts& f) { f.machine.young = 1702600000; }, [](Facts& f) { f.machine.young = f.machine.now + 3600; }},
    {"name-servers-none", "names no server", "nameserver 9.9.9.9' | sudo tee -a", [](Facts& f) { f.machine.nameservers.clear(); },
     [](Facts& f) { f.machine.proxies = {{"http_proxy", "http://p:1", ""}}; }},
    {"name-servers-silent", "10.0.0.53", "/etc/resolv.conf", [](Facts& f) { f.machine.nameservers[0].answers = false; },
     [](Facts& f) { f.machine.nameservers.push_back({"10.0.0.54", true}); }},
    {"proxy-dead", "http_proxy names http://p:1: nothing listens", "unset http_proxy HTTP_PROXY",
     [](Facts& f) { f.machine.proxies = {{"http_proxy", "http://p:1", "nothing listens there"}}; },
     [](Facts& f) { f.machine.proxies[0].fault.clear(); }},
    {"open-files-few", "256 files", "ulimit -n", [](Facts& f) { f.machine.open_files = 256; }, [](Facts& f) { f.machine.open_files = 1024; }},
    {"inotify-few", "fs.inotify.max_user_instances is 16", "sudo sysctl -w fs.inotify.max_user_instances=512",
     [](Facts& f) { setting(f, "fs.inotify.max_user_instances", "16"); }, [](Facts& f) { setting(f, "fs.inotify.max_user_instances", "128"); }},
    {"inotify-few", "fs.inotify.max_user_watches is 8191", "sudo sysctl -w fs.inotify.max_user_watches=524288",
     [](Facts& f) { setting(f, "fs.inotify.max_user_watches", "8191"); }, [](Facts& f) { setting(f, "fs.inotify.max_user_watches", "8192"); }},
    {"memory-short", "100 MB of this machine's 32768 MB", "ps -eo rss", [](Facts& f) { f.machine.available = 100 << 20; },
     [](Facts& f) { f.machine.available = 301 << 20; }},
    {"linger-off", "linger", "enable-linger anna",
     [](Facts& f) { f.machine.systemd_user = true, f.run.cgroup_self = "0::/user.slice/user-1234.slice/user@1234.service/a.scope"; },
     [](Facts& f) { f.run.cgroup_self = "0::/user.slice/user-1234.slice/session-1.scope"; }},
    {"memory-less-than-limit", "65536 MB, and the machine has 32768 MB", "24576m", [](Facts& f) { f.project.spec->limits.memory = 64ull << 30; },
     [](Facts& f) { f.project.spec->limits.memory = 32ull << 30; }},
    {"cpus-less-than-limit", "16, and anna may use 8", "cpus = 8", [](Facts& f) { f.project.spec->limits.cpus = 16; },
     [](Facts& f) { f.project.spec->limits.cpus = 8; }},

    {"store-crowded", "10 MB are free", "store gc --all", [](Facts& f) { disk(f, "the store").free = 10 << 20, f.store.unneeded = 5ull << 30; },
     [](Facts& f) { disk(f, "the store").free = 201 << 20; }},
    {"disk-full", "disk of run state", "export XDG_STATE_HOME=/data/anna/state", [](Facts& f) { disk(f, "run state").free = 0, disk(f, "run state").roomier = "/data"; },
     [](Facts& f) { disk(f, "run state").free = 20 << 20, disk(f, "run state").size = 64 << 20; }},
    {"project-disk-full", "the project", "du -xh", [](Facts& f) { disk(f, "the project").free = 1000; },
     [](Facts& f) { disk(f, "the project").free = 201 << 20; }},
    {"inodes-few", "room for 12 files", "NINEFOLD_STORE", [](Facts& f) { disk(f, "the store").inodes_free = 12; },
     [](Facts& f) { disk(f, "the store").inodes_free = disk(f, "the store").inodes = 0; }},
    {"disk-read-only", "read-only", "export XDG_DATA_HOME", [](Facts& f) { disk(f, "volumes").read_only = true, disk(f, "volumes").writable = false; },
     [](Facts& f) { std::swap(disk(f, "volumes").what, disk(f, "the project").what); }},
    {"folder-closed", "may not write to /home/anna/volumes, where volumes lies: it belongs to user 0", "chown -R anna",
     [](Facts& f) { disk(f, "volumes").writable = false, disk(f, "volumes").owner = 0; }, [](Facts& f) { disk(f, "volumes").writable = true; }},
    {"no-overlay", "(nfs4)", "XDG_STATE_HOME", [](Facts& f) { disk(f, "run state").kind = "nfs4"; },
     [](Facts& f) { std::swap(disk(f, "run state").kind, disk(f, "the store").kind); }},
    {"store-foreign", "/home/anna/store/blobs belongs", "-path /home/anna/store/trees -prune -o -not -user anna -exec chown -h anna {} +", [](Facts& f) { f.store.foreign = {"/home/anna/store/blobs"}; },
     [](Facts& f) { f.store.foreign.clear(); }},
    {"image-incomplete", "image tf29 are gone", "store remove tf29", [](Facts& f) { f.store.broken_refs = {"tf29"}; }, [](Facts& f) { f.store.broken_refs.clear(); }},
    {"store-damaged", "sha256:12 differs", "build --fresh", [](Facts& f) { f.store.damaged = {"tf29: sha256:12 differs"}; }, [](Facts& f) { f.store.damaged.clear(); }},

    {"word-misspelt", "toml:3:1: unknown key 'memroy'", "sed -i 3s/memroy/memory/ /home/anna/p/ninefold.toml",
     [](Facts& f) { fault(f, "unknown key 'memroy' in [limits]; did you mean 'memory'?"); }, [](Facts& f) { fault(f, "unknown key 'zzz' in [limits]"); }, "file-faulty"},
    {"file-faulty", "toml:3:1: expected", "${EDITOR:-vi} /home", [](Facts& f) { fault(f, "expected a string for name"); },
     [](Facts& f) { fault(f, "unknown key 'memroy' in [limits]; did you mean 'memory'?"); }, "word-misspelt"},
    {"lock-missing", "ninefold.lock is not there", "ninefold lock", [](Facts& f) { f.project.lock = LockState::absent; },
     [](Facts& f) { f.project.spec.reset(), f.project.file.clear(); }},
    {"lock-missing", "ninefold.lock is not there", "ninefold lock", [](Facts& f) { f.project.lock = LockState::absent; },
     [](Facts& f) { f.running.tree = "/t"; }},
    {"lock-of-another-file", "was made from another", "ninefold lock", [](Facts& f) { f.project.lock = LockState::of_another_file; },
     [](Facts& f) { f.project.lock = LockState::fits; }},
    {"lock-damaged", "no JSON", ".damaged && ninefold lock", [](Facts& f) { f.project.lock = LockState::damaged, f.project.lock_fault = "no JSON"; },
     [](Facts& f) { f.project.lock = LockState::absent; }, "lock-missing"},
    {"mount-missing", "notebooks is not there", "mkdir -p /home", [](Facts& f) { mount(f).path = {}, mount(f).writable = false; },
     [](Facts& f) { mount(f).path.exists = mount(f).path.readable = true; }},   // a file
    {"mount-unreadable", "may not read", "u+rX", [](Facts& f) { mount(f).path.readable = false, mount(f).path.uid = 0; }, [](Facts& f) { mount(f).path.readable = true; }},
    {"mount-not-writable", "belongs to user 0", "chown anna", [](Facts& f) { mount(f).writable = false; }, [](Facts& f) { mount(f).read_only = true; }},
    {"mount-read-only", "/home/anna/p/notebooks lies on a file system that is mounted read-only", "mount -o remount,bind,rw \"$(findmnt -n -o TARGET --target /home/anna/p/notebooks)\"",
     [](Facts& f) { mount(f).on_read_only = true; }, [](Facts& f) { mount(f).read_only = true; }},
    {"key-missing", "not there", "ssh-keygen -q -t ed25519 -N '' -f /home/anna/.ssh/id", [](Facts& f) { key(f).file = {}, key(f).identity.clear(); },
     [](Facts& f) { f.project.keys.clear(); }},
    {"key-empty", "it holds no key", "-y -f /home/anna/.ssh/id >", [](Facts& f) { key(f).fault = "it holds no key"; }, [](Facts& f) { key(f).fault.clear(); }},
    {"key-private", "private key", "ssh-keygen -q -y", [](Facts& f) { key(f).path = "/home/anna/.ssh/id", key(f).fault = "it holds a private key"; },
     [](Facts& f) { key(f).fault.clear(); }},   // a public key in a file of that name
    {"key-open", "0666", "chmod go-w", [](Facts& f) { key(f).file.mode = 0666; }, [](Facts& f) { key(f).file.mode = 0444; }},
    {"identity-open", "0640", "chmod 600", [](Facts& f) { key(f).identity_mode = 0640; }, [](Facts& f) { key(f).identity_mode = 0400; }},
    {"port-taken", "port 8888 is held by python3 (pid 77)", "up --port jupyter=8890",
     [](Facts& f) { f.project.ports[0].process = "python3", f.project.ports[0].pid = 77, f.project.ports[0].free = 8890; },
     [](Facts& f) { f.project.ports[0].process.clear(); }},
    {"port-of-root", "port 443", "--port jupyter=8443", [](Facts& f) { f.project.ports[0].port = 443; },
     [](Facts& f) { setting(f, "net.ipv4.ip_unprivileged_port_start", "0"); }},
    {"secret-missing", "TOKEN is not set", "EDITOR", [](Facts& f) { f.project.missing_secrets = {"t: the variable TOKEN is not set"}; },
     [](Facts& f) { f.project.missing_secrets.clear(); }},

    {"secret-open", "others may read /home/anna/token (mode 0644)", "chmod go= /home/anna/token", [](Facts& f) { f.project.open_secrets = {{"/home/anna/token", 0644}}; },
     [](Facts& f) { f.project.open_secrets.clear(); }},

    {"environment-killed", "first process is gone", "ninefold up", [](Facts& f) { f.running.state = State::killed; }, [](Facts& f) { f.running.state = State::down; }},
    {"record-damaged", "is damaged", "down --force", [](Facts& f) { f.running.state = State::damaged, f.running.fault = "record is damaged"; },
     [](Facts& f) { f.running.state = State::down; }},
    {"environment-killed", "first process", "ninefold up --tree '/t r'", [](Facts& f) { f.running.state = State::killed, f.running.tree = "/t r"; },
     [](Facts& f) { f.running.state = State::up; }},
    {"keeper-gone", "keeper of tf29", "status tf29", [](Facts& f) { f.running.keeper = false; }, [](Facts& f) { f.running.state = State::down; }},
    {"service-down", "ends with: no module", "restart", [](Facts& f) { service(f).runs = false, service(f).last_words = "no module"; },
     [](Facts& f) { f.running.state = State::down; }},
    {"service-restarting", "9 times", "restart", [](Facts& f) { service(f).starts = 9; }, [](Facts& f) { service(f).starts = 5; }},
    {"service-mute", "8888 inside", "restart", [](Facts& f) { service(f).inside_answers = false; },
     [](Facts& f) { service(f).inside = service(f).outside = 0; }},
    {"port-firewalled", "(inet filter input handle 5)", "for rule in 'inet filter input handle 5'; do sudo nft delete rule $rule; done",
     [](Facts& f) { service(f).outside_answer = ServiceFacts::Outside::silent, service(f).rule = "inet filter input handle 5"; },
     [](Facts& f) { service(f).outside_answer = ServiceFacts::Outside::answers; }},
    {"port-closed", "refuses connections", "up --port jupyter=8889",
     [](Facts& f) { service(f).outside_answer = ServiceFacts::Outside::refused, service(f).free = 8889; }, [](Facts& f) { f.running.keeper = false; }, "keeper-gone"},
    {"killed-for-memory", "job 7 of tf29", "\"16384m\"/' /home/anna/p/ninefold.toml && ninefold restart",
     [](Facts& f) { f.running.memory_kills = 1, f.running.killed_for_memory = {"7"}; }, [](Facts& f) { f.running.memory_limit = f.machine.memory; }},
    {"memory-nearly-used", "7987 MB of the 8192", "16384m", [](Facts& f) { f.running.memory = 7987ull << 20; }, [](Facts& f) { f.running.memory = 7000ull << 20; }},
    {"limit-soft", "watched, not enforced: none delegated", "Delegate=cpu memory pids",
     [](Facts& f) { f.running.memory_strength = run::Strength::soft, f.machine.systemd_user = true, f.running.why_soft = "none delegated"; },
     [](Facts& f) { f.machine.systemd_user = false; }},
    {"image-old", "another image", "restart", [](Facts& f) { f.running.old_image = true; }, [](Facts& f) { f.running.state = State::down; }},
    {"variables-old", "without what /home/anna/p/ninefold.toml says of LEVEL, RATE", "restart", [](Facts& f) { f.running.old_variables = {"LEVEL", "RATE"}; },
     [](Facts& f) { f.running.state = State::down; }},
    {"network-by-proxy", "the network itself by now", "restart", [](Facts& f) { f.running.network = "proxy"; }, [](Facts& f) { f.project.spec->network.outgoing = "proxy"; }},
    {"shared-memory-full", "0 of 64 MB", "restart", [](Facts& f) { f.running.shm_free = 0; }, [](Facts& f) { f.running.shm_free = 4 << 20; }},
    {"state-open", "enter /s", "chmod 700 /s", [](Facts& f) { f.running.open_folders = {"/s"}; }, [](Facts& f) { f.running.open_folders.clear(); }},

    {"training-starved", "train.py waits for its input in 80 % of its time: a step takes 2.5 ms", "grep -rnE", [](Facts& f) { training(f).waiting = 0.8; },
     [](Facts& f) { training(f).waiting = 0.5; }},
    {"training-denormals", "10 % of the numbers that train.py keeps", "initializer", [](Facts& f) { training(f).denormals = 0.1; },
     [](Facts& f) { training(f).denormals = 0.01; }},
    {"training-threads-many", "with 8 threads, and tf29 may use 2", "OMP_NUM_THREADS", [](Facts& f) { training(f).allowed = 2; },
     [](Facts& f) { training(f).threads = 2; }},
    {"training-threads-few", "with 4 of the 8", "OMP_NUM_THREADS", [](Facts& f) { training(f).threads = 4; }, [](Facts& f) { training(f).threads = 5; }},
    {"training-on-processor", "train.py trains on the processor, and this machine has a card with its driver (535.183.01)", "nvidia-smi",
     [](Facts& f) { training(f), card(f); }, [](Facts& f) { training(f).device = "GPU:0"; }},

    {"gpu-required-none", "has no NVIDIA card", "optional", [](Facts& f) { f.project.spec->gpu = GpuUse::required; }, card},
    {"gpu-driver-missing", "0000:01:00.0", "nvidia-driver", [](Facts& f) { card(f), f.gpu.driver.clear(); }, [](Facts& f) { f.project.spec->gpu = GpuUse::none; }},
    {"gpu-nodes-missing", "/dev/nvidia-uvm are not", "nvidia-modprobe", [](Facts& f) { card(f), f.gpu.missing_nodes = {"/dev/nvidia-uvm"}; },
     [](Facts& f) { f.project.spec->gpu = GpuUse::none; }, "gpu-unused"},
    {"gpu-node-closed", "open /dev/nvidia0", "a+rw /dev/nvidia0", [](Facts& f) { card(f), f.gpu.closed_nodes = {"/dev/nvidia0"}; },
     [](Facts& f) { f.project.spec->gpu = GpuUse::none; }, "gpu-unused"},
    {"gpu-library-missing", "libcuda.so.1 is not", "libcuda1", [](Facts& f) { card(f), f.gpu.library.clear(); },
     [](Facts& f) { f.project.spec->gpu = GpuUse::none; }, "gpu-unused"},
    {"gpu-library-other", "of 550.54", "rmmod", [](Facts& f) { card(f), f.gpu.library = "libcuda.so.550.54"; }, [](Facts& f) { f.gpu.library = "libcuda.so.1"; }},
    {"gpu-cdi-outdated", "/etc/cdi/n.yaml is of", "nvidia-ctk cdi generate --output=/etc/cdi/n.yaml || ninefold gpu --cdi | sudo tee /etc/cdi/n.yaml",
     [](Facts& f) { card(f), f.gpu.outdated = {{"/etc/cdi/n.yaml", "/etc/cdi/n.yaml is of the driver 1.2, and 535.183.01 runs"}}; },
     [](Facts& f) { f.gpu.driver.clear(), f.gpu.cards.clear(); }},
    {"gpu-driver-old", "CUDA 13", "nvidia-driver", [](Facts& f) { card(f), f.gpu.too_old = "the image's CUDA 13 needs"; },
     [](Facts& f) { f.gpu.driver.clear(), f.gpu.cards.clear(); }},
    {"gpu-driver-changed", "with the driver 535.1, and the kernel runs 535.183.01", "restart", [](Facts& f) { card(f), f.running.gpu_driver = "535.1"; },
     [](Facts& f) { f.running.gpu_driver = f.gpu.driver; }},
    {"gpu-unused", "\"none\"", "optional", [](Facts& f) { card(f), f.project.spec->gpu = GpuUse::none; }, [](Facts& f) { f.gpu = {}; }},
};

std::string told(const std::vector<Diagnosis>& all) {
  std::string text;
  for (const Diagnosis& one : all) text += one.id + ": " + one.says + "\n";
  return text;
}

TEST(Doctor, SaysNothingOfAHealthyMachine) { EXPECT_EQ(told(examine(healthy())), ""); }

TEST(Doctor, FindsEachFaultAndNoOther) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.id);
    Facts facts = healthy();
    row.ill(facts);
    const std::vector<Diagnosis> all = examine(facts);
    ASSERT_EQ(all.size(), 1u) << told(all);
    EXPECT_EQ(all[0].id, row.id);
    EXPECT_NE(all[0].says.find(row.evidence), std::string::npos) << all[0].says;
    EXPECT_NE(all[0].remedy.find(row.remedy), std::string::npos) << all[0].remedy;
  }
}

TEST(Doctor, IsSilentOfWhatIsOnlyNearlyWrong) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.id);
    Facts facts = healthy();
    row.ill(facts);
    row.nearly(facts);
    const std::vector<Diagnosis> all = examine(facts);
    if (!*row.instead) EXPECT_EQ(told(all), "");
    else EXPECT_TRUE(all.size() == 1 && all[0].id == row.instead) << told(all);
  }
}

TEST(Doctor, HasARowForEveryFinding) {
  std::set<std::string> rows, all;
  for (const Row& row : kRows) rows.insert(row.id);
  for (const Findings& part : all_findings())
    for (const Finding& finding : part) EXPECT_TRUE(all.insert(finding.id).second) << finding.id << " stands twice";
  EXPECT_EQ(rows, all);
}

// The documents' table of frequent problems and its three conditions of a GPU, word for word; and what users of other
// tools complain about, in the order of the list that the project was planned by.
struct Asked {
  const char* problem;
  const char* cause;
  std::vector<const char*> ids;   // any of these: what it comes from decides
};
const Asked kAsked[] = {
    {"启动容器后 Jupyter 无法访问", "防火墙阻挡或端口未正确映射", {"port-firewalled", "port-closed", "port-taken", "port-of-root", "keeper-gone", "service-down", "service-mute"}},
    {"训练速度极慢", "未启用 GPU 加速", {"gpu-unused", "gpu-driver-missing", "training-on-processor", "training-starved", "training-denormals", "training-threads-few", "training-threads-many"}},
    {"容器内无法访问外网", "DNS 配置错误或代理限制", {"name-servers-none", "name-servers-silent", "proxy-dead", "tun-closed", "network-by-proxy"}},
    {"kernel 死亡频繁", "内存不足或依赖冲突", {"killed-for-memory", "memory-nearly-used", "memory-short", "shared-memory-full"}},
    {"notebook 保存失败", "挂载目录权限不足", {"mount-not-writable", "mount-read-only", "mount-unreadable", "project-disk-full"}},
    {"tf.config.list_physical_devices('GPU') 将返回空列表", "宿主机安装 NVIDIA 驱动", {"gpu-driver-missing"}},
    {"tf.config.list_physical_devices('GPU') 将返回空列表", "安装 NVIDIA Container Toolkit", {"gpu-nodes-missing", "gpu-node-closed", "gpu-library-missing", "gpu-library-other"}},
    {"tf.config.list_physical_devices('GPU') 将返回空列表", "使用 --gpus all 参数启动容器", {"gpu-unused"}},
    {"如果发现负载不均", "数据管道成为瓶颈(I/O 或预处理太慢)", {"training-starved"}},

    {"1", "a tag was overwritten", {"lock-missing", "image-old"}},
    {"2", "old package repositories vanish", {"lock-missing", "image-incomplete"}},
    {"3", "signing keys were changed", {"lock-missing", "clock-behind"}},
    {"4", "a release of something else broke an installation", {"lock-missing", "lock-of-another-file"}},
    {"5", "GPUs vanish from running containers", {"gpu-nodes-missing", "gpu-node-closed"}},
    {"6", "what was noted of a driver is stale after its upgrade", {"gpu-library-other"}},
    {"7", "the driver does not fit, and only the start says so", {"gpu-library-other", "gpu-driver-missing"}},
    {"8", "a GPU that may be absent", {"gpu-required-none"}},
    {"9", "permission denied on mounts", {"mount-not-writable", "mount-unreadable", "mount-missing"}},
    {"10", "an image is copied for each map of ids", {"store-crowded", "disk-full", "subordinate-ids"}},
    {"11", "output is lost when a browser closes or a kernel ends", {"service-restarting", "killed-for-memory"}},
    {"12", "containers end at logout", {"linger-off"}},
    {"13", "variables are missing over SSH", {"variables-old"}},
    {"14", "nothing takes an environment down", {"record-damaged", "environment-killed"}},
    {"15", "ports pass by the firewall, keys lie in images, /dev/shm is small", {"state-open", "secret-open", "shared-memory-full"}},
};

TEST(Doctor, AnswersWhatPeopleAsk) {
  std::set<std::string> all;
  for (const Findings& part : all_findings())
    for (const Finding& finding : part) all.insert(finding.id);
  for (const Asked& row : kAsked) {
    EXPECT_FALSE(row.ids.empty()) << row.problem;
    for (const char* id : row.ids) EXPECT_EQ(all.count(id), 1u) << row.problem << ", " << row.cause << ": " << id;
  }
}

TEST(Doctor, QuotesForTheShell) {
  EXPECT_EQ(quoted("/home/anna/p"), "/home/anna/p");
  EXPECT_EQ(quoted("my folder"), "'my folder'");
  EXPECT_EQ(quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(quoted("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(quoted(""), "''");
}

TEST(Doctor, FindsTheFirewallsRule) {
  const std::string ruleset = "table inet filter { # handle 2\n\tchain input { # handle 1\n\t\ttype filter hook input priority filter; policy accept;\n"
                              "\t\ttcp dport 8889 accept # handle 4\n\t\ttcp dport 8888 drop # handle 5\n\t\ttcp dport 88 reject # handle 6\n\t}\n}\n";
  EXPECT_EQ(rule_against(ruleset, 8888), "inet filter input handle 5");
  EXPECT_EQ(rule_against(ruleset, 88), "inet filter input handle 6");
  EXPECT_EQ(rule_against(ruleset, 8889), "");
  EXPECT_EQ(rule_against("", 8888), "");
}

void put(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

// Kinds of host that this one is not: their files, as their kernels and distributions write them.
TEST(Doctor, ReadsRecordedMachines) {
  const TemporaryFolder tree("doctor");
  put(tree.path + "/proc/sys/fs/inotify/max_user_instances", "128\n");
  put(tree.path + "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
  put(tree.path + "/proc/meminfo", "MemTotal:       16318480 kB\nMemFree:         1000000 kB\nMemAvailable:   12000000 kB\n");
  put(tree.path + "/etc/resolv.conf", "# made\nnameserver 127.0.0.53\nnameserver fe80::1%eth0  # home\nsearch lan\n");
  put(tree.path + "/etc/subuid", "anna:100000:65536\nbob:165536:65536\n");
  run::Facts caller;
  caller.uid = 1000, caller.user = "anna";
  const Machine machine = machine_facts(caller, tree.path);
  EXPECT_EQ(machine.memory, 16318480ull * 1024);
  EXPECT_EQ(machine.available, 12000000ull * 1024);
  EXPECT_EQ(machine.free_subids, 231072u);
  ASSERT_EQ(machine.nameservers.size(), 2u);
  EXPECT_EQ(machine.nameservers[1].address, "fe80::1%eth0");
  EXPECT_FALSE(machine.tun_node);
  Facts facts = healthy();
  facts.machine.settings = machine.settings;
  facts.run.user_namespaces = false;
  EXPECT_EQ(examine(facts).at(0).id, "user-namespaces-apparmor");
}

// What the engine writes, and what a program inside may have put there instead.
TEST(Doctor, ReadsWhatTrainingsTell) {
  const std::string good = R"({"version": 1, "written": 1700000000, "steps": 800, "step_ms": 2.5, "waiting": 0.25, "batch": 32, "device": "CPU:0", )"
                           R"("threads": 4, "processors": 8, "denormals": 0.5})";
  const TemporaryFolder tree("doctor-training");
  const auto told_at = [&](std::int64_t now, double cpus) { return training_facts(tree.path, "/dev/shm/ninefold", cpus, now); };
  EXPECT_TRUE(told_at(1700000010, 0).empty());   // no folder
  put(tree.path + "/dev/shm/ninefold/7.json", good);
  EXPECT_TRUE(told_at(1700000010, 0).empty());   // no such process any more
  put(tree.path + "/proc/7/cmdline", std::string("python\0-u\0/tf/code/train.py\0--epochs\0" "3\0", 38));
  const std::vector<TrainingFacts> all = told_at(1700000010, 2.5);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].program, "train.py");
  EXPECT_EQ(all[0].waiting, 0.25);
  EXPECT_EQ(all[0].denormals, 0.5);
  EXPECT_EQ(all[0].threads, 4);
  EXPECT_EQ(all[0].allowed, 3);
  EXPECT_EQ(told_at(1700000010, 0).at(0).allowed, 8);
  EXPECT_TRUE(told_at(1700000100, 0).empty());   // it has not written for long
  put(tree.path + "/proc/7/cmdline", std::string("/opt/env/bin/python\0-m\0ipykernel_launcher\0-f\0k.json\0", 51));
  EXPECT_EQ(told_at(1700000010, 0).at(0).program, "a notebook");
  for (const std::string& odd : {std::string(), std::string("[]"), std::string("{"), std::string("7"), std::string(5000, ' ') + good,
                                 std::string(R"({"version": 2})"), good.substr(0, 60), std::string(R"({"version": 1, "waiting": "x"})")}) {
    put(tree.path + "/dev/shm/ninefold/7.json", odd);
    EXPECT_TRUE(told_at(1700000010, 0).empty()) << odd;
  }
  std::filesystem::remove(tree.path + "/dev/shm/ninefold/7.json");
  put(tree.path + "/elsewhere", good);
  std::filesystem::create_symlink(tree.path + "/elsewhere", tree.path + "/dev/shm/ninefold/7.json");
  EXPECT_TRUE(told_at(1700000010, 0).empty());
}

TEST(Doctor, ReadsADriversFiles) {
  const TemporaryFolder tree("doctor-gpu");
  put(tree.path + "/sys/bus/pci/devices/0000:01:00.0/vendor", "0x10de\n");
  put(tree.path + "/sys/bus/pci/devices/0000:01:00.0/class", "0x030200\n");
  put(tree.path + "/sys/bus/pci/devices/0000:01:00.1/vendor", "0x10de\n");
  put(tree.path + "/sys/bus/pci/devices/0000:01:00.1/class", "0x040300\n");  // its sound
  put(tree.path + "/sys/bus/pci/devices/0000:02:00.0/vendor", "0x8086\n");
  put(tree.path + "/sys/bus/pci/devices/0000:02:00.0/class", "0x030000\n");
  Gpu gpu = gpu_facts(run::look_at_gpus(tree.path), tree.path);
  EXPECT_EQ(gpu.cards, std::vector<std::string>{"0000:01:00.0"});
  EXPECT_EQ(gpu.driver, "");
  EXPECT_TRUE(gpu.missing_nodes.empty());
  put(tree.path + "/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\n"
                                                  "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n");
  put(tree.path + "/proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: x\n");
  put(tree.path + "/dev/nvidiactl", "");
  put(tree.path + "/dev/nvidia0", "");
  put(tree.path + "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.14", "");
  std::filesystem::create_symlink("libcuda.so.550.54.14", tree.path + "/usr/lib/x86_64-linux-gnu/libcuda.so.1");
  gpu = gpu_facts(run::look_at_gpus(tree.path), tree.path);
  EXPECT_EQ(gpu.driver, "535.183.01");
  EXPECT_EQ(gpu.missing_nodes, std::vector<std::string>{"/dev/nvidia-uvm"});
  EXPECT_EQ(gpu.library, "libcuda.so.550.54.14");
  std::filesystem::remove(tree.path + "/usr/lib/x86_64-linux-gnu/libcuda.so.550.54.14");
  EXPECT_EQ(gpu_facts(run::look_at_gpus(tree.path), tree.path).library, "");
}

}  // namespace
}  // namespace ninefold::env::doctor
