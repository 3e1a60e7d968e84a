// In: a machine's files. Out: Driver. No list of the driver's libraries is kept: what ends in its version belongs to it,
// in the folder where the linker's cache (else a usual folder) has libcuda.so.1.
#include "env/run/driver.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "base/fd.h"
#include "base/text.h"
#include "env/run/elf.h"
#include "env/run/linker_cache.h"

namespace ninefold::env::run {
namespace fs = std::filesystem;
namespace {

std::string line_of(const std::string& path) {
  Result<std::string> text = read_file("driver", path);
  return text ? std::string(strip(text.value())) : std::string();
}

// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May ...": the first word of figures and dots.
std::string module_version(const std::string& text) {
  for (const std::string_view word : split(text.substr(0, text.find('\n')), ' '))
    if (!word.empty() && word.find('.') != std::string_view::npos && word.find_first_not_of("0123456789.") == std::string_view::npos)
      return std::string(word);
  return {};
}

// "Device Minor: \t 0" of a card's information.
std::string value_of(const std::string& text, std::string_view key) {
  for (const std::string_view line : split(text, '\n'))
    if (line.substr(0, key.size()) == key && line.size() > key.size() && line[key.size()] == ':')
      return std::string(strip(line.substr(key.size() + 1)));
  return {};
}

int number_of(const std::string& text, int otherwise) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() && value >= 0 && value < 4096 ? value : otherwise;
}

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

// Parts of a card that MIG makes have nodes of their own, whose numbers are told here.
void note_parts(const std::string& root, std::size_t index, Card& card) {
  std::error_code ignored;
  const std::string place = root + "/proc/driver/nvidia/capabilities/gpu" + std::to_string(index) + "/mig";
  for (const auto& entry : fs::recursive_directory_iterator(place, ignored)) {
    if (entry.path().filename() != "access") continue;
    const Result<std::string> text = read_file("driver", entry.path());
    const int minor = text ? number_of(value_of(text.value(), "DeviceFileMinor"), -1) : -1;
    const std::string node = "/dev/nvidia-caps/nvidia-cap" + std::to_string(minor);
    if (minor >= 0 && is_there(root + node)) card.parts.push_back(node);
  }
  std::sort(card.parts.begin(), card.parts.end());
}

void read_cards(const std::string& root, Driver& driver) {
  for (const std::string& device : names_in(root + "/sys/bus/pci/devices")) {
    const std::string place = root + "/sys/bus/pci/devices/" + device;
    // 0x0300..: VGA, 0x0302..: 3-D controllers
    if (line_of(place + "/vendor") == "0x10de" && line_of(place + "/class").rfind("0x03", 0) == 0) driver.pci.push_back(device);
  }
  for (const std::string& address : names_in(root + "/proc/driver/nvidia/gpus")) {
    const std::string text = line_of(root + "/proc/driver/nvidia/gpus/" + address + "/information");
    const std::string uuid = value_of(text, "GPU UUID");
    Card card{address, uuid.find('?') == std::string::npos ? uuid : "", value_of(text, "Model"), 0, {}};
    card.minor = number_of(value_of(text, "Device Minor"), static_cast<int>(driver.cards.size()));
    note_parts(root, driver.cards.size(), card);
    driver.cards.push_back(std::move(card));
  }
}

// Where libcuda.so.1 is: as the loader would find it, else in the usual folders.
std::vector<std::string> candidates(const std::string& root) {
  std::vector<std::string> found;
  const Result<std::string> cache = read_file("driver", root + "/etc/ld.so.cache");
  const Result<std::vector<CacheEntry>> entries = parse_linker_cache(cache ? cache.value() : "");
  if (entries)
    for (const CacheEntry& entry : entries.value())
      if (entry.name == "libcuda.so.1" && (entry.flags & 0xff00) != 0) found.push_back(entry.path);  // of 64 bits
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib/x86_64-linux-gnu/nvidia/current", "/usr/lib64",
                             "/usr/lib", "/usr/lib/wsl/lib"})
    found.push_back(std::string(folder) + "/libcuda.so.1");
  return found;
}

