// In: text. Out: a Spec and the findings of its file and of those that it extends.
#include "env/spec/parse.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <set>

#include "env/spec/reader.h"

namespace ninefold::env {
namespace {

constexpr int kDeepest = 8;                 // of a chain of `extends`
constexpr std::size_t kLargest = 1 << 20;   // bytes of a file; nobody writes a larger one

bool matches(const std::string& text, const char* pattern) {
  return text.size() < 512 && std::regex_match(text, std::regex(pattern));
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// The project's file wins: tables are merged, the package lists are joined, anything else is replaced.
// Nodes are moved, because a copied node forgets where it stood.
void merge(toml::table& into, toml::table& from, const std::string& path) {
  for (auto&& [key, node] : from) {
    const std::string here = path.empty() ? std::string(key.str()) : path + "." + std::string(key.str());
    toml::node* old = into.get(key.str());
    if (old && old->is_table() && node.is_table()) {
      merge(*old->as_table(), *node.as_table(), here);
    } else if (old && old->is_array() && node.is_array() && path == "packages") {
      for (toml::node& item : *node.as_array()) old->as_array()->push_back(std::move(item));
    } else {
      into.insert_or_assign(key, std::move(node));
    }
  }
}

class Parser {
 public:
  Parser(const Surroundings& around) : around_(around) {}

  Parsed run(const std::string& text, const std::string& file) {
    Parsed parsed;
    parsed.spec.file = file;
    parsed.spec.folder = around_.folder;
    folders_[file] = around_.folder;
    toml::table table;
    if (read(text, file, around_.folder, 0, table)) fill(table, parsed.spec);
    auto& found = notes_.findings;
    std::stable_sort(found.begin(), found.end(), [](const Finding& a, const Finding& b) {
      return std::tie(a.position.line, a.position.column) < std::tie(b.position.line, b.position.column);
    });
    parsed.findings = std::move(found);
    parsed.spec.where = std::move(notes_.where);
    return parsed;
  }

 private:
  // A file with what it extends below it.
  bool read(const std::string& text, const std::string& file, const std::string& folder, int depth, toml::table& into) {
    if (text.size() > kLargest) {
      notes_.at(Position{file, 1, 1}, fmt::format("the file has {} bytes; at most {} are read", text.size(), kLargest));
      return false;
    }
    folders_[file] = folder;
    toml::parse_result result = toml::parse(text, file);
    if (!result) {
      notes_.add(result.error().source(), std::string(result.error().description()));
      return false;
    }
    toml::table own = std::move(result).table();
    toml::node* extends = own.get("extends");
    if (!extends) return into = std::move(own), true;
    const toml::source_region source = extends->source();
    const auto name = extends->value_exact<std::string>();
    if (!name) return notes_.add(source, "extends: expected a string, got " + kind_of(*extends)), false;
    const std::string path = absolute(*name, folder);
    if (depth >= kDeepest || folders_.count(path))
      return notes_.add(source, fmt::format("extends: {} extends itself, or the chain is longer than {}", path, kDeepest)), false;
    const Result<std::string> below = around_.read(path);
    if (!below) return notes_.add(source, below.error().message()), false;
    if (!read(below.value(), path, folder_of(path), depth + 1, into)) return false;
    own.erase("extends");
    merge(into, own, "");
    return true;
  }

  std::string absolute(const std::string& path, const std::string& folder) const {
    if (path == "~" || path.rfind("~/", 0) == 0) return around_.home + path.substr(1);
    return !path.empty() && path[0] == '/' ? path : folder + "/" + path;
  }

  // Relative to the file in which the value stands, be it the team's.
  std::string absolute(const std::string& path, const toml::source_region& source) const {
    const auto found = source.path ? folders_.find(*source.path) : folders_.end();
    return absolute(path, found == folders_.end() ? around_.folder : found->second);
  }

  bool pattern(Section& section, const std::string& key, const std::string& value, const char* form, const char* expected) {
    if (matches(value, form)) return true;
    section.find(key, fmt::format("{}: expected {}, got \"{}\"", section.path_of(key), expected, value));
    return false;
  }

  bool inside(Section& section, const std::string& key, const std::string& path) {
    const bool good = path.size() > 1 && path[0] == '/' && path.find("//") == std::string::npos &&
                      (path + "/").find("/../") == std::string::npos && (path + "/").find("/./") == std::string::npos;
    if (!good) {
      section.find(key, fmt::format("{}: expected an absolute path inside without . and .., got \"{}\"", section.path_of(key), path));
      return false;
    }
    for (const char* taken : {"/proc", "/sys", "/dev", "/run", "/usr", "/bin", "/lib", "/etc", "/opt/ninefold"})
      if ((path + "/").rfind(std::string(taken) + "/", 0) == 0) {
        section.find(key, fmt::format("{}: {} belongs to the environment itself; choose a path as /tf/data", section.path_of(key), path));
        return false;
      }
    return true;
  }

  void fill(const toml::table& table, Spec& spec) {
    Section top(notes_, &table, "");
    if (!top.node("name")) notes_.at(Position{spec.file, 1, 1}, "name is missing; write name = \"tf29\" at the top");
    else if (top.text("name", spec.name))
      pattern(top, "name", spec.name, "[a-z0-9][a-z0-9._-]{0,62}", "lower-case letters, digits, '-', '_' and '.', at most 63");
    if (top.text("timezone", spec.timezone))
      pattern(top, "timezone", spec.timezone, "[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}", "a name as \"Asia/Shanghai\"");
    if (top.text("locale", spec.locale))
      pattern(top, "locale", spec.locale, "(C|[a-z]{2,3}_[A-Z]{2})\\.UTF-8", "a name as \"zh_CN.UTF-8\"");
    base(top, spec);
    packages(top, spec);
    places(top, spec);
    values(top, spec);
    parse_network(top, spec);
    sources(top, spec);
    programs(top, spec);
    limits(top, spec);
    publish(top, spec);
    top.node("extends");
    top.finish();
  }

  void base(Section& top, Spec& spec) {
    static const std::map<std::string, std::string> known = {
        {"debian:bullseye", "3.9"}, {"debian:bookworm", "3.11"}, {"debian:trixie", "3.13"}};
    std::vector<std::string> names, versions;
    std::string table_text;
    for (const auto& [name, version] : known) {
      names.push_back(name), versions.push_back(version);
      table_text += fmt::format("{}{} has {}", table_text.empty() ? "" : ", ", name, version);
    }
    const auto* given = top.table() ? top.table()->get("base") : nullptr;
    const std::string base = given ? given->value_or(std::string()) : std::string();
    const bool image = base.rfind("oci:", 0) == 0;
    if (image) {
      top.text("base", spec.base);
      // registry/reference.h judges the rest when the base is locked.
      const std::string reference = spec.base_reference(), host = reference.substr(0, reference.find('/'));
      const bool hosted = reference.find('/') != std::string::npos && (host.find_first_of(".:") != std::string::npos || host == "localhost");
      if (!hosted || !matches(reference, "[A-Za-z0-9._:/@\\[\\]-]{3,500}"))
        top.find("base", fmt::format("base: \"{}\" names no registry; write it like \"oci:registry.example/team/base:1\"", base));
    } else if (base.find_first_of("/@") != std::string::npos) {
      top.node("base");
      top.find("base", fmt::format("base: \"{}\" is an image; write \"oci:{}\". A release of Debian is a base, too: {}", base, base, table_text));
    }
    const bool named = !image && base.find_first_of("/@") == std::string::npos && top.choice("base", names, spec.base);
    Section python = top.table("python");
    if (image) {  // what the image has is known when it is locked
      if (python.text("version", spec.python.version))
        pattern(python, "version", spec.python.version, "3\\.[0-9]{1,2}", "a version as \"3.11\"");
      python.finish();
      return;
    }
    if (python.text("version", spec.python.version)) {
      const auto found = std::find_if(known.begin(), known.end(),
                                      [&](const auto& row) { return row.second == spec.python.version; });
      if (found == known.end())
        python.find("version", fmt::format("python.version: no base has \"{}\"; {}. Write one of these versions, and `base` may be left out",
                                           spec.python.version, table_text));
      else if (!named && !top.table()->get("base")) spec.base = found->first;
      else if (named && known.at(spec.base) != spec.python.version)
        python.find("version", fmt::format("python.version: base {} has {}, not {}; {}. Write base = \"{}\", or leave `base` out", spec.base, known.at(spec.base),
                                           spec.python.version, table_text, found->first));
    } else if (known.count(spec.base)) {
      spec.python.version = known.at(spec.base);
    }
    python.finish();
  }

  void packages(Section& top, Spec& spec) {
    Section section = top.table("packages");
    const auto check_all = [&](const char* key, const std::vector<std::string>& all, const char* form, const char* expected) {
      const toml::array* array = section.table() && section.table()->get(key) ? section.table()->get(key)->as_array() : nullptr;
      for (std::size_t i = 0; array && i < array->size(); ++i) {
        const auto value = (*array)[i].value_exact<std::string>();
        if (value && !value->empty() && !matches(*value, form))
          notes_.add((*array)[i].source(), fmt::format("packages.{}[{}]: expected {}, got \"{}\"", key, i, expected, *value));
      }
      (void)all;
    };
    section.choice("set", {"full", "small"}, spec.packages.set);
    section.texts("apt", spec.packages.apt);
    check_all("apt", spec.packages.apt, "[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+:~-]+)?", "a Debian package as \"git\" or \"git=1:2.39\"");
    section.texts("pip", spec.packages.pip);
    check_all("pip", spec.packages.pip, "[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])? *(\\[[A-Za-z0-9., _-]*\\])? *([<>=!~][^@]*)?",
              "a requirement as \"pandas\" or \"scikit-learn==1.5.2\" (wheels of the index only, no addresses)");
    section.finish();
  }

  void places(Section& top, Spec& spec) {
    std::set<std::string> taken;
    const auto take = [&](Section& section, const std::string& key, const std::string& to) {
      if (!inside(section, key, to)) return false;
      if (taken.insert(to).second) return true;
      section.find(key, fmt::format("{}: {} is used twice; choose another path inside", section.path_of(key), to));
      return false;
    };
    Section mounts = top.table("mounts");
    for (const std::string& from : keys(mounts)) {
      const toml::source_region source = mounts.source(from);
      Mount mount;
      mount.from = absolute(from, source);
      if (mounts.table()->get(from)->is_table()) {
        Section one = mounts.table(from);
        if (!one.text("to", mount.to) && !one.table()->get("to")) mounts.find(from, fmt::format("mounts.{}: to is missing", from));
        one.boolean("read_only", mount.read_only);
        one.finish();
      } else {
        mounts.text(from, mount.to);
      }
      if (!mount.to.empty() && take(mounts, from, mount.to)) spec.mounts.push_back(mount);
    }
    Section volumes = top.table("volumes");
    for (const std::string& name : keys(volumes)) {
      Volume volume{name, {}};
      if (!volumes.text(name, volume.to)) continue;
      if (!matches(name, "[a-z0-9][a-z0-9_-]{0,40}"))
        volumes.find(name, fmt::format("volumes.{}: expected a name of lower-case letters, digits, '-' and '_'", name));
      else if (take(volumes, name, volume.to)) spec.volumes.push_back(volume);
    }
  }

  void default_volumes(Spec& spec) {
    const std::vector<Volume> defaults = {{"home", "/home/" + spec.user()}, {"notebooks", "/tf/notebooks"}, {"logs", "/tf/logs"},
                                          {"outputs", "/tf/outputs"}};
    for (const Volume& one : defaults) {
      bool taken = false;
      for (const Volume& v : spec.volumes) taken = taken || v.name == one.name || v.to == one.to;
      for (const Mount& m : spec.mounts) taken = taken || m.to == one.to;
      if (!taken) spec.volumes.push_back(one);
    }
  }

  static std::vector<std::string> keys(Section& section) {
    std::vector<std::string> all;
    if (!section.present()) return all;
    for (const auto& [key, value] : *section.table()) all.emplace_back(key.str());
    for (const std::string& key : all) section.know(key);
    return all;
  }

  void variables(Section& section, std::map<std::string, std::string>& into) {
    for (const std::string& name : keys(section)) {
      if (!pattern(section, name, name, "[A-Za-z_][A-Za-z0-9_]*", "a name of letters, digits and '_'")) continue;
      const toml::node& value = *section.table()->get(name);
      if (value.is_boolean()) into[name] = value.value_or(false) ? "true" : "false";
      else if (value.is_integer()) into[name] = std::to_string(value.value_or(std::int64_t{0}));
      else if (std::string text; section.text(name, text)) {
        if (text.find('\n') != std::string::npos) section.find(name, section.path_of(name) + ": a value of one line is needed");
        else into[name] = text;
      }
    }
  }

  void values(Section& top, Spec& spec) {
    Section environment = top.table("environment");
    variables(environment, spec.environment);
    Section secrets = top.table("secrets");
    for (const std::string& name : keys(secrets)) {
      if (!pattern(secrets, name, name, "[A-Za-z_][A-Za-z0-9_.-]*", "a name of letters, digits, '_', '.' and '-'")) continue;
      if (!secrets.table()->get(name)->is_table()) {
        secrets.find(name, fmt::format("secrets.{}: a secret is never written here; say {{ file = \"...\" }} or {{ env = \"...\" }}", name));
        continue;
      }
      Section one = secrets.table(name);
      Secret secret{name, {}, {}};
      if (one.text("file", secret.file)) secret.file = absolute(secret.file, one.source("file"));
      one.text("env", secret.variable);
      if (secret.file.empty() == secret.variable.empty())
        secrets.find(name, fmt::format("secrets.{}: expected either file or env", name));
      one.finish();
      spec.secrets.push_back(secret);
    }
  }

  void sources(Section& top, Spec& spec) {
    Section sources = top.table("sources");
    sources.text("apt", spec.sources.apt);
    sources.text("apt_security", spec.sources.apt_security);
    sources.text("pip", spec.sources.pip);
    sources.texts("pip_extra", spec.sources.pip_extra);
    if (sources.text_or_texts("pip_links", spec.sources.pip_links))
      for (std::string& folder : spec.sources.pip_links)
        if (folder.find("://") == std::string::npos) folder = absolute(folder, sources.source("pip_links"));
    sources.text("proxy", spec.sources.proxy);
    sources.boolean("expired", spec.sources.expired);
    if (sources.text_or_texts("verify_key", spec.sources.verify_key))
      for (std::string& file : spec.sources.verify_key) file = absolute(file, sources.source("verify_key"));
    for (const char* key : {"apt", "apt_security", "pip"})
      if (const auto* node = sources.present() ? sources.table()->get(key) : nullptr; node && node->is_string())
        pattern(sources, key, node->value_or(std::string()), "(https?|file|copy)://?[^ ]+", "an address as \"http://mirror/debian\"");
    sources.finish();
  }

  // A table that switches a program on; `false` switches off what a team's file switched on.
  std::optional<Section> program(Section& top, const std::string& key) {
    const toml::node* node = top.node(key);
    if (!node || (node->is_boolean() && !node->value_or(true))) return std::nullopt;
    Section section = top.table(key);
    return section.present() ? std::optional(section) : std::nullopt;
  }

  void programs(Section& top, Spec& spec) {
    if (auto section = program(top, "jupyter")) {
      spec.jupyter.emplace();
      section->port("port", spec.jupyter->port);
      if (section->text("folder", spec.jupyter->folder)) inside(*section, "folder", spec.jupyter->folder);
      section->boolean("scripts", spec.jupyter->scripts);
      section->finish();
    }
    if (auto section = program(top, "ssh")) {
      spec.ssh.emplace();
      section->port("port", spec.ssh->port);
      if (section->text("user", spec.ssh->user) &&
          pattern(*section, "user", spec.ssh->user, "[a-z_][a-z0-9_-]{0,31}", "a name of lower-case letters, digits, '-' and '_'") &&
          spec.ssh->user == "root")
        section->find("user", "ssh.user: nobody is root inside; name an ordinary user");
      if (section->text_or_texts("authorized_keys", spec.ssh->authorized_keys))
        for (std::string& file : spec.ssh->authorized_keys) file = absolute(file, section->source("authorized_keys"));
      section->finish();
    }
    if (auto section = program(top, "tensorboard")) {
      spec.tensorboard.emplace();
      section->port("port", spec.tensorboard->port);
      if (section->text("logdir", spec.tensorboard->logdir)) inside(*section, "logdir", spec.tensorboard->logdir);
      section->finish();
    }
    Section services = top.table("services");
    for (const std::string& name : keys(services)) {
      Section one = services.table(name);
      if (!one.present()) continue;
      Service service;
      service.name = name;
      if (!matches(name, "[a-z0-9][a-z0-9_-]{0,40}") || name == "jupyter" || name == "ssh" || name == "tensorboard")
        services.find(name, fmt::format("services.{}: expected a name of lower-case letters, digits, '-' and '_' that no service of ours has", name));
      const toml::node* command = one.node("command");
      if (command && command->is_string()) service.command = {"/bin/sh", "-c", command->value_or(std::string())};
      else if (!one.texts("command", service.command) || service.command.empty())
        services.find(name, fmt::format("services.{}: command is missing; write command = [\"program\", \"argument\"]", name));
      if (one.text("folder", service.folder)) {
        if (service.folder.empty() || service.folder[0] != '/') one.find("folder", one.path_of("folder") + ": expected an absolute path inside");
      }
      int port = 0;
      if (one.port("port", port)) service.port = port;
      one.choice("restart", {"always", "on-failure", "never"}, service.restart);
      Section environment = one.table("environment");
      variables(environment, service.environment);
      one.finish();
      spec.services.push_back(service);
    }
    ports(top, spec);
    default_volumes(spec);
  }

  void ports(Section&, Spec& spec) {
    std::map<int, std::string> used;
    const auto use = [&](int port, const std::string& key) {
      const auto [other, fresh] = used.emplace(port, key);
      if (fresh) return;
      Position place{spec.file, 1, 1};
      if (const auto found = notes_.where.find(key); found != notes_.where.end()) place = found->second;
      notes_.at(place, fmt::format("{}: port {} is {}'s already; choose another", key, port, other->second));
    };
    if (spec.jupyter) use(spec.jupyter->port, "jupyter.port");
    if (spec.ssh) use(spec.ssh->port, "ssh.port");
    if (spec.tensorboard) use(spec.tensorboard->port, "tensorboard.port");
    for (const int port : spec.network.host_ports) use(port, "network.host_ports");
    for (const Service& service : spec.services)
      if (service.port) use(*service.port, "services." + service.name + ".port");
  }

  void limits(Section& top, Spec& spec) {
    Section section = top.table("limits");
    if (section.bytes("memory", spec.limits.memory) && spec.limits.memory < (64u << 20))
      section.find("memory", "limits.memory: less than 64m cannot start Python; write a size as \"8g\"");
    if (section.number("cpus", spec.limits.cpus) && !(spec.limits.cpus >= 0.01 && spec.limits.cpus <= 4096))
      section.find("cpus", fmt::format("limits.cpus: expected 0.01 to 4096, got {}", spec.limits.cpus));
    std::int64_t processes = 0;
    if (section.integer("processes", 16, 4194304, processes)) spec.limits.processes = processes;
    section.bytes("shared_memory", spec.limits.shared_memory);
    section.finish();
    Section gpu = top.table("gpu");
    std::string use = "optional";
    gpu.choice("use", {"optional", "required", "none"}, use);
    spec.gpu = use == "required" ? GpuUse::required : use == "none" ? GpuUse::none : GpuUse::optional;
    gpu_devices(gpu, spec);
    gpu.finish();
  }

  void gpu_devices(Section& gpu, Spec& spec) {
    const toml::node* given = gpu.node("devices");
    if (!given) return;
    if (!given->is_array() || given->as_array()->empty())
      return gpu.find("devices", "gpu.devices: expected an array as [0, 1] or [\"GPU-8932f937-...\"]; leave it out for all");
    for (const toml::node& item : *given->as_array()) {
      const auto number = item.value_exact<std::int64_t>();
      const auto name = item.value_exact<std::string>();
      const std::string one = number && *number >= 0 && *number < 1000 ? std::to_string(*number) : name ? *name : "";
      if (!matches(one, "[A-Za-z0-9][A-Za-z0-9:._/-]{0,127}"))
        gpu.note(item, "gpu.devices: expected a number from 0 on, or a UUID as nvidia-smi -L shows it, got " +
                           (number ? std::to_string(*number) : name ? "\"" + *name + "\"" : kind_of(item)));
      else if (std::find(spec.gpu_devices.begin(), spec.gpu_devices.end(), one) != spec.gpu_devices.end())
        gpu.note(item, "gpu.devices: " + one + " stands there twice");
      else
        spec.gpu_devices.push_back(one);
    }
  }

  void publish(Section& top, Spec& spec) {
    Section section = top.table("publish");
    if (!section.present()) return;
    spec.publish.emplace();
    if (section.text("address", spec.publish->address)) check_address(section, *spec.publish);
    if (!section.texts("services", spec.publish->services))
      section.find("services", "publish.services is missing; write services = [\"jupyter\"]");
    std::vector<std::string> known;
    if (spec.jupyter) known.push_back("jupyter");
    if (spec.ssh) known.push_back("ssh");
    if (spec.tensorboard) known.push_back("tensorboard");
    for (const Service& service : spec.services) known.push_back(service.name);
    for (const std::string& name : spec.publish->services)
      if (std::find(known.begin(), known.end(), name) == known.end())
        section.find("services", fmt::format("publish.services: no service is called \"{}\"; there are: {}", name, fmt::join(known, ", ")));
    for (auto [key, into] : {std::pair{"certificate", &spec.publish->certificate}, {"key", &spec.publish->key}})
      if (section.text(key, *into)) *into = absolute(*into, section.source(key));
    if (spec.publish->certificate.empty() != spec.publish->key.empty())
      section.find("certificate", "publish: certificate and key belong together; give both or neither");
    section.finish();
  }

  const Surroundings& around_;
  Notes notes_;
  std::map<std::string, std::string> folders_;  // file -> the folder its relative paths start at
};

}  // namespace

Parsed parse_spec(const std::string& text, const std::string& file, const Surroundings& around) {
  return Parser(around).run(text, file);
}

std::string findings_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += fmt::format("{}{}: {}", text.empty() ? "" : "\n", finding.position.text(), finding.text);
  return text;
}

}  // namespace ninefold::env
