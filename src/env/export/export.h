// In: a Spec, an image by digest. Out: the same environment in another system's words (a Pod, a compose file, ...), and
// a note for whatever those words cannot say. Pure: nothing is read, written or asked.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/spec/spec.h"

namespace ninefold::env::exports {

using Json = nlohmann::ordered_json;

struct Request {
  std::string kind;                  // of kinds()
  std::string image;                 // "registry.example/team/tf29@sha256:..."
  std::vector<std::string> command;  // of a kind that runs one
  int gpus = -1;                     // -1: as [gpu] says
  int workers = 1;                   // of a TFJob
  std::string storage = "10Gi";      // of each claim
  bool writable = false;             // the image's own files, too
  std::string keys;                  // public keys that may log in, as in authorized_keys
  std::set<std::string> files;       // of [mounts]: which are files, not folders
  std::string secrets;               // where their values will lie, as the user named it; empty: not written
};

// A folder that outlives the container.
struct Place {
  std::string name;  // "home"
  std::string to;
  bool read_only = false;
  std::string from = {};  // this machine's, of [mounts]; empty: a volume
};

struct Door {
  std::string service;
  int port = 0;
  bool open = false;      // it has a login, or [publish] names it: others may reach it
  std::string probe = {}; // "http:8888/api"; empty: only its owner knows what an answer looks like
};

// What all kinds are written from: decided once.
struct Workload {
  std::string name, image;
  std::vector<std::string> words;  // the container's whole command line
  std::string toml;                // what the container reads: services, volumes
  std::string keys;
  std::vector<Place> places;
  std::map<std::string, std::string> environment;
  std::vector<Door> doors;
  std::vector<std::string> secrets;  // names, the services' own among them
  bool own_secrets_only = true;      // none of the file's: a container can do without
  std::vector<std::string> name_servers, search;
  bool offline = false;
  Limits limits;
  int gpus = 0;
  int workers = 1;
  std::string storage;
  bool writable = false;
  std::string secrets_at;
};

struct Exported {
  std::string text;                // the file
  Json documents;                  // its content as data
  std::vector<std::string> notes;  // what is said otherwise there, or not at all
};

struct Kind {
  const char* name;
  const char* brief;
  bool runs_command;  // instead of services
  bool cluster;       // Kubernetes'
  Exported (*write)(const Workload&, std::vector<std::string> notes);
};

const std::vector<Kind>& kinds();
Result<const Kind*> find_kind(const std::string& name);

// Fails for what no container of that kind could do: a command where services run, a name that is none there.
Result<Exported> export_as(const Spec& spec, const Request& request);

// Where the services' own secrets are asked for, beside [secrets]: "jupyter_token", "ssh_host_ed25519_key".
std::vector<std::string> own_secrets(const Spec& spec);
// The Secret that the exported Pods mount.
std::string secret_document(const std::string& name, const std::map<std::string, std::string>& values);

// The pieces.
Result<Workload> make_workload(const Spec& spec, const Request& request, const Kind& kind, std::vector<std::string>& notes);
std::string yaml(const Json& document);
std::string cluster_name(const std::string& name);  // letters, digits and '-' as a label of DNS has them
Exported write_pod(const Workload&, std::vector<std::string>);
Exported write_deployment(const Workload&, std::vector<std::string>);
Exported write_job(const Workload&, std::vector<std::string>);
Exported write_tfjob(const Workload&, std::vector<std::string>);
Exported write_compose(const Workload&, std::vector<std::string>);
Exported write_dockerfile(const Workload&, std::vector<std::string>);
Exported write_devcontainer(const Workload&, std::vector<std::string>);

inline constexpr const char* kInit = "/opt/ninefold/bin/ninefold-init";
inline constexpr std::uint64_t kSharedMemory = 1u << 30;  // of /dev/shm where the file says nothing, as with `up`

}  // namespace ninefold::env::exports
