// In: a ninefold.toml. Out: what of it does not fit the machine, its lock or the store.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdlib>

#include "base/fd.h"
#include "base/text.h"
#include "env/doctor/gather.h"
#include "env/lock/make.h"
#include "env/supervise/state.h"

namespace ninefold::env::doctor {
namespace {

// Whether programs of the environment may write there: they run with the owner's ids and groups.
bool may_write(const run::Facts& caller, const run::Path& path) {
  const bool root = caller.uid == 0;
  const std::uint32_t uid = root ? caller.owner_uid : caller.uid;
  const std::vector<std::uint32_t>& groups = root ? caller.owner_groups : caller.groups;
  if (path.uid == uid) return path.mode & 0200;
  const std::uint32_t gid = root ? caller.owner_gid : caller.gid;
  bool member = path.gid == gid;
  for (const std::uint32_t group : groups) member = member || group == path.gid;
  return member ? path.mode & 0020 : path.mode & 0002;
}

void note_lock(Project& project) {
  const Spec& spec = *project.spec;
  project.lock_file = lock_path(spec);
  const Result<Lock> lock = read_lock(spec);
  if (!lock) {
    project.lock = lock.error().code() == Code::not_found ? LockState::absent : LockState::damaged;
    project.lock_fault = lock.error().message();
    return;
  }
  project.lock = lock.value().spec == fingerprint(spec) ? LockState::fits : LockState::of_another_file;
}

std::string key_fault(const std::string& path) {
  const Result<std::string> text = read_file("doctor", path);
  if (!text) return {};  // that it cannot be read is another finding
  if (text.value().find("PRIVATE KEY") != std::string::npos) return "it holds a private key";
  for (const std::string_view line : split(text.value(), '\n'))
    for (const char* kind : {"ssh-ed25519 ", "ssh-rsa ", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"})
      if (line.find(kind) != std::string_view::npos && strip(line).front() != '#') return {};
  return "it holds no key";
}

KeyFacts key_facts(const std::string& path, const run::Path& file) {
  KeyFacts key{path, file, file.exists ? key_fault(path) : "", "", 0};
  const std::string identity = path.ends_with(".pub") ? path.substr(0, path.size() - 4) : "";
  struct stat status {};
  if (!identity.empty() && ::stat(identity.c_str(), &status) == 0) key.identity = identity, key.identity_mode = status.st_mode & 07777;
  return key;
}

// Files of secrets, and the key that stands behind a certificate.
void note_open_secrets(Project& project, std::uint32_t uid) {
  std::vector<std::string> files;
  for (const Secret& secret : project.spec->secrets) files.push_back(secret.file);
  if (project.spec->publish) files.push_back(project.spec->publish->key);
  for (const std::string& file : files) {
    struct stat status {};
    if (file.empty() || ::stat(file.c_str(), &status) != 0 || status.st_uid != uid || !(status.st_mode & 077)) continue;
    project.open_secrets.push_back({file, status.st_mode & 07777});
  }
}

// Ports that `up` will listen on.
std::vector<PortFacts> wanted(const Spec& spec) {
  std::vector<PortFacts> ports;
  if (spec.jupyter) ports.push_back({"jupyter.port", "jupyter", spec.jupyter->port, "", 0, 0});
  if (spec.ssh) ports.push_back({"ssh.port", "ssh", spec.ssh->port, "", 0, 0});
  if (spec.tensorboard) ports.push_back({"tensorboard.port", "tensorboard", spec.tensorboard->port, "", 0, 0});
  for (const Service& service : spec.services)
    if (service.port) ports.push_back({"services." + service.name + ".port", service.name, *service.port, "", 0, 0});
  return ports;
}

}  // namespace

Project project_facts(const run::Facts& caller, const std::string& file) {
  Project project;
  Result<Parsed> parsed = parse_file(file);
  if (!parsed) return project;
  project.file = parsed.value().spec.file;
  project.faults = parsed.value().findings;
  if (!project.faults.empty()) return project;
  project.spec = std::move(parsed.value().spec);
  const Spec& spec = *project.spec;
  note_lock(project);
  for (const Mount& mount : spec.mounts) {
    MountFacts facts{"mounts." + mount.from, mount.from, mount.to, mount.read_only, {}, false};
    if (const auto path = caller.paths.find(mount.from); path != caller.paths.end()) facts.path = path->second;
    facts.writable = may_write(caller, facts.path);
    struct statvfs room {};
    facts.on_read_only = ::statvfs(mount.from.c_str(), &room) == 0 && (room.f_flag & ST_RDONLY);
    project.mounts.push_back(facts);
  }
  if (spec.ssh)
    for (const std::string& path : spec.ssh->authorized_keys)
      if (const auto found = caller.paths.find(path); found != caller.paths.end())
        project.keys.push_back(key_facts(path, found->second));
  for (const Secret& secret : spec.secrets) {
    if (!secret.variable.empty() && !std::getenv(secret.variable.c_str()))
      project.missing_secrets.push_back(fmt::format("{}: the variable {} is not set", secret.name, secret.variable));
    if (!secret.file.empty() && !read_file("doctor", secret.file))
      project.missing_secrets.push_back(fmt::format("{}: {} cannot be read", secret.name, secret.file));
  }
  note_open_secrets(project, caller.uid);
  const std::string folder = run::state_folder(caller, spec.name);
  const Result<supervise::State> state = supervise::read_state(folder);
  // What listens may be the environment itself, or its keeper at the end of a killed one.
  const bool ours = state ? supervise::alive(state.value()) || supervise::keeper_alive(folder) : state.error().code() != Code::not_found;
  for (PortFacts& port : project.ports = wanted(spec)) {
    if (ours) break;  // it listens itself
    const std::optional<Holder> holder = holder_of(port.port);
    if (!holder) continue;
    port.process = holder->process, port.pid = holder->pid;
    port.free = free_port(port.port);
  }
  return project;
}

}  // namespace ninefold::env::doctor
