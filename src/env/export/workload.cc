// In: a Spec and what was asked for. Out: a Workload; and notes on what containers elsewhere cannot have.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/check.h"
#include "env/export/export.h"
#include "env/image/one_user.h"
#include "env/spec/parse.h"

namespace ninefold::env::exports {
namespace {

std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace); }

// The part of the user's file that a container needs, in the file's own words.
std::string file_text(const Spec& spec, const Workload& work, bool services) {
  std::string text = fmt::format("# Written by `ninefold export`: what runs in this container.\nname = {}\n", quoted(spec.name));
  text += "[volumes]\n";
  for (const Place& place : work.places) text += fmt::format("{} = {}\n", quoted(place.name), quoted(place.to));
  if (!services) return text;
  if (spec.jupyter) text += fmt::format("[jupyter]\nport = {}\nfolder = {}\n", spec.jupyter->port, quoted(spec.jupyter->folder));
  if (spec.jupyter && !spec.jupyter->scripts) text += "scripts = false\n";
  if (spec.ssh) text += fmt::format("[ssh]\nport = {}\n", spec.ssh->port);
  if (spec.tensorboard) text += fmt::format("[tensorboard]\nport = {}\nlogdir = {}\n", spec.tensorboard->port, quoted(spec.tensorboard->logdir));
  for (const Service& service : spec.services) {
    std::vector<std::string> words;
    for (const std::string& word : service.command) words.push_back(quoted(word));
    text += fmt::format("[services.{}]\ncommand = [{}]\nrestart = {}\n", service.name, fmt::join(words, ", "), quoted(service.restart));
    if (!service.folder.empty()) text += fmt::format("folder = {}\n", quoted(service.folder));
    if (service.port) text += fmt::format("port = {}\n", *service.port);
    if (!service.environment.empty()) text += fmt::format("[services.{}.environment]\n", service.name);
    for (const auto& [name, value] : service.environment) text += fmt::format("{} = {}\n", quoted(name), quoted(value));
  }
  return text;
}

void add_doors(const Spec& spec, Workload& work) {
  const auto published = [&](const std::string& service) {
    return spec.publish && std::find(spec.publish->services.begin(), spec.publish->services.end(), service) != spec.publish->services.end();
  };
  if (spec.jupyter) work.doors.push_back({"jupyter", spec.jupyter->port, true, fmt::format("http:{}/api", spec.jupyter->port)});
  if (spec.ssh) work.doors.push_back({"ssh", spec.ssh->port, true, fmt::format("ssh:{}", spec.ssh->port)});
  if (spec.tensorboard) work.doors.push_back({"tensorboard", spec.tensorboard->port, false});
  for (const Service& service : spec.services)
    if (service.port) work.doors.push_back({service.name, *service.port, published(service.name)});
}

void add_environment(const Spec& spec, Workload& work, std::vector<std::string>& notes) {
  work.environment["LANG"] = spec.locale;
  work.environment["TZ"] = spec.timezone;
  if (spec.limits.cpus > 0) work.environment["OMP_NUM_THREADS"] = std::to_string(static_cast<int>(std::ceil(spec.limits.cpus)));  // as with `up`
  for (const auto& [name, value] : {std::pair{"http_proxy", spec.proxy.http}, {"https_proxy", spec.proxy.https}, {"no_proxy", spec.proxy.none}}) {
    if (value.empty()) continue;
    if (value.find('@') != std::string::npos) {
      notes.push_back(fmt::format("{} is left out: it holds a password, which would lie open in the file", name));
      continue;
    }
    std::string upper = name;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    work.environment[name] = work.environment[upper] = value;
  }
  for (const auto& [name, value] : spec.environment) work.environment[name] = value;
}

}  // namespace

std::vector<std::string> own_secrets(const Spec& spec) {
  std::vector<std::string> names;
  if (spec.jupyter) names.push_back("jupyter_token");
  if (spec.ssh) names.push_back("ssh_host_ed25519_key");
  return names;
}

