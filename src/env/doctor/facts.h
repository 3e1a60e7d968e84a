// In: nothing. Out: Facts, what the doctor knows of a machine, its store, a project and its environment: plain data.
// gather.h makes them; findings are pure functions of them, tested without a machine that is ill.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "env/run/cgroups.h"
#include "env/run/facts.h"
#include "env/spec/parse.h"

namespace ninefold::env::doctor {

struct Nameserver {
  std::string address;
  bool answers = true;
};

struct Proxy {
  std::string variable, address;  // "http_proxy", "http://proxy:3128"
  std::string fault;              // why nothing can go through it; empty: it listens
};

struct Machine {
  std::string command;                           // the program `ninefold` itself
  std::map<std::string, std::string> settings;   // of /proc/sys, by the name that sysctl uses; absent: no such setting
  std::uint64_t memory = 0, available = 0;       // bytes
  std::int64_t now = 0;                          // seconds since 1970
  std::int64_t young = 0;                        // when the youngest file that must be older than `now` was written
  std::string young_file;
  std::string newuidmap_fault;                   // it is there and may not do its work: why
  bool tun_node = false;                         // /dev/net/tun exists
  std::vector<Nameserver> nameservers;           // of /etc/resolv.conf
  std::vector<Proxy> proxies;
  std::uint64_t open_files = 0;                  // soft limit of this process
  bool systemd_user = false, linger = false;     // a systemd of the user's own runs; it outlives his logout
  std::uint32_t free_subids = 0;                 // first of 65536 ids that /etc/subuid and /etc/subgid give to nobody
};

// Where something is written to.
struct Disk {
  std::string what, path;      // "the store"; the nearest folder above it that exists
  std::string kind;            // "ext4", "tmpfs"
  std::uint64_t free = 0, size = 0, inodes_free = 0, inodes = 0;
  bool writable = true, read_only = false;  // read_only: the whole file system
  std::uint32_t owner = 0;
  std::string roomier;         // a writable folder on another disk with the most room; empty: none has more
};

struct StoreFacts {
  std::string root;
  std::vector<std::string> foreign;      // folders in it that belong to somebody else
  std::vector<std::string> broken_refs;  // names of images parts of which are gone
  std::vector<std::string> damaged;      // what `verify` says; only when it was asked for
  std::uint64_t unneeded = 0;            // bytes that `store gc` would free
};

struct MountFacts {
  std::string key, from, to;   // key: where the file writes it
  bool read_only = false;
  run::Path path;
  bool writable = false;       // for the caller
  bool on_read_only = false;   // it lies on a file system that is mounted read-only
};

struct KeyFacts {
  std::string path;
  run::Path file;
  std::string fault;           // it holds no public key: why
  std::string identity;        // the private key beside it, which OpenSSH refuses where others may read it
  std::uint32_t identity_mode = 0;
};

struct PortFacts {
  std::string key, service;    // "jupyter.port", "jupyter"
  int port = 0;
  std::string process;         // who listens there and is not our environment; empty: nobody
  int pid = 0;                 // 0: not to be seen
  int free = 0;                // a port near it that nobody listens on
};

struct SecretFile {
  std::string path;
  std::uint32_t mode = 0;
};

enum class LockState { absent, damaged, of_another_file, fits };

struct Project {
  std::string file;                     // empty: no ninefold.toml here or above
  std::vector<env::Finding> faults;     // of the file; then there is no spec
  std::optional<Spec> spec;
  LockState lock = LockState::absent;
  std::string lock_file, lock_fault;
  std::vector<MountFacts> mounts;
  std::vector<KeyFacts> keys;
  std::vector<PortFacts> ports;
  std::vector<std::string> missing_secrets;  // "token: the variable TOKEN is not set"
  std::vector<SecretFile> open_secrets;      // of the caller's, that others may read
};

struct ServiceFacts {
  std::string name;
  bool runs = false;
  int starts = 0;              // since `up`
  int outside = 0, inside = 0; // ports; 0: none
  bool inside_answers = true;
  enum class Outside { answers, refused, silent } outside_answer = Outside::answers;
  std::string last_words;      // of its log, one line
  std::string rule;            // of a firewall that keeps `outside` closed, as nft deletes it: "inet filter input handle 5"
  int free = 0;                // a port near `outside` that nobody listens on
};

// What a training inside tells of itself while it runs.
struct TrainingFacts {
  std::string program;         // "train.py", "a notebook"
  std::int64_t written = 0;    // seconds since 1970
  double waiting = 0;          // of its time: for input
  double step_ms = 0;          // without the waiting
  double denormals = 0;        // of the numbers it keeps
  std::string device;          // "CPU:0"
  int threads = 1;
  int processors = 1;          // that its affinity leaves
  int allowed = 1;             // of these, by the environment's limit
};

struct Running {
  enum class State { down, up, killed, damaged } state = State::down;
  std::string name, fault;                   // fault: why its record cannot be read
  std::string tree, image;                   // what --tree or --image gave it; empty: the image of its lock
  bool keeper = true;
  std::vector<std::string> old_variables;    // of [environment], that are otherwise inside
  bool old_image = false;                    // the lock's image is another one than the environment's
  std::vector<ServiceFacts> services;
  std::uint64_t memory = 0, memory_limit = 0;
  std::vector<std::string> killed_for_memory;  // jobs, the youngest last
  int memory_kills = 0;                      // of jobs and services, since `up`
  run::Strength memory_strength = run::Strength::none;
  std::string why_soft;
  std::string network;                       // which road leads out: "tun", "proxy", "none"
  std::string gpu_driver;                    // whose libraries are inside; empty: none
  std::uint64_t shm_free = 0, shm_size = 0;  // /dev/shm inside
  std::vector<std::string> open_folders;     // of ours, that others may read
  std::vector<TrainingFacts> trainings;
};

struct Gpu {
  std::vector<std::string> cards;            // PCI addresses
  std::string driver;                        // the kernel module's version; empty: it is not loaded
  std::vector<std::string> missing_nodes;    // below /dev, of those that the module's devices need
  std::vector<std::string> closed_nodes;     // that the caller cannot open
  struct Outdated {
    std::string file, why;
  };
  std::vector<Outdated> outdated;            // a site's CDI files that fit the driver no longer
  std::string too_old;                       // the driver is, for the CUDA that the lock names: why
  std::string library;                       // libcuda.so.1's file name, which ends in its version; empty: not there
};

struct Facts {
  run::Facts run;   // what planning asks of the machine and the caller
  Machine machine;
  std::vector<Disk> disks;
  StoreFacts store;
  Project project;
  Running running;
  Gpu gpu;
};

}  // namespace ninefold::env::doctor
