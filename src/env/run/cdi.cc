// In: JSON or YAML text, a driver. Out: Cdi, and JSON text again.
#include "env/run/cdi.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/fd.h"
#include "base/json_text.h"
#include "env/run/yaml.h"

namespace ninefold::env::run {
namespace {

using Json = nlohmann::ordered_json;

class CdiReader {
 public:
  explicit CdiReader(const std::string& file) : file_(file) {}

  Cdi read(const Json& whole) {
    Cdi cdi;
    cdi.file = file_;
    cdi.version = text(whole, "", "cdiVersion", true);
    cdi.kind = text(whole, "", "kind", true);
    if (cdi.version.rfind("0.", 0) != 0 && cdi.version.rfind("1.", 0) != 0)
      fault("cdiVersion", "expected a version as \"0.5.0\", got \"" + cdi.version + "\"");
    cdi.edits = edits(whole, "");
    for (const Json* device : list(whole, "", "devices")) {
      const std::string place = fmt::format("devices[{}]", cdi.devices.size());
      cdi.devices.push_back({text(*device, place, "name", true), edits(*device, place)});
    }
    if (cdi.devices.empty()) fault("devices", "it names none");
    return cdi;
  }

 private:
  [[noreturn]] void fault(const std::string& where, const std::string& what) const {
    throw Error(Code::invalid_argument, fmt::format("{}: {}: {}", file_, where, what));
  }
  static std::string at(const std::string& place, const std::string& key) { return place.empty() ? key : place + "." + key; }

  const Json* member(const Json& table, const std::string& place, const std::string& key) const {
    if (!table.is_object()) fault(place.empty() ? "the file" : place, "expected a table");
    const auto found = table.find(key);
    return found == table.end() || found->is_null() ? nullptr : &*found;
  }

  std::string text(const Json& table, const std::string& place, const std::string& key, bool needed) const {
    const Json* value = member(table, place, key);
    if (!value && !needed) return {};
    if (!value) fault(at(place, key), "it is missing");
    if (value->is_number_integer()) return std::to_string(value->get<std::int64_t>());  // name: 0
    if (!value->is_string() || value->get<std::string>().find('\0') != std::string::npos) fault(at(place, key), "expected a string");
    return value->get<std::string>();
  }

  // A path that leads nowhere but where it says.
  std::string path(const Json& table, const std::string& place, const std::string& key, const std::string& otherwise) const {
    const std::string given = text(table, place, key, otherwise.empty());
    const std::string value = given.empty() ? otherwise : given;
    if (value.size() < 2 || value[0] != '/' || (value + "/").find("/../") != std::string::npos)
      fault(at(place, key), "expected an absolute path without .., got \"" + value + "\"");
    return value;
  }

  std::vector<const Json*> list(const Json& table, const std::string& place, const std::string& key) const {
    const Json* value = member(table, place, key);
    std::vector<const Json*> all;
    if (!value) return all;
    if (!value->is_array()) fault(at(place, key), "expected a list");
    for (const Json& item : *value) all.push_back(&item);
    return all;
  }

  std::vector<std::string> texts(const Json& table, const std::string& place, const std::string& key) const {
    std::vector<std::string> all;
    for (const Json* item : list(table, place, key)) {
      if (!item->is_string() || item->get<std::string>().find('\0') != std::string::npos) fault(at(place, key), "expected strings");
      all.push_back(item->get<std::string>());
    }
    return all;
  }

  CdiEdits edits(const Json& table, const std::string& above) const {
    CdiEdits all;
    const Json* found = member(table, above, "containerEdits");
    if (!found) return all;
    const std::string place = at(above, "containerEdits");
    all.environment = texts(*found, place, "env");
    for (const std::string& one : all.environment)
      if (one.find('=') == std::string::npos || one[0] == '=') fault(at(place, "env"), "expected NAME=VALUE, got \"" + one + "\"");
    for (const Json* node : list(*found, place, "deviceNodes")) {
      const std::string here = fmt::format("{}.deviceNodes[{}]", place, all.nodes.size());
      const std::string inside = path(*node, here, "path", "");
      if (inside.rfind("/dev/", 0) != 0) fault(here + ".path", "expected a path below /dev, got \"" + inside + "\"");
      all.nodes.push_back({path(*node, here, "hostPath", inside), inside});
    }
    for (const Json* mount : list(*found, place, "mounts")) {
      const std::string here = fmt::format("{}.mounts[{}]", place, all.mounts.size());
      all.mounts.push_back({path(*mount, here, "hostPath", ""), path(*mount, here, "containerPath", ""), texts(*mount, here, "options")});
    }
    for (const Json* hook : list(*found, place, "hooks")) {
      const std::string here = fmt::format("{}.hooks[{}]", place, all.hooks.size());
      all.hooks.push_back({text(*hook, here, "hookName", true), path(*hook, here, "path", ""), texts(*hook, here, "args")});
    }
    return all;
  }

