// In: /proc, /sys, /dev and the libraries of a machine, or of a recorded tree of one. Out: which NVIDIA cards it has
// and which parts of their driver.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.h"
#include "base/text.h"
#include "env/doctor/gather.h"

namespace ninefold::env::doctor {
namespace fs = std::filesystem;
namespace {

std::string line_of(const std::string& path) {
  Result<std::string> text = read_file("doctor", path);
  return text ? std::string(strip(text.value())) : std::string();
}

// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May ...": the first word of figures and dots.
std::string module_version(const std::string& text) {
  for (const std::string_view word : split(text.substr(0, text.find('\n')), ' '))
    if (!word.empty() && word.find('.') != std::string_view::npos && word.find_first_not_of("0123456789.") == std::string_view::npos)
      return std::string(word);
  return {};
}

}  // namespace

Gpu gpu_facts(const std::string& root) {
  Gpu gpu;
  std::error_code ignored;
  for (const auto& device : fs::directory_iterator(root + "/sys/bus/pci/devices", ignored)) {
    const std::string kind = line_of(device.path() / "class");  // 0x0300..: VGA, 0x0302..: 3-D controllers
    if (line_of(device.path() / "vendor") == "0x10de" && kind.rfind("0x03", 0) == 0) gpu.cards.push_back(device.path().filename());
  }
  std::sort(gpu.cards.begin(), gpu.cards.end());
  gpu.driver = module_version(line_of(root + "/proc/driver/nvidia/version"));
  if (!gpu.driver.empty()) {
    std::vector<std::string> nodes = {"/dev/nvidiactl", "/dev/nvidia-uvm"};
    int number = 0;
    for (const auto& card : fs::directory_iterator(root + "/proc/driver/nvidia/gpus", ignored)) {
      (void)card;
      nodes.push_back("/dev/nvidia" + std::to_string(number++));
    }
    for (const std::string& node : nodes) {
      if (!fs::exists(root + node, ignored)) gpu.missing_nodes.push_back(node);
      else if (::access((root + node).c_str(), R_OK | W_OK) != 0) gpu.closed_nodes.push_back(node);
    }
  }
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/lib/wsl/lib"}) {
    const fs::path link = root + folder + "/libcuda.so.1";
    if (!fs::exists(fs::symlink_status(link, ignored))) continue;
    const fs::path target = fs::is_symlink(link, ignored) ? fs::read_symlink(link, ignored) : link;
    if (fs::exists(target.is_absolute() ? fs::path(root + target.string()) : link.parent_path() / target, ignored)) gpu.library = target.filename();
    break;
  }
  return gpu;
}

}  // namespace ninefold::env::doctor
