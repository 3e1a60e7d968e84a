// In: a Spec, an image, facts. Out: Plan, everything that starting this environment will do, as data.
// Pure: tests make plans without root and without the machine. apply.h carries a plan out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/image/tree.h"
#include "env/run/cgroups.h"
#include "env/run/facts.h"
#include "env/run/gpu.h"
#include "env/run/ids.h"
#include "env/run/proxy.h"
#include "env/spec/spec.h"

namespace ninefold::env::run {

// What of the image a plan needs; `tree` is its root file system, extracted for choose_ids(facts).map.
struct Root {
  std::string digest, tree;
  std::vector<std::string> environment;  // "PATH=..."
  std::optional<Toolkit> toolkit = {};   // the CUDA in it
};

struct Bind {
  std::string from, to;
  bool read_only = false;
  bool make = false;   // a folder of ours: made where it is missing
  bool skeleton = false;  // filled from the image's /etc/skel when it is made
  bool driver = false;    // of this machine's driver: shown as it is, also a device
};

struct Service {
  std::string name;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment = {};
  std::string folder = {};
  std::string restart = "always";
};

struct Port {
  std::string service;
  int outside = 0, inside = 0;
  bool owner_only = false;  // other users of this machine are turned away: the service has no login
  std::string published = {};  // address for other machines; empty: loopback only
  bool tls = false;            // they are spoken to through TLS; false: the service encrypts by itself
  bool gate = false;           // they need a token of ours, too
};

struct File {
  std::string name, text;  // below the environment's boot/ folder
  bool program = false;
};

struct Plan {
  std::string name, project;  // project: the ninefold.toml's path
  std::string state;          // folder of the run state
  std::string image, tree, codename;
  std::string user, home;     // inside
  Ids ids;
  std::vector<Bind> binds;
  std::vector<Service> services;
  std::vector<Port> ports;
  std::vector<File> files;
  std::vector<std::string> environment;   // of every process
  CgroupPlan cgroups;
  Limits limits;
  std::string network;        // tun, proxy, none
  std::string why_network;    // why it is not tun, where the file does not say so
  Outgoing outgoing;
  Gpu gpu;
  std::string certificate, key;     // of what is published; empty: nothing is
  bool own_certificate = false;     // made by us, and kept
  std::string config;         // the OCI runtime's config.json
  std::vector<std::string> keys;    // files that hold public keys
  std::vector<Secret> secrets;      // their values never enter a plan
  std::string runc, slirp, newuidmap, init, boot_id;
  std::string backend, engine;      // podman and its program; empty: Ninefold's own runtime
  bool jupyter_token = false;
  std::vector<std::string> notes;   // decisions that the user should read
};

Result<Plan> make_plan(const Spec& spec, const Root& root, const Facts& facts);

// Where the keeper's child gathers the mounts before the runtime starts: a tmpfs over this folder, seen
// by nobody else. The runtime's own files lie there too and vanish with it.
inline constexpr const char* kStage = "/tmp";
std::string stage_bind(std::size_t index);  // where the index-th bind waits
// Where the writable layer waits. The kernel shows this path in the mountinfo of every process of the
// environment, and of no other's: it holds a checksum of the run state's folder.
std::string stage_layer(const Plan& plan);

// How services are reached. In an environment of `up` the connector alone opens ports, and the keeper refreshes what
// lies in our folders; a container that something else started has a network of its own and what it was given.
struct Doors {
  bool open = false;  // on every address of the container, not on its loopback only
  std::string keys = "/run/ninefold/keys/authorized_keys";
  std::string token = "/run/secrets/jupyter_token";
};

// The pieces, each a pure function of its own test.
Result<std::string> seccomp_profile(const std::string& data, const std::string& architecture);  // JSON text
std::string sshd_config(const Spec& spec, const std::vector<std::string>& environment, const Doors& doors = {});
std::string oci_config(const Plan& plan, const std::string& seccomp);
// What is kept running, and the variables that every process has before the file's own; `path`: the image's PATH.
std::vector<Service> services_of(const Spec& spec, const std::string& home);
std::map<std::string, std::string> own_environment(const Spec& spec, const std::string& home, const std::string& path);
// What services and people find below boot/, whoever started the container.
std::vector<File> boot_files(const Spec& spec, const std::vector<std::string>& environment, const std::vector<Bind>& binds, bool published,
                             const Doors& doors = {});

// What a login shell reads after /etc/profile, which resets PATH: the environment's own again.
std::string login_profile(const std::vector<std::string>& environment);
// The program that answers as sudo, apt and apt-get: nobody is root inside, and what to do instead.
std::string root_words();

// Where a training inside tells the doctor how it goes: in memory, below the first process' root.
inline constexpr const char* kTrainingFacts = "/dev/shm/ninefold";

// Jupyter's configuration, and what stands behind `%tensorboard` in a notebook; none without [jupyter].
std::vector<File> notebook_files(const Spec& spec, const std::vector<Bind>& binds, bool published, const Doors& doors = {});
// Of a home folder that was just made: Matplotlib's setting by which Chinese, Japanese and Korean signs draw.
std::string matplotlib_words();

// As text for the keeper, and back.
std::string to_text(const Plan& plan);
Result<Plan> from_text(const std::string& text);

}  // namespace ninefold::env::run
