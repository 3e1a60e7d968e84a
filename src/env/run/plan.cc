// In: a Spec, an image's root, facts. Out: mounts, ids, limits, ports, services and files, or every
// reason why not, with the place in the user's file.
#include "env/run/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/hash.h"

namespace ninefold::env::run {
namespace {

constexpr const char* kOurs = "/run/ninefold";

class Planner {
 public:
  Planner(const Spec& spec, const Root& root, const Facts& facts) : spec_(spec), root_(root), facts_(facts) {}
  Result<Plan> make();

 private:
  void fault(const std::string& key, const std::string& text) {
    const Position at = spec_.position(key);
    faults_.push_back(at.line ? at.text() + ": " + text : text);
  }
  void refuse_what_is_not_there();
  void backend();
  void gpus();
  void environment();
  void binds();
  std::string mount_key(const Mount& mount) const;
  void services();
  void network();
  void publish();
  void files();
  void bind(const std::string& from, const std::string& to, bool read_only, bool make = false);
  void port(const std::string& key, const std::string& service, int number, bool owner_only);

  const Spec& spec_;
  const Root& root_;
  const Facts& facts_;
  GpuChoice gpus_;
  Plan plan_;
  std::vector<std::string> faults_;
};

void Planner::refuse_what_is_not_there() {
  if (facts_.runc.empty() && facts_.backend.empty()) fault("", "runc is missing; install the package runc");
  if (facts_.init.empty())
    fault("", "ninefold-init is missing beside this command; install Ninefold again");
  if (facts_.seccomp.empty())
    fault("", "no seccomp profile: install the package golang-github-containers-common");
}

// What another engine is asked to do, and what it cannot.
void Planner::backend() {
  if (facts_.backend.empty()) return;
  const bool docker = facts_.backend == "docker";
  const std::string& name = plan_.backend = facts_.backend;
  if (!docker && name != "podman") return fault("", fmt::format("--backend {}: there are podman and docker, and Ninefold's own runtime (own)", name));
  plan_.engine = docker ? facts_.docker : facts_.podman;
  if (plan_.engine.empty()) fault("", fmt::format("--backend {0}: {0} is not installed; install the package {1}", name, docker ? "docker.io" : "podman"));
  if (plan_.ids.root_files)
    fault("", fmt::format("--backend {0}: the project's folder belongs to root, whose files {0} cannot show as the user's inside; give it to the user who works "
                          "there (chown), or start as him", name));
  for (const Bind& bind : plan_.binds)
    if ((bind.from + bind.to).find_first_of(",\"") != std::string::npos)
      fault("", fmt::format("--backend {}: the path of the mount {} holds a comma or a quote, which it cannot take; rename it", name, bind.to));
  // Its cgroups are its own. An ordinary user's podman can limit by version 2 only, and there what is delegated to him;
  // docker's daemon is root, whoever asks.
  CgroupPlan& cgroups = plan_.cgroups;
  const bool able = docker || facts_.uid == 0 || facts_.mountinfo.find(" - cgroup cgroup ") == std::string::npos;
  for (Strength* strength : {&cgroups.memory, &cgroups.cpus, &cgroups.processes})
    if (docker && *strength == Strength::soft) *strength = Strength::hard, cgroups.why.clear();
    else if (!able && *strength == Strength::hard) *strength = Strength::soft, cgroups.why = "podman cannot limit by cgroups of version 1 without root";
  cgroups.folders.clear();
  cgroups.memory_folder.clear();
  plan_.notes.push_back(fmt::format("{} runs it: changes to the image's own files lie where it keeps them, and `ninefold diff` cannot list them", name));
  if (docker) plan_.notes.push_back("docker gets a copy of the image's files the first time, with your user's number in it");
  if (!docker && !plan_.ids.groups.empty()) plan_.notes.push_back("podman hands on none of your further groups: folders that only those may read stay closed inside");
}

void Planner::gpus() {
  gpus_ = choose_gpus(spec_, facts_.gpu, plan_.ids, root_.toolkit);
  plan_.gpu = gpus_.gpu;
  if (!gpus_.refusal.empty()) fault("gpu.use", gpus_.refusal);
  for (const std::string& note : gpus_.notes) plan_.notes.push_back(note);
}

void Planner::environment() {
  std::map<std::string, std::string> all;
  for (const std::string& variable : root_.environment) {
    const std::size_t equal = variable.find('=');
    if (equal != std::string::npos) all[variable.substr(0, equal)] = variable.substr(equal + 1);
  }
  const std::string path = all.count("PATH") ? all["PATH"] : "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games";
  for (const auto& [name, value] : own_environment(spec_, plan_.home, path)) all[name] = value;
  all["LANG"] = spec_.locale;
  all["TZ"] = spec_.timezone;
  if (plan_.outgoing.port) {
    const std::string ours = fmt::format("http://127.0.0.1:{}", plan_.outgoing.port);
    // A socks5:// in ALL_PROXY stops Python programs that lack a package for it.
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
      all[name] = ours;
    all["no_proxy"] = all["NO_PROXY"] = "localhost,127.0.0.1,::1," + plan_.name;
  }
  for (const std::string& variable : gpus_.environment) all[variable.substr(0, variable.find('='))] = variable.substr(variable.find('=') + 1);
  if (!plan_.gpu.devices.empty()) all["PATH"] += std::string(":") + kDriverFolder + "/bin";
  for (const auto& [name, value] : spec_.environment) all[name] = value;
  for (const auto& [name, value] : all) plan_.environment.push_back(name + "=" + value);
}

void Planner::bind(const std::string& from, const std::string& to, bool read_only, bool make) {
  plan_.binds.push_back({.from = from, .to = to, .read_only = read_only, .make = make});
}

// The file may have said "notebooks" or "~/data"; the Spec holds the absolute path.
std::string Planner::mount_key(const Mount& mount) const {
  for (const auto& [key, position] : spec_.where) {
    if (key.rfind("mounts.", 0) != 0) continue;
    std::string written = key.substr(7);
    while (written.rfind("./", 0) == 0 || written.rfind("~/", 0) == 0) written.erase(0, 2);
    if (mount.from == written || mount.from.ends_with("/" + written)) return key;
  }
  return "mounts";
}

void Planner::binds() {
  bind(plan_.state + "/boot", std::string(kOurs) + "/boot", true);
  bind(plan_.state + "/shared", std::string(kOurs) + "/state", false);
  bind(plan_.state + "/keys", std::string(kOurs) + "/keys", true);
  bind(plan_.state + "/hostkey", std::string(kOurs) + "/hostkey", true);
  if (!plan_.cgroups.memory_folder.empty() && facts_.backend.empty())
    bind(plan_.cgroups.memory_folder, std::string(kOurs) + "/limits", true);
  for (const char* name : {"passwd", "group", "hosts", "resolv.conf"})
    bind(plan_.state + "/boot/etc/" + name, std::string("/etc/") + name, true);
  bind(plan_.state + "/boot/etc/profile", "/etc/profile.d/ninefold.sh", true);
  if (!plan_.gpu.devices.empty()) {
    bind(plan_.state + "/boot/driver", kDriverFolder, true);
    bind(plan_.state + "/boot/etc/ld.so.cache", "/etc/ld.so.cache", true);  // prepare() writes it
    for (const CdiMount& file : gpus_.files) bind(file.host, file.inside, true), plan_.binds.back().driver = true;
    for (const CdiNode& node : gpus_.nodes) bind(node.host, node.inside, false), plan_.binds.back().driver = true;
  }
  std::set<std::string> taken;
  const auto target = [&](const std::string& key, const std::string& to) {
    for (const std::string reserved : {"/proc", "/sys", "/dev", kOurs, "/run/secrets", "/etc/passwd"})
      if (to == reserved || to.rfind(reserved + "/", 0) == 0)
        fault(key, fmt::format("{} belongs to the environment itself; mount elsewhere", to));
    if (to == "/") fault(key, "nothing can be mounted over /; mount below it");
    if (!taken.insert(to).second) fault(key, fmt::format("two mounts go to {}; choose another place", to));
  };
  for (const Volume& volume : spec_.volumes) {
    target("volumes." + volume.name, volume.to);
    bind(volume_folder(facts_, plan_.name, volume.name), volume.to, false, true);
    plan_.binds.back().skeleton = volume.to == plan_.home;
  }
  for (const Mount& mount : spec_.mounts) {
    const std::string key = mount_key(mount);
    const auto found = facts_.paths.find(mount.from);
    const Path path = found == facts_.paths.end() ? Path{} : found->second;
    if (!path.exists) {
      fault(key, fmt::format("mount {}: no such file or folder; make it or correct the path", mount.from));
    } else if (!path.readable) {
      fault(key, fmt::format("mount {}: it cannot be read by {}; check its rights and those of the folders "
                             "above it", mount.from, facts_.user));
    }
    target(key, mount.to);
    bind(mount.from, mount.to, mount.read_only);
  }
  // A mount inside another comes after it.
  std::stable_sort(plan_.binds.begin(), plan_.binds.end(), [](const Bind& a, const Bind& b) {
    return std::count(a.to.begin(), a.to.end(), '/') < std::count(b.to.begin(), b.to.end(), '/');
  });
}

void Planner::port(const std::string& key, const std::string& service, int number, bool owner_only) {
  for (const Port& other : plan_.ports)
    if (other.outside == number)
      fault(key, fmt::format("{} and {} both want port {}; give one another", other.service, service, number));
  plan_.ports.push_back({service, number, number, owner_only});
}

void Planner::services() {
  if (spec_.ssh) {
    port("ssh.port", "ssh", spec_.ssh->port, false);
    plan_.keys = spec_.ssh->authorized_keys.empty() ? facts_.own_keys : spec_.ssh->authorized_keys;
    for (const std::string& file : spec_.ssh->authorized_keys) {
      const auto found = facts_.paths.find(file);
      if (found == facts_.paths.end() || !found->second.exists)
        fault("ssh.authorized_keys", fmt::format("key file {}: no such file; make one with ssh-keygen -t "
                                                 "ed25519, or correct the path", file));
    }
    // As sshd's own StrictModes: whoever may write there could let himself in.
    for (const std::string& file : plan_.keys) {
      const auto found = facts_.paths.find(file);
      if (found != facts_.paths.end() && found->second.exists && (found->second.mode & 022))
        fault("ssh.authorized_keys", fmt::format("key file {}: others may write to it (mode {:04o}) and so let "
                                                 "themselves in: chmod go-w {}", file, found->second.mode, file));
    }
  }
  if (spec_.jupyter) {
    port("jupyter.port", "jupyter", spec_.jupyter->port, false);  // its token is its login
    plan_.jupyter_token = true;
  }
  if (spec_.tensorboard) port("tensorboard.port", "tensorboard", spec_.tensorboard->port, true);
  for (const env::Service& given : spec_.services)
    if (given.port) port("services." + given.name + ".port", given.name, *given.port, true);
  plan_.services = services_of(spec_, plan_.home);
}

// By which road programs inside reach other machines.
void Planner::network() {
  const std::string& wanted = spec_.network.outgoing;
  const bool closed = facts_.backend == "docker" && facts_.uid != 0;  // its daemon, which is root, owns the network
  const std::string why = closed ? "only root may make a network device in docker's containers"
                          : facts_.slirp.empty() ? "slirp4netns is not installed" : facts_.why_no_tun;
  const bool tun = facts_.tun && !facts_.slirp.empty() && !closed;
  if (wanted == "tun" && !tun)
    fault("network.outgoing", why + "; \"auto\" takes the built-in proxy then");
  plan_.network = wanted != "auto" ? wanted : tun ? "tun" : "proxy";
  if (wanted == "auto" && !tun) plan_.why_network = why;
  Outgoing& outgoing = plan_.outgoing;
  outgoing.ipv6 = plan_.network == "tun" && facts_.ipv6;
  outgoing.host_ports = spec_.network.host_ports;
  if (plan_.network == "none") return;
  const auto upstream = [&](const std::string& key, const std::string& written, const char* name) {
    const bool own = !written.empty();
    const std::string given = own ? written : !facts_.proxies.count(name) ? "" : facts_.proxies.at(name);
    const std::string& all = facts_.proxies.count("all") ? facts_.proxies.at("all") : given;
    if (given.empty() && all.empty()) return ProxyServer{};
    Result<ProxyServer> parsed = parse_proxy(given.empty() ? all : given);
    if (parsed) return parsed.value();
    if (own) fault(key, key + ": " + parsed.error().message());
    else
      plan_.notes.push_back(fmt::format("{}_proxy of this machine is left out: {}", given.empty() ? "all" : name,
                                        parsed.error().message()));
    return ProxyServer{};
  };
  outgoing.http = upstream("proxy.http", spec_.proxy.http, "http");
  outgoing.https = upstream("proxy.https", spec_.proxy.https, "https");
  outgoing.direct = !spec_.proxy.none.empty() ? spec_.proxy.none
                    : facts_.proxies.count("no") ? facts_.proxies.at("no") : "";
  outgoing.name_servers = spec_.dns.servers;
  outgoing.search = spec_.dns.search;
  // With a proxy on this machine's side ours stands before it: it may be on loopback, and its password
  // stays outside.
  if (plan_.network == "tun" && outgoing.http.kind.empty() && outgoing.https.kind.empty()) return;
  const auto taken = [&](int port) {
    const auto is = [port](const std::optional<int>& other) { return other && *other == port; };
    bool used = (spec_.ssh && spec_.ssh->port == port) || (spec_.jupyter && spec_.jupyter->port == port) ||
                (spec_.tensorboard && spec_.tensorboard->port == port);
    for (const env::Service& service : spec_.services) used = used || is(service.port);
    for (const int other : spec_.network.host_ports) used = used || other == port;
    return used;
  };
  outgoing.port = 3128;
  while (taken(outgoing.port)) ++outgoing.port;
}

// What other machines may reach, and how it is kept from those who should not.
void Planner::publish() {
  if (!spec_.publish) return;
  for (Port& port : plan_.ports) {
    const auto& wanted = spec_.publish->services;
    if (std::find(wanted.begin(), wanted.end(), port.service) == wanted.end()) continue;
    port.published = spec_.publish->address;
    port.tls = port.service != "ssh";
    port.gate = port.tls && port.owner_only;
  }
  plan_.own_certificate = spec_.publish->certificate.empty();
  const std::string folder = facts_.state_home + "/ninefold/tls/" + spec_.name;
  plan_.certificate = plan_.own_certificate ? folder + "/certificate.pem" : spec_.publish->certificate;
  plan_.key = plan_.own_certificate ? folder + "/key.pem" : spec_.publish->key;
}

void Planner::files() {
  std::string resolv;
  for (const std::string& domain : spec_.dns.search) resolv += (resolv.empty() ? "search " : " ") + domain;
  if (!resolv.empty()) resolv += "\n";
  for (const std::string& server : spec_.dns.servers) resolv += "nameserver " + server + "\n";
  if (spec_.dns.servers.empty() && plan_.network == "tun") resolv += "nameserver 10.0.2.3\n";
  const bool same = facts_.backend == "docker";  // which maps no ids: his number inside is the one outside
  const std::uint32_t user = same ? plan_.ids.user : kUser, group = same ? plan_.ids.group : kUser;
  plan_.files = {
      {"etc/passwd", image::with_user(facts_.passwd, plan_.user, plan_.home, user, group)},
      {"etc/group", image::with_group(facts_.group, plan_.user, group)},
      {"etc/hosts", fmt::format("127.0.0.1\tlocalhost {}\n::1\tlocalhost\n", plan_.name)},
      {"etc/resolv.conf", resolv},
  };
  bool published = false;  // by another name than localhost
  for (const Port& port : plan_.ports) published = published || (port.service == "jupyter" && !port.published.empty());
  for (File& file : boot_files(spec_, plan_.environment, plan_.binds, published)) plan_.files.push_back(std::move(file));
}

Result<Plan> Planner::make() {
  Result<Ids> ids = choose_ids(facts_);
  if (!ids) return ids.error();
  plan_.ids = ids.value();
  plan_.name = spec_.name;
  plan_.project = spec_.file;
  plan_.state = state_folder(facts_, spec_.name);
  plan_.image = root_.digest;
  plan_.tree = root_.tree;
  plan_.user = spec_.user();
  plan_.home = "/home/" + plan_.user;
  plan_.limits = spec_.limits;
  plan_.runc = facts_.runc;
  plan_.slirp = facts_.slirp;
  plan_.newuidmap = facts_.newuidmap;
  plan_.init = facts_.init;
  plan_.boot_id = facts_.boot_id;
  plan_.secrets = spec_.secrets;
  // Of one name there may be several, each with a state folder of its own (XDG_STATE_HOME).
  plan_.cgroups = plan_cgroups(facts_, spec_.limits, fmt::format("ninefold-{}-{}-{:08x}", facts_.uid, spec_.name, crc32c(plan_.state)));
  for (const std::string& path : {plan_.state, plan_.tree})
    if (path.find_first_of(":,\\") != std::string::npos)
      fault("", fmt::format("the path {} holds one of : , \\ which an overlay cannot take; set "
                            "XDG_STATE_HOME and XDG_DATA_HOME to other folders", path));
  refuse_what_is_not_there();
  network();
  gpus();
  environment();
  binds();
  services();
  publish();
  files();
  backend();
  Result<std::string> seccomp = seccomp_profile(facts_.seccomp.empty() ? R"({"syscalls":[]})" : facts_.seccomp,
#if defined(__aarch64__)
                                                "aarch64"
#else
                                                "x86_64"
#endif
  );
  if (!seccomp) return seccomp.error();
  if (!faults_.empty()) {
    std::string all = "up: ";
    for (const std::string& one : faults_) all += (&one == &faults_[0] ? "" : "\n") + one;
    return Error(Code::failed_precondition, all);
  }
  plan_.config = oci_config(plan_, seccomp.value());
  if (!plan_.backend.empty()) plan_.files.push_back({"seccomp.json", seccomp.value()});
  return plan_;
}

}  // namespace

Result<Plan> make_plan(const Spec& spec, const Root& root, const Facts& facts) {
  return Planner(spec, root, facts).make();
}

}  // namespace ninefold::env::run
