// In: a wish, facts. Out: GpuChoice. A site's specification is preferred while all that it names is there and of the
// driver that runs; else Ninefold's own is taken, made from that driver a moment ago.
#include "env/run/gpu.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace ninefold::env::run {
namespace {

constexpr const char* kOwnName = "Ninefold's own specification";
constexpr const char* kModprobe = "sudo nvidia-modprobe -c 0 -u";

struct Unmet {
  std::string why, remedy;
};

std::string base_of(const std::string& path) { return std::filesystem::path(path).filename(); }
std::string name_of(const Cdi& cdi) { return cdi.file.empty() ? kOwnName : cdi.file; }
bool number(const std::string& text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos; }

class Chooser {
 public:
  Chooser(const Spec& spec, const GpuFacts& facts, const Ids& ids) : spec_(spec), facts_(facts), ids_(ids) {}
  GpuChoice make(const std::optional<Toolkit>& toolkit);

 private:
  std::optional<Unmet> without_driver() const;
  std::optional<Unmet> take(const Cdi& cdi);
  std::optional<Unmet> nodes(const CdiEdits& edits) const;
  std::optional<Unmet> devices(const Cdi& cdi, CdiEdits& edits, std::vector<std::string>& names) const;
  int card_of(const std::string& wish) const;
  void hand_in(const Cdi& cdi, const CdiEdits& edits);
  void visible();
  const HostFile& file(const std::string& path) const {
    static const HostFile none;
    const auto found = facts_.files.find(path);
    return found == facts_.files.end() ? none : found->second;
  }

