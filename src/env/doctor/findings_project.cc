// In: a project. Out: what of its file cannot be had on this machine, and which steps it still needs.
#include <fmt/format.h>

#include <regex>

#include "env/doctor/finding.h"

namespace ninefold::env::doctor {
namespace {

using MountProbe = bool (*)(const MountFacts&);
using KeyProbe = bool (*)(const KeyFacts&);

Places each_mount(const Facts& f, MountProbe holds) {
  Places list;
  for (const MountFacts& m : f.project.mounts)
    if (holds(m)) list.push_back({{"from", m.from}, {"to", m.to}, {"mode", fmt::format("{:04o}", m.path.mode)}, {"uid", std::to_string(m.path.uid)},
                                  {"place", f.project.spec->position(m.key).text()}});
  return list;
}
Places each_key(const Facts& f, KeyProbe holds) {
  Places list;
  for (const KeyFacts& k : f.project.keys)
    if (holds(k)) list.push_back({{"path", k.path}, {"fault", k.fault}, {"mode", fmt::format("{:04o}", k.file.mode)}, {"identity", k.identity},
                                  {"identity_mode", fmt::format("{:04o}", k.identity_mode)},
                                  {"key", k.path.ends_with(".pub") ? k.path.substr(0, k.path.size() - 4) : k.path}});
  return list;
}

// "unknown key 'memroy' in [limits]; did you mean 'memory'?": what is written, and what was meant.
bool misspelt(const env::Finding& fault, Words& words) {
  static const std::regex form("'([^']+)'.*did you mean '([^']+)'");
  std::smatch found;
  if (!std::regex_search(fault.text, found, form) || fault.position.line == 0) return false;
  words["substitute"] = fmt::format("{}s/{}/{}/", fault.position.line, found[1].str(), found[2].str());
  return true;
}
Places faults(const Facts& f, bool with_remedy) {
  Places list;
  for (const env::Finding& fault : f.project.faults) {
    Words words = {{"place", fault.position.text()}, {"text", fault.text}, {"file", f.project.file}};
    if (misspelt(fault, words) == with_remedy) list.push_back(words);
  }
  return list;
}
Places when_lock(const Facts& f, LockState state) {
  if (!f.project.spec || f.project.lock != state) return {};
  return {{{"file", f.project.lock_file}, {"fault", f.project.lock_fault}, {"project", f.project.file}}};
}

const Findings kProject = {
    {.id = "word-misspelt",
     .severity = Severity::error,
     .says = "{place}: {text}",
     .consequence = "no verb works with this file",
     .remedy = "sed -i {substitute} {file}",
     .probe = [](const Facts& f) { return faults(f, true); }},
    {.id = "file-faulty",
     .severity = Severity::error,
     .says = "{place}: {text}",
     .consequence = "no verb works with this file",
     .remedy = "${{EDITOR:-vi}} {file}",
     .probe = [](const Facts& f) { return faults(f, false); }},
    {.id = "lock-missing",
     .severity = Severity::warning,
     .says = "{file} is not there",
     .consequence = "`up` chooses versions anew; with it, every machine builds the same image",
     .remedy = "ninefold lock",
     .safe = true,
     .probe = [](const Facts& f) {
       const bool asked = !f.running.tree.empty() || !f.running.image.empty();   // --tree and --image need none
       return asked ? Places{} : when_lock(f, LockState::absent);
     }},
    {.id = "lock-of-another-file",
     .severity = Severity::error,
     .says = "{file} was made from another {project} than the one that is there",
     .consequence = "`up` and `build` refuse: the image would not be what the file asks for",
     .remedy = "ninefold lock",
     .safe = true,
     .probe = [](const Facts& f) { return when_lock(f, LockState::of_another_file); }},
    {.id = "lock-damaged",
     .severity = Severity::error,
     .says = "{fault}",
     .consequence = "`up` and `build` refuse",
     .remedy = "mv {file} {file}.damaged && ninefold lock",
     .probe = [](const Facts& f) { return when_lock(f, LockState::damaged); }},
    {.id = "mount-missing",
     .severity = Severity::error,
     .says = "{place}: {from} is not there",
     .consequence = "the environment cannot start: {to} would be empty",
     .remedy = "mkdir -p {from}",
     .safe = true,
     .probe = [](const Facts& f) { return each_mount(f, [](const MountFacts& m) { return !m.path.exists; }); }},
    {.id = "mount-unreadable",
     .severity = Severity::error,
     .says = "{place}: {user} may not read {from} (mode {mode} of user {uid})",
     .consequence = "the environment cannot start: {to} would be closed",
     .remedy = "{sudo}chmod -R u+rX {from} && {sudo}chown {user} {from}",
     .probe = [](const Facts& f) { return each_mount(f, [](const MountFacts& m) { return m.path.exists && !m.path.readable; }); }},
    {.id = "mount-not-writable",
     .severity = Severity::error,
     .says = "{place}: programs inside may not write to {to}: {from} has mode {mode} and belongs to user {uid}",
     .consequence = "notebooks there cannot be saved; where that is meant, read_only = true says so",
     .remedy = "{sudo}chown {user} {from} && chmod u+w {from}",
     .probe = [](const Facts& f) {
       return each_mount(f, [](const MountFacts& m) { return m.path.exists && m.path.readable && m.path.folder && !m.read_only && !m.writable && !m.on_read_only; });
     }},
    {.id = "mount-read-only",
     .severity = Severity::error,
     .says = "{place}: programs inside may not write to {to}: {from} lies on a file system that is mounted read-only",
     .consequence = "notebooks there cannot be saved; where that is meant, read_only = true says so",
     .remedy = "{sudo}mount -o remount,bind,rw \"$(findmnt -n -o TARGET --target {from})\"",
     .probe = [](const Facts& f) {
       return each_mount(f, [](const MountFacts& m) { return m.path.exists && m.path.readable && m.path.folder && !m.read_only && m.on_read_only; });
     }},
    {.id = "key-missing",
     .severity = Severity::error,
     .says = "ssh.authorized_keys names {path}, which is not there",
     .consequence = "the environment cannot start: nobody could log in",
     .remedy = "mkdir -p \"$(dirname {path})\" && ssh-keygen -q -t ed25519 -N '' -f {key}",
     .probe = [](const Facts& f) { return each_key(f, [](const KeyFacts& k) { return !k.file.exists; }); }},
    {.id = "key-empty",
     .severity = Severity::error,
     .says = "ssh.authorized_keys names {path}: {fault}",
     .consequence = "nobody can log in with it",
     .remedy = "ssh-keygen -q -y -f {key} > {path}.new && mv {path}.new {path}",
     .probe = [](const Facts& f) { return each_key(f, [](const KeyFacts& k) { return k.file.exists && k.fault == "it holds no key"; }); }},
    {.id = "key-private",
     .severity = Severity::error,
     .says = "ssh.authorized_keys names {path}: {fault}",
     .consequence = "the environment cannot start: a private key has no business in it",
     .remedy = "ssh-keygen -q -y -f {path} > {path}.pub && sed -i s,{path},{path}.pub, ninefold.toml",
     .probe = [](const Facts& f) { return each_key(f, [](const KeyFacts& k) { return k.fault == "it holds a private key"; }); }},
    {.id = "key-open",
     .severity = Severity::error,
     .says = "others may write to {path} (mode {mode})",
     .consequence = "the environment refuses it: anybody could let himself in",
     .remedy = "chmod go-w {path}",
     .safe = true,
     .probe = [](const Facts& f) { return each_key(f, [](const KeyFacts& k) { return k.file.exists && (k.file.mode & 022); }); }},
    {.id = "identity-open",
     .severity = Severity::error,
     .says = "others may read the private key {identity} (mode {identity_mode})",
     .consequence = "ssh refuses it",
     .remedy = "chmod 600 {identity}",
     .safe = true,
     .probe = [](const Facts& f) { return each_key(f, [](const KeyFacts& k) { return !k.identity.empty() && (k.identity_mode & 077); }); }},
    {.id = "port-taken",
     .severity = Severity::error,
     .says = "port {port} is held by {process}{pid}; the environment cannot publish {service} there",
     .consequence = "`up` refuses; another port serves until the next `down`, and `{key}` in the file for good",
     .remedy = "ninefold up{again} --port {service}={free}",
     .probe = [](const Facts& f) {
       Places list;
       for (const PortFacts& p : f.project.ports)
         if (!p.process.empty()) list.push_back({{"port", std::to_string(p.port)}, {"process", p.process}, {"service", p.service}, {"key", p.key},
                                                 {"pid", p.pid ? fmt::format(" (pid {})", p.pid) : ""}, {"free", std::to_string(p.free)}});
       return list;
     }},
    {.id = "port-of-root",
     .severity = Severity::error,
     .says = "port {port} ({service}) is one of those below {start} that only root may listen on",
     .consequence = "`up` refuses; another port serves until the next `down`, and `{key}` in the file for good",
     .remedy = "ninefold up{again} --port {service}={other}",
     .probe = [](const Facts& f) {
       Places list;
       const auto setting = f.machine.settings.find("net.ipv4.ip_unprivileged_port_start");
       const int start = setting == f.machine.settings.end() ? 1024 : std::atoi(setting->second.c_str());
       for (const PortFacts& p : f.project.ports)
         if (f.run.uid != 0 && p.port < start) list.push_back({{"port", std::to_string(p.port)}, {"service", p.service}, {"key", p.key},
                                                               {"start", std::to_string(start)}, {"other", std::to_string(p.port + 8000)}});
       return list;
     }},
    {.id = "secret-open",
     .severity = Severity::warning,
     .says = "others may read {path} (mode {mode}), which holds a secret",
     .consequence = "whoever works on this machine knows it",
     .remedy = "chmod go= {path}",
     .safe = true,
     .probe = [](const Facts& f) {
       Places list;
       for (const SecretFile& file : f.project.open_secrets) list.push_back({{"path", file.path}, {"mode", fmt::format("{:04o}", file.mode)}});
       return list;
     }},
    {.id = "secret-missing",
     .severity = Severity::error,
     .says = "secret {what}",
     .consequence = "the environment cannot start",
     .remedy = "${{EDITOR:-vi}} {file}",
     .probe = [](const Facts& f) {
       Places list;
       for (const std::string& what : f.project.missing_secrets) list.push_back({{"what", what}, {"file", f.project.file}});
       return list;
     }},
};

}  // namespace

Findings project_findings() { return kProject; }

}  // namespace ninefold::env::doctor
