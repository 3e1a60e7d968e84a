// In: a site's CDI file, or a driver. Out: Cdi, a specification of the Container Device Interface (0.3 to 0.8): which
// files, nodes and variables make a device usable inside. gpu.h chooses from it; nothing is run that a file names.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/run/driver.h"

namespace ninefold::env::run {

struct CdiNode {
  std::string host, inside;
};

struct CdiMount {
  std::string host, inside;
  std::vector<std::string> options;
};

struct CdiHook {
  std::string name, path;  // "createContainer", "/usr/bin/nvidia-ctk"
  std::vector<std::string> arguments;
};

struct CdiEdits {
  std::vector<std::string> environment;
  std::vector<CdiNode> nodes;
  std::vector<CdiMount> mounts;
  std::vector<CdiHook> hooks;
};

struct CdiDevice {
  std::string name;  // "0", "GPU-...", "all"
  CdiEdits edits;
};

struct Cdi {
  std::string file;  // empty: made from the driver
  std::string version = "0.5.0", kind = "nvidia.com/gpu";
  CdiEdits edits;    // for every device
  std::vector<CdiDevice> devices;
};

// A file of /var/run/cdi or /etc/cdi.
struct SiteCdi {
  std::string file, fault;  // fault: why it cannot be used at all
  Cdi cdi;
};

struct GpuFacts {
  Driver driver;
  std::vector<SiteCdi> site;              // of NVIDIA's GPUs, in the order in which they are preferred
  std::map<std::string, HostFile> files;  // every path that one of the specifications names
};
GpuFacts look_at_gpus(const std::string& root = {});

// JSON or YAML, any bytes; the error names the file and the field.
Result<Cdi> parse_cdi(const std::string& text, const std::string& file);

// Of this driver: its libraries and programs below kDriverFolder, each card by number and UUID, and "all".
Cdi cdi_of(const Driver& driver);

// JSON that other runtimes read, too: they know no cache of ours, and get LD_LIBRARY_PATH.
std::string to_text(const Cdi& cdi);

// Where the driver's files are inside, one folder for libraries and one for programs.
inline constexpr const char* kDriverFolder = "/run/ninefold/driver";

}  // namespace ninefold::env::run
