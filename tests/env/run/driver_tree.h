// In: a version, a number of cards. Out: a tree with the files of an NVIDIA driver in it: shared libraries with the real
// names, made by the compiler, and nodes that are ordinary files. Which cards there are is told as the module tells it.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/process.h"
#include "../temporary_folder.h"

namespace ninefold::env::run {

class DriverTree {
 public:
  explicit DriverTree(const std::string& version, int cards = 2) : folder_("driver") {
    put("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " + version + "  Sun May 12 19:39:15 UTC 2024\n"
                                       "GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n");
    for (const char* node : {"nvidiactl", "nvidia-uvm", "nvidia-uvm-tools"}) this->node(node);
    for (int i = 0; i < cards; ++i) {
      const std::string address = "0000:0" + std::to_string(i + 1) + ":00.0", index = std::to_string(i);
      put("/sys/bus/pci/devices/" + address + "/vendor", "0x10de\n");
      put("/sys/bus/pci/devices/" + address + "/class", "0x030200\n");
      put("/proc/driver/nvidia/gpus/" + address + "/information",
          "Model: \t\t NVIDIA H100\nGPU UUID: \t GPU-" + index + "932f937-d72c-4106-c12f-20bd9faed9f6\nDevice Minor: \t " + index + "\n");
      node("nvidia" + index);
    }
    libraries(version);
    put("/usr/bin/nvidia-smi", "#!/bin/sh\n");
    put("/lib/firmware/nvidia/" + version + "/gsp_ga10x.bin", "x");
  }

  const std::string& path() const { return folder_.path; }

  // As NVIDIA's installer lays them.
  void libraries(const std::string& version, const std::string& below = "/usr/lib/x86_64-linux-gnu") {
    library(below + "/libcuda.so." + version, "libcuda.so.1");
    library(below + "/libnvidia-ml.so." + version, "libnvidia-ml.so.1");
    library(below + "/libnvidia-glcore.so." + version, "libnvidia-glcore.so." + version);
    for (const char* name : {"libcuda.so.1", "libnvidia-ml.so.1"}) {
      const std::string link = path() + below + "/" + name, target = std::string(name).substr(0, std::string(name).size() - 1) + version;
      std::filesystem::remove(link);
      std::filesystem::create_symlink(target, link);
    }
  }
  void library(const std::string& place, const std::string& soname) {
    static std::map<std::string, std::string> made;  // each is compiled once
    if (!made.count(soname)) {
      Program compiler;
      compiler.arguments = {"cc", "-shared", "-nostdlib", "-Wl,-soname," + soname, "-x", "c", "/dev/null", "-o", path() + "/library"};
      ASSERT_TRUE(run_or_fail("test", compiler));
      made[soname] = read_file("test", path() + "/library").value();
    }
    put(place, made[soname]);
  }
  void node(const std::string& name, mode_t mode = 0666) {
    put("/dev/" + name, "");
    ::chmod((path() + "/dev/" + name).c_str(), mode);
  }
  void put(const std::string& place, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path() + place).parent_path());
    std::ofstream(path() + place, std::ios::binary) << text;
  }
  void remove(const std::string& place) { std::filesystem::remove_all(path() + place); }

 private:
  TemporaryFolder folder_;
};

// As nvidia-ctk writes it, of two cards.
inline std::string site_cdi(const std::string& version, bool memory = true) {
  return "---\ncdiVersion: 0.5.0\ncontainerEdits:\n  deviceNodes:\n  - path: /dev/nvidiactl\n" +
         std::string(memory ? "  - path: /dev/nvidia-uvm\n" : "") +
         "  env:\n  - NVIDIA_VISIBLE_DEVICES=void\n  hooks:\n"
         "  - args:\n    - nvidia-ctk\n    - hook\n    - create-symlinks\n    - --link\n    - libcuda.so.1::/usr/lib/x86_64-linux-gnu/libcuda.so\n"
         "    hookName: createContainer\n    path: /usr/bin/nvidia-ctk\n"
         "  - args: [nvidia-ctk, hook, update-ldcache, --folder, /usr/lib/x86_64-linux-gnu]\n"
         "    hookName: createContainer\n    path: /usr/bin/nvidia-ctk\n"
         "  mounts:\n  - containerPath: /usr/lib/x86_64-linux-gnu/libcuda.so." + version +
         "\n    hostPath: /usr/lib/x86_64-linux-gnu/libcuda.so." + version +
         "\n    options: [ro, nosuid, nodev, bind]\n  - containerPath: /usr/bin/nvidia-smi\n    hostPath: /usr/bin/nvidia-smi\n"
         "    options:\n    - ro\ndevices:\n- containerEdits:\n    deviceNodes:\n    - path: /dev/nvidia0\n  name: \"0\"\n"
         "- containerEdits:\n    deviceNodes:\n    - path: /dev/nvidia1\n      hostPath: /dev/nvidia1\n  name: 1\n"
         "- containerEdits:\n    deviceNodes:\n    - path: /dev/nvidia0\n    - path: /dev/nvidia1\n  name: all\nkind: nvidia.com/gpu\n";
}

}  // namespace ninefold::env::run