  std::string file_;
};

Json json_of(const CdiEdits& edits) {
  Json json = Json::object();
  if (!edits.environment.empty()) json["env"] = edits.environment;
  for (const CdiNode& node : edits.nodes) {
    Json one = {{"path", node.inside}};
    if (node.host != node.inside) one["hostPath"] = node.host;
    json["deviceNodes"].push_back(one);
  }
  for (const CdiMount& mount : edits.mounts)
    json["mounts"].push_back({{"hostPath", mount.host}, {"containerPath", mount.inside}, {"options", mount.options}});
  for (const CdiHook& hook : edits.hooks)
    json["hooks"].push_back({{"hookName", hook.name}, {"path", hook.path}, {"args", hook.arguments}});
  return json;
}

std::string last_part(const std::string& path) { return std::filesystem::path(path).filename(); }

}  // namespace

Result<Cdi> parse_cdi(const std::string& text, const std::string& file) {
  try {
    if (text.size() > (4u << 20)) throw Error(Code::invalid_argument, file + ": more than 4 MiB; no specification is so long");
    // JSON is YAML, and only where it is no JSON is YAML's word asked: its errors name a line.
    if (file.ends_with(".json")) return CdiReader(file).read(parse_json(text, file));
    Result<Json> yaml = parse_yaml(text, file);
    if (!yaml) return yaml.error();
    return CdiReader(file).read(yaml.value());
  } catch (const Error& error) {
    return error;
  }
}

Cdi cdi_of(const Driver& driver) {
  Cdi cdi;
  const std::vector<std::string> options = {"ro", "nosuid", "nodev", "bind"};
  const std::string folder = kDriverFolder;
  const auto mount = [&](const std::string& host, const std::string& inside) {
    cdi.edits.mounts.push_back({host, inside, options});
  };
  for (const Library& library : driver.libraries) {
    // By the name that programs ask for, too: a runtime that knows mounts only needs no link then.
    std::set<std::string> names = {last_part(library.path)};
    if (!library.soname.empty()) names.insert(library.soname);
    if (library.soname == "libcuda.so.1") names.insert("libcuda.so");
    for (const std::string& name : names) mount(library.path, folder + "/lib/" + name);
  }
  for (const std::string& program : driver.programs) mount(program, folder + "/bin/" + last_part(program));
  for (const std::string& firmware : driver.firmware) mount(firmware, firmware);
  for (const std::string& socket : driver.sockets) cdi.edits.mounts.push_back({socket, socket, {"ro", "nosuid", "nodev", "noexec", "bind"}});
  for (const char* node : {"/dev/nvidiactl", "/dev/nvidia-uvm"}) cdi.edits.nodes.push_back({node, node});
  for (const std::string& node : driver.further_nodes) cdi.edits.nodes.push_back({node, node});
  CdiEdits all;
  for (std::size_t i = 0; i < driver.cards.size(); ++i) {
    const Card& card = driver.cards[i];
    CdiEdits edits;
    const std::string node = "/dev/nvidia" + std::to_string(card.minor);
    edits.nodes.push_back({node, node});
    for (const std::string& part : card.parts) edits.nodes.push_back({part, part});
    all.nodes.insert(all.nodes.end(), edits.nodes.begin(), edits.nodes.end());
    cdi.devices.push_back({std::to_string(i), edits});
    if (!card.uuid.empty()) cdi.devices.push_back({card.uuid, edits});
  }
  cdi.devices.push_back({"all", all});
  return cdi;
}

GpuFacts look_at_gpus(const std::string& root) {
  GpuFacts facts;
  facts.driver = read_driver(root);
  const auto look = [&](const Cdi& cdi) {
    const auto edits = [&](const CdiEdits& all) {
      for (const CdiNode& node : all.nodes) facts.files.try_emplace(node.host, look_at_file(node.host, root));
      for (const CdiMount& mount : all.mounts) facts.files.try_emplace(mount.host, look_at_file(mount.host, root));
    };
    edits(cdi.edits);
    for (const CdiDevice& device : cdi.devices) edits(device.edits);
  };
  look(cdi_of(facts.driver));
  // What was made for this boot goes before what an administrator once wrote, as the interface's own text says.
  for (const char* folder : {"/var/run/cdi", "/etc/cdi"}) {
    std::set<std::string> names;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(root + folder, ignored))
      if (const std::string end = entry.path().extension(); end == ".json" || end == ".yaml") names.insert(entry.path().filename());
    for (const std::string& name : names) {
      SiteCdi site{std::string(folder) + "/" + name, "", {}};
      const Result<std::string> text = read_file("gpu", root + site.file);
      Result<Cdi> cdi = text ? parse_cdi(text.value(), site.file) : Result<Cdi>(text.error());
      if (!cdi && text && text.value().find("nvidia.com/gpu") == std::string::npos) continue;  // some other device's
      if (!cdi) site.fault = cdi.error().message();
      else if (cdi.value().kind != "nvidia.com/gpu") continue;
      else look(site.cdi = std::move(cdi).value());
      facts.site.push_back(std::move(site));
    }
  }
  return facts;
}

std::string to_text(const Cdi& cdi) {
  Json json = {{"cdiVersion", cdi.version}, {"kind", cdi.kind}};
  json["devices"] = Json::array();
  for (const CdiDevice& device : cdi.devices) json["devices"].push_back({{"name", device.name}, {"containerEdits", json_of(device.edits)}});
  CdiEdits edits = cdi.edits;
  if (cdi.file.empty()) edits.environment.push_back(std::string("LD_LIBRARY_PATH=") + kDriverFolder + "/lib");
  json["containerEdits"] = json_of(edits);
  return json.dump(1) + "\n";
}

}  // namespace ninefold::env::run