  const Spec& spec_;
  const GpuFacts& facts_;
  const Ids& ids_;
  GpuChoice choice_;
  bool outdated_ = false;  // the specification that was tried last is
};

// What keeps a specification of our own from being made.
std::optional<Unmet> Chooser::without_driver() const {
  const Driver& driver = facts_.driver;
  if (driver.version.empty() && driver.pci.empty())
    return Unmet{"this machine has no NVIDIA card", "write use = \"optional\", or start it on a machine that has one"};
  if (driver.version.empty())
    return Unmet{fmt::format("no driver is loaded for this machine's cards ({})", fmt::join(driver.pci, ", ")),
                 "sudo modprobe nvidia || sudo apt-get install -y nvidia-driver"};
  if (driver.cuda.empty())
    return Unmet{fmt::format("the driver {} is loaded, and its library libcuda.so.1 is not there", driver.version), "sudo apt-get install -y libcuda1"};
  if (const std::string other = library_version(driver.cuda); !other.empty() && other != driver.version)
    return Unmet{fmt::format("the kernel runs the driver {}, and the library on disk is of {}: it was upgraded while the old one ran", driver.version,
                             other), "reboot, or: sudo rmmod nvidia_uvm nvidia_drm nvidia_modeset nvidia && sudo modprobe nvidia"};
  if (driver.cards.empty())
    return Unmet{fmt::format("the driver {} is loaded and drives no card", driver.version), "see dmesg: sudo dmesg | grep -i nvrm"};
  return std::nullopt;
}

// By number as nvidia-smi counts, or by UUID, which may be cut short as CUDA allows; -1: there is none, or several.
int Chooser::card_of(const std::string& wish) const {
  const std::vector<Card>& cards = facts_.driver.cards;
  if (number(wish)) return wish.size() < 5 && std::stoul(wish) < cards.size() ? std::stoi(wish) : -1;
  int found = -1;
  for (std::size_t i = 0; i < cards.size(); ++i)
    if (wish.size() >= 5 && cards[i].uuid.rfind(wish, 0) == 0) found = found < 0 ? static_cast<int>(i) : -2;
  return std::max(found, -1);
}

std::optional<Unmet> Chooser::devices(const Cdi& cdi, CdiEdits& edits, std::vector<std::string>& names) const {
  std::vector<std::string> known;
  bool numbered = false;
  for (const CdiDevice& device : cdi.devices) known.push_back(device.name), numbered = numbered || number(device.name);
  const auto has = [&](const std::string& name) { return std::find(known.begin(), known.end(), name) != known.end(); };
  for (const std::string& wish : spec_.gpu_devices) {
    std::string name = wish;
    if (const int card = card_of(wish); !has(name) && card >= 0)
      name = has(std::to_string(card)) ? std::to_string(card) : facts_.driver.cards[static_cast<std::size_t>(card)].uuid;
    if (!has(name))
      return Unmet{fmt::format("{} knows no GPU {}; there are {}", name_of(cdi), wish, fmt::join(known, ", ")), "correct gpu.devices"};
    names.push_back(name);
  }
  if (spec_.gpu_devices.empty())
    for (const std::string& name : known)
      if (name != "all" && (numbered ? number(name) : true)) names.push_back(name);
  if (names.empty()) names = {"all"};
  // "all" may open what no single one does.
  const bool all = spec_.gpu_devices.empty() && has("all");
  for (const CdiDevice& device : cdi.devices) {
    if (all ? device.name != "all" : std::find(names.begin(), names.end(), device.name) == names.end()) continue;
    const CdiEdits& more = device.edits;
    edits.environment.insert(edits.environment.end(), more.environment.begin(), more.environment.end());
    edits.nodes.insert(edits.nodes.end(), more.nodes.begin(), more.nodes.end());
    edits.mounts.insert(edits.mounts.end(), more.mounts.begin(), more.mounts.end());
    edits.hooks.insert(edits.hooks.end(), more.hooks.begin(), more.hooks.end());
  }
  return std::nullopt;
}

std::optional<Unmet> Chooser::nodes(const CdiEdits& edits) const {
  std::vector<std::string> missing;
  for (const CdiNode& node : edits.nodes)
    if (!file(node.host).exists) missing.push_back(node.host);
  if (!missing.empty())
    return Unmet{fmt::format("{} {} not there, and programs speak to the driver through {}", fmt::join(missing, ", "), missing.size() == 1 ? "is" : "are",
                             missing.size() == 1 ? "it" : "them"), kModprobe};
  for (const CdiNode& node : edits.nodes) {
    const HostFile& there = file(node.host);
    const bool group = there.gid == ids_.group || std::find(ids_.groups.begin(), ids_.groups.end(), there.gid) != ids_.groups.end();
    const std::uint32_t needed = there.uid == ids_.user ? 0600 : group ? 0060 : 0006;
    if ((there.mode & needed) != needed)
      return Unmet{fmt::format("{} has mode {:04o}, and the user inside may not open it", node.host, there.mode), "sudo chmod a+rw " + node.host};
  }
  return std::nullopt;
}

// Where a specification's files go: libraries and programs into the driver's folder, all else where it says.
void Chooser::hand_in(const Cdi& cdi, const CdiEdits& edits) {
  const std::string folder = kDriverFolder;
  std::set<std::string> taken;
  for (const CdiNode& node : edits.nodes)
    if (taken.insert(node.inside).second) choice_.nodes.push_back(node);
  const auto lead = [&](const std::string& name, const std::string& to) { choice_.gpu.names.try_emplace(name, to); };
  for (const CdiMount& mount : edits.mounts) {
    const std::string name = base_of(mount.inside), parent = std::filesystem::path(mount.inside).parent_path();
    const std::string& soname = file(mount.host).soname;
    const bool program = parent.ends_with("/bin") || parent.ends_with("/sbin");
    if (!soname.empty() && !program) {
      const std::string own = base_of(mount.host);  // other mounts of it are names of it, and become links
      if (taken.insert(folder + "/lib/" + own).second) choice_.files.push_back({mount.host, folder + "/lib/" + own, {}});
      for (const std::string& one : {own, name, soname}) lead(one, own);
      if (soname == "libcuda.so.1") lead("libcuda.so", own);
      continue;
    }
    const std::string to = program ? folder + "/bin/" + name : mount.inside;
    if (taken.insert(to).second) choice_.files.push_back({mount.host, to, {}});
  }
  std::set<std::string> left_out;
  for (const CdiHook& hook : edits.hooks) {
    const auto word = [&](const char* text) { return std::find(hook.arguments.begin(), hook.arguments.end(), text) != hook.arguments.end(); };
    if (word("create-symlinks")) {
      for (std::size_t i = 0; i + 1 < hook.arguments.size(); ++i) {
        const std::string& pair = hook.arguments[i + 1];
        const std::size_t colons = pair.find("::");
        if (hook.arguments[i] != "--link" || colons == std::string::npos) continue;
        const auto known = choice_.gpu.names.find(base_of(pair.substr(0, colons)));
        if (known != choice_.gpu.names.end()) lead(base_of(pair.substr(colons + 2)), known->second);
      }
    } else if (!word("update-ldcache") && !word("chmod") && !word("create-soname-symlinks") && !word("disable-device-node-modification") &&
               !word("enable-cuda-compat")) {
      left_out.insert(hook.path);
    }
  }
  for (const std::string& path : left_out)
    choice_.notes.push_back(fmt::format("{}: {} is not run: no program of this machine takes part in a start", name_of(cdi), path));
  choice_.environment = edits.environment;
}

// Inside the chosen cards count from 0 in the order of their addresses; CUDA_VISIBLE_DEVICES keeps the file's order.
void Chooser::visible() {
  if (spec_.gpu_devices.empty()) return;
  std::vector<int> cards;
  for (const std::string& wish : spec_.gpu_devices) cards.push_back(card_of(wish));
  if (std::find(cards.begin(), cards.end(), -1) != cards.end()) return;  // a part of a card: only its file knows it
  const std::set<int> sorted(cards.begin(), cards.end());
  std::vector<long> places;
  for (const int card : cards) places.push_back(std::distance(sorted.begin(), sorted.find(card)));
  choice_.environment.push_back("CUDA_DEVICE_ORDER=PCI_BUS_ID");
  choice_.environment.push_back(fmt::format("CUDA_VISIBLE_DEVICES={}", fmt::join(places, ",")));
}

std::optional<Unmet> Chooser::take(const Cdi& cdi) {
  CdiEdits edits = cdi.edits;
  std::vector<std::string> names;
  outdated_ = false;
  std::optional<Unmet> unmet = devices(cdi, edits, names);
  if (!unmet && !cdi.file.empty())
    if (const std::string why = outdated(cdi, facts_); !why.empty()) {
      outdated_ = true;
      return Unmet{why, "sudo nvidia-ctk cdi generate --output=" + cdi.file};
    }
  if (!unmet) unmet = nodes(edits);
  if (unmet) return unmet;
  choice_.gpu.devices = names;
  choice_.gpu.driver = facts_.driver.version;
  choice_.gpu.source = name_of(cdi);
  hand_in(cdi, edits);
  visible();
  return std::nullopt;
}

GpuChoice Chooser::make(const std::optional<Toolkit>& toolkit) {
  if (spec_.gpu == GpuUse::none) {
    choice_.gpu.why = "the file says gpu.use = \"none\"";
    return choice_;
  }
  std::optional<Unmet> unmet;
  bool taken = false;
  for (const SiteCdi& site : facts_.site) {
    if (!site.fault.empty()) {
      choice_.notes.push_back(fmt::format("{}; the file is left out", site.fault));
      continue;
    }
    unmet = take(site.cdi);
    if (!unmet) taken = true;
    if (!outdated_) break;  // a second file would say the same of nodes and numbers
    choice_.notes.push_back(fmt::format("{}: {} is taken; the file is made anew with: {}", unmet->why, kOwnName, unmet->remedy));
    unmet.reset();
  }
  if (!taken && !unmet) unmet = without_driver();
  if (!taken && !unmet) unmet = take(cdi_of(facts_.driver));
  const bool required = spec_.gpu == GpuUse::required;
  if (unmet) {
    choice_.gpu.why = unmet->why;
    choice_.remedy = unmet->remedy;
    if (required) choice_.refusal = fmt::format("a GPU is required, and {}; {}", unmet->why, unmet->remedy);
    else if (!facts_.driver.pci.empty() || !facts_.driver.version.empty() || !facts_.site.empty())
      choice_.notes.push_back(fmt::format("no GPU inside: {}; {}", unmet->why, unmet->remedy));
    return choice_;
  }
  if (const std::string old = too_old(choice_.gpu.driver, toolkit); !old.empty()) {
    if (required) choice_.refusal = "a GPU is required, and " + old;
    else choice_.notes.push_back(old);
  }
  return choice_;
}

}  // namespace

