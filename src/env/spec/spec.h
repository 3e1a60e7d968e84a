// In: nothing. Out: Spec, what one ninefold.toml says after defaults, `extends` and validation.
// Pure data: no field needs the machine. parse.h makes it; lock, image, run and supervise read it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ninefold::env {

// Where a value was written, so that a later fault (a port in use, a mount that is not there) can
// name it too: "ninefold.toml:21:8". Line 0: a default.
struct Position {
  std::string file;
  unsigned line = 0, column = 0;
  std::string text() const;
};

struct Python {
  std::string version;  // "3.11"; the default is the base's own
};

struct Packages {
  std::vector<std::string> apt;  // names, or name=version
  std::vector<std::string> pip;  // requirements as in PEP 508
  std::string set = "full";      // full: git, tmux, make, rsync, fonts, ...; small: Python and ssh only
};

struct Mount {
  std::string from;  // absolute; ~ and paths relative to the file are resolved
  std::string to;    // absolute, inside
  bool read_only = false;
};

// A folder of Ninefold's own that outlives `down`; named by environment and volume.
struct Volume {
  std::string name;
  std::string to;
};

// A value that enters the environment as the file /run/secrets/NAME (0400) and nowhere else.
// Exactly one of `file` and `variable` (the caller's environment) is set.
struct Secret {
  std::string name;
  std::string file;
  std::string variable;
};

struct Proxy {
  std::string http, https, none;  // `none`: hosts reached directly, comma separated
};

// The way out. `tun` gives every program the network as it is, `proxy` those that obey proxy variables.
struct Network {
  std::string outgoing = "auto";  // auto: tun where /dev/net/tun opens, else proxy | tun | proxy | none
  std::vector<int> host_ports;    // of this machine's loopback, reached inside on the same port
};

struct Dns {
  std::vector<std::string> servers, search;  // empty: the machine's own
};

// Where packages come from; empty fields: the machine's own configuration. Never part of the lock.
struct Sources {
  std::string apt;                      // replaces the mirror's address, for every suite but security
  std::string apt_security;             // the same for the security suite; empty: derived as the machine's
  std::string pip;                      // index
  std::vector<std::string> pip_extra;   // further indexes
  std::vector<std::string> pip_links;   // folders of wheels
  std::string proxy;                    // for locking only
  std::vector<std::string> verify_key;  // public keys, absolute: an image of a registry must be signed by one of them
  bool expired = false;                 // accept an archive whose signature's date has passed
};

// A program of the user's own that the supervisor keeps running.
struct Service {
  std::string name;
  std::vector<std::string> command;
  std::string folder;                              // working folder inside; empty: the user's home
  std::map<std::string, std::string> environment;
  std::optional<int> port;                         // forwarded to loopback when given
  std::string restart = "on-failure";              // always | on-failure | never
};

struct Jupyter {
  int port = 8888;
  std::string folder = "/tf";  // what the file browser shows
  bool scripts = true;         // a script beside each notebook of Python, whenever it is saved
};

struct Ssh {
  int port = 2222;
  std::string user = "devuser";
  // Public key files or authorized_keys files, absolute. Empty: the caller's own public keys, and a
  // key pair is made where he has none.
  std::vector<std::string> authorized_keys;
};

struct TensorBoard {
  int port = 6006;
  std::string logdir = "/tf/logs";
};

// Zero: no limit.
struct Limits {
  std::uint64_t memory = 0;         // bytes
  double cpus = 0;
  std::uint64_t processes = 0;
  std::uint64_t shared_memory = 0;  // bytes of /dev/shm
};

enum class GpuUse { optional, required, none };

// Services reachable from other machines, through TLS where they do not encrypt by themselves.
struct Publish {
  std::string address = "0.0.0.0";
  std::vector<std::string> services;       // "jupyter", "ssh", "tensorboard" or a service's name
  std::string certificate, key;            // absolute; empty: one is made and its fingerprint printed
};

struct Spec {
  std::string file;    // absolute path of the ninefold.toml; empty for text that came from nowhere
  std::string folder;  // the folder it lies in: relative mounts start here

  std::string name;
  std::string base = "debian:bookworm";  // or an image of a registry: "oci:registry.example/team/base:1"
  Python python;
  Packages packages;
  std::vector<Mount> mounts;
  std::vector<Volume> volumes;  // with the defaults home, notebooks, logs, outputs
  std::map<std::string, std::string> environment;
  std::vector<Secret> secrets;
  Proxy proxy;
  Network network;
  Dns dns;
  Sources sources;
  std::vector<Service> services;
  std::optional<Jupyter> jupyter;          // absent: not started
  std::optional<Ssh> ssh;                  // absent: not started
  std::optional<TensorBoard> tensorboard;  // absent: not started
  Limits limits;
  GpuUse gpu = GpuUse::optional;
  std::vector<std::string> gpu_devices;    // numbers as nvidia-smi counts, UUIDs; empty: all
  std::optional<Publish> publish;
  std::string timezone = "Etc/UTC";
  std::string locale = "C.UTF-8";

  // By dotted key ("ssh.port", "mounts.notebooks", "packages.pip[1]").
  std::map<std::string, Position> where;
  Position position(const std::string& key) const;

  std::string distribution() const;  // "debian" of "debian:bookworm"
  std::string codename() const;      // "bookworm"
  // An image of a registry as base: the reference after "oci:", else empty.
  std::string base_reference() const;
  // `base` without the registry's host, which is none of the image's business: "oci:team/base:1".
  std::string base_name() const;
  std::string user() const;          // the ordinary user inside: ssh.user, or "devuser"
};

}  // namespace ninefold::env