void read_libraries(const std::string& root, Driver& driver) {
  std::set<std::string> folders, all;
  for (const std::string& path : candidates(root)) {
    const std::string file = followed(path, root);
    if (file.empty()) continue;
    const std::string name = fs::path(file).filename();
    // One of the module's version goes before one of another: several drivers may be installed.
    if (driver.cuda.empty() || (library_version(driver.cuda) != driver.version && library_version(name) == driver.version)) driver.cuda = name;
    folders.insert(fs::path(file).parent_path());
    folders.insert(fs::path(path).parent_path());
  }
  if (driver.version.empty() && is_there(root + "/dev/nvidiactl")) driver.version = library_version(driver.cuda);
  if (driver.version.empty()) return;
  for (const std::string& folder : folders)
    for (const std::string& below : {std::string(), std::string("/vdpau")})
      for (const std::string& name : names_in(root + folder + below)) {
        if (library_version(name) != driver.version) continue;
        if (const std::string file = followed(folder + below + "/" + name, root); !file.empty()) all.insert(file);
      }
  for (const std::string& file : all) driver.libraries.push_back({file, soname_of(root + file)});
}

}  // namespace

std::string library_version(const std::string& name) {
  const std::size_t at = name.find(".so.");
  if (at == std::string::npos || name.find('.', at + 4) == std::string::npos) return {};
  const std::string version = name.substr(at + 4);
  return version.find_first_not_of("0123456789.") == std::string::npos ? version : std::string();
}

int compare_versions(const std::string& a, const std::string& b) {
  const std::vector<std::string_view> left = split(a, '.'), right = split(b, '.');
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const auto part = [i](const std::vector<std::string_view>& all) {
      long value = 0;
      if (i < all.size()) std::from_chars(all[i].data(), all[i].data() + all[i].size(), value);
      return value;
    };
    if (part(left) != part(right)) return part(left) < part(right) ? -1 : 1;
  }
  return 0;
}

std::string followed(const std::string& path, const std::string& root) {
  // By hand: an absolute link of a recorded tree starts at that tree.
  std::vector<std::string> left;
  const auto push = [&left](const std::string& text) {
    const std::vector<std::string_view> parts = split(text, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
      if (!part->empty() && *part != ".") left.emplace_back(*part);
  };
  push(path);
  std::string now;
  for (int links = 0; !left.empty();) {
    const std::string part = std::move(left.back());
    left.pop_back();
    if (part == "..") {
      now.erase(now.empty() ? 0 : now.rfind('/'));
      continue;
    }
    const std::string next = now + "/" + part;
    std::error_code problem;
    const fs::file_status status = fs::symlink_status(root + next, problem);
    if (!fs::exists(status)) return {};
    if (!fs::is_symlink(status)) {
      now = next;
      continue;
    }
    if (++links > 40) return {};
    const std::string target = fs::read_symlink(root + next, problem);
    if (target.rfind('/', 0) == 0) now.clear();
    push(target);
  }
  return now;
}

HostFile look_at_file(const std::string& path, const std::string& root) {
  HostFile found;
  const std::string file = followed(path, root);
  struct stat status {};
  if (file.empty() || ::stat((root + file).c_str(), &status) != 0) return found;
  found.exists = true;
  found.folder = S_ISDIR(status.st_mode);
  found.uid = status.st_uid, found.gid = status.st_gid, found.mode = status.st_mode & 07777;
  found.open = ::access((root + file).c_str(), path.rfind("/dev/", 0) == 0 ? R_OK | W_OK : R_OK) == 0;
  if (S_ISREG(status.st_mode)) found.soname = soname_of(root + file);
  return found;
}

Driver read_driver(const std::string& root) {
  Driver driver;
  driver.version = module_version(line_of(root + "/proc/driver/nvidia/version"));
  read_cards(root, driver);
  read_libraries(root, driver);
  if (driver.version.empty()) return driver;
  driver.nodes = {"/dev/nvidiactl", "/dev/nvidia-uvm"};
  for (const Card& card : driver.cards) driver.nodes.push_back("/dev/nvidia" + std::to_string(card.minor));
  for (const char* node : {"/dev/nvidia-uvm-tools", "/dev/nvidia-modeset"})
    if (is_there(root + node)) driver.further_nodes.push_back(node);
  for (const char* name : {"nvidia-smi", "nvidia-debugdump", "nvidia-persistenced", "nvidia-cuda-mps-control", "nvidia-cuda-mps-server"})
    for (const char* folder : {"/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/opt/bin/"})
      if (const std::string file = followed(std::string(folder) + name, root); !file.empty()) {
        driver.programs.push_back(file);
        break;
      }
  for (const char* folder : {"/lib/firmware/nvidia/", "/usr/lib/firmware/nvidia/"})
    for (const std::string& name : driver.firmware.empty() ? names_in(root + folder + driver.version) : std::vector<std::string>())
      driver.firmware.push_back(folder + driver.version + "/" + name);
  for (const char* socket : {"/run/nvidia-persistenced/socket", "/run/nvidia-fabricmanager/socket"})
    if (is_there(root + socket)) driver.sockets.push_back(socket);
  return driver;
}

}  // namespace ninefold::env::run