GpuChoice choose_gpus(const Spec& spec, const GpuFacts& facts, const Ids& ids, const std::optional<Toolkit>& toolkit) {
  return Chooser(spec, facts, ids).make(toolkit);
}

std::string outdated(const Cdi& cdi, const GpuFacts& facts) {
  const std::string& running = facts.driver.version;
  std::vector<const CdiEdits*> parts = {&cdi.edits};
  for (const CdiDevice& device : cdi.devices) parts.push_back(&device.edits);
  std::string gone;
  bool memory = running.empty();  // without NVIDIA's module in /proc (Tegra, WSL) there is no such node
  for (const CdiEdits* edits : parts) {
    for (const CdiNode& node : edits->nodes) memory = memory || node.inside == "/dev/nvidia-uvm";
    for (const CdiMount& mount : edits->mounts) {
      const std::string name = base_of(mount.host), version = library_version(name);
      if (name.rfind("libcuda.so.", 0) == 0 && !version.empty() && !running.empty() && version != running)
        return fmt::format("{} is of the driver {}, and {} runs", name_of(cdi), version, running);
      const auto found = facts.files.find(mount.host);
      if (gone.empty() && (found == facts.files.end() || !found->second.exists)) gone = mount.host;
    }
  }
  if (!gone.empty()) return fmt::format("{} names {}, which is not there", name_of(cdi), gone);
  return memory ? "" : name_of(cdi) + " does not name /dev/nvidia-uvm: it was written before that module was loaded";
}

std::string gpu_text(const Gpu& gpu) {
  if (gpu.devices.empty()) return gpu.why.empty() ? "none" : "none (" + gpu.why + ")";
  return fmt::format("{} by {}{}", fmt::join(gpu.devices, ", "), gpu.source, gpu.driver.empty() ? "" : ", driver " + gpu.driver);
}

std::string too_old(const std::string& driver, const std::optional<Toolkit>& toolkit) {
  if (!toolkit || driver.empty()) return {};
  const NeededDriver needed = needed_driver(toolkit->cuda);
  if (needed.oldest.empty() || compare_versions(driver, needed.oldest) >= 0) return {};
  return fmt::format("the image's CUDA {} ({}) needs the driver {} or later, and this machine runs {}; install a newer driver, or pin packages of an older "
                     "CUDA in [packages]", toolkit->cuda, toolkit->from, needed.oldest, driver);
}

}  // namespace ninefold::env::run