Result<Workload> make_workload(const Spec& spec, const Request& request, const Kind& kind, std::vector<std::string>& notes) {
  Workload work;
  work.name = kind.cluster ? cluster_name(spec.name) : spec.name;
  if (work.name.empty()) return Error(Code::invalid_argument, fmt::format("export: the name {} has no letter or digit that Kubernetes takes; change it in ninefold.toml", spec.name));
  if (work.name != spec.name) notes.push_back(fmt::format("it is called {} there: names in Kubernetes have small letters, digits and '-'", work.name));
  const bool services = !kind.runs_command;
  if (services && !request.command.empty())
    return Error(Code::invalid_argument, fmt::format("export: a {} runs the file's services, got the command {}; a command is what `export job` and "
                                                     "`export tfjob` run", kind.name, request.command[0]));
  if (!services && request.command.empty())
    return Error(Code::invalid_argument, fmt::format("export: a {0} runs a command, got none: ninefold export {0} -- python train.py", kind.name));
  work.image = request.image;
  work.words = {kInit, "container"};
  work.words.insert(work.words.end(), request.command.begin(), request.command.end());
  work.storage = request.storage, work.writable = request.writable, work.limits = spec.limits, work.workers = request.workers;
  work.secrets_at = request.secrets;

  const std::string old_home = "/home/" + spec.user(), home = std::string("/home/") + image::kUserName;
  if (spec.ssh && services && spec.user() != image::kUserName)
    notes.push_back(fmt::format("the user there is called {}, not {}: ssh {}@...", image::kUserName, spec.user(), image::kUserName));
  // Names that differ here may be one in a cluster.
  const auto place = [&](const std::string& wanted, Place one) {
    const auto is_taken = [&](const std::string& name) {
      return std::any_of(work.places.begin(), work.places.end(), [&](const Place& p) { return cluster_name(p.name) == cluster_name(name); });
    };
    one.name = wanted;
    for (int number = 2; is_taken(one.name); ++number) one.name = fmt::format("{}-{}", wanted, number);
    work.places.push_back(std::move(one));
  };
  for (const Volume& volume : spec.volumes) place(volume.name, {"", volume.to == old_home ? home : volume.to});
  for (const Mount& mount : spec.mounts) {
    const std::string file = mount.from.substr(mount.from.rfind('/') + 1);
    if (request.files.count(mount.from)) {
      notes.push_back(fmt::format("{} is one file and is left out; make it a secret of [secrets], or copy it into a volume", mount.from));
      continue;
    }
    const std::string name = cluster_name(file);
    place(name.empty() ? "mount" : name, {"", mount.to, mount.read_only, mount.from});
  }
  // A place inside another comes after it.
  std::stable_sort(work.places.begin(), work.places.end(), [](const Place& a, const Place& b) {
    return std::count(a.to.begin(), a.to.end(), '/') < std::count(b.to.begin(), b.to.end(), '/');
  });
  if (services) add_doors(spec, work), work.keys = request.keys;
  if (services && spec.ssh && work.keys.empty()) notes.push_back("no public key is given, so nobody can log in by ssh; name one: authorized_keys below [ssh]");
  work.toml = file_text(spec, work, services);
  const Parsed again = parse_spec(work.toml, "exported", {"/", "/", [](const std::string&) { return Result<std::string>(Error(Code::internal, "")); }});
  if (!again.findings.empty()) return Error(Code::invalid_argument, "export: " + findings_text(again.findings));
  add_environment(spec, work, notes);
  if (services) work.secrets = own_secrets(spec);
  for (const Secret& secret : spec.secrets) work.secrets.push_back(secret.name), work.own_secrets_only = false;
  work.name_servers = spec.dns.servers, work.search = spec.dns.search;
  work.offline = spec.network.outgoing == "none";
  if (!spec.network.host_ports.empty())
    notes.push_back(fmt::format("[network] host_ports = [{}] is left out: there is no machine of yours behind the container's loopback", fmt::join(spec.network.host_ports, ", ")));
  work.gpus = request.gpus >= 0 ? request.gpus : spec.gpu == GpuUse::required ? 1 : 0;
  if (request.gpus < 0 && spec.gpu == GpuUse::optional && spec.where.count("gpu.use"))
    notes.push_back("[gpu] use = \"optional\": no GPU is asked for, since that would keep the container from starting where none is free; --gpus 1 asks");
  if (spec.publish && !spec.publish->services.empty())
    notes.push_back("[publish]: its TLS and its address are not part of the file; put a proxy with a certificate in front (in Kubernetes an Ingress)");
  return work;
}

}  // namespace ninefold::env::exports
