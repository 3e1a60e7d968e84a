// In: /proc, /sys, /dev and the libraries of a machine, or of a recorded tree of one. Out: Driver, which NVIDIA cards it
// has and which parts of their driver; plain data. What of it an environment gets is decided in gpu.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ninefold::env::run {

// What stands at a path that an environment might be given.
struct HostFile {
  bool exists = false, folder = false;
  std::uint32_t uid = 0, gid = 0, mode = 0;
  bool open = false;     // the caller may read it and, if it is a device, write it
  std::string soname;    // of a shared library; empty: it is none
};

struct Card {
  std::string address, uuid, model;          // "0000:01:00.0", "GPU-...", "NVIDIA H100"
  int minor = 0;                             // its node is /dev/nvidiaMINOR
  std::vector<std::string> parts;            // nodes below /dev/nvidia-caps that open parts of it
};

struct Library {
  std::string path, soname;  // links followed; empty: it has none
};

struct Driver {
  std::vector<std::string> pci;              // addresses of NVIDIA cards that the kernel sees, with a driver or without
  std::string version;                       // of the module that is loaded, else of the libraries where a node is there
  std::vector<Card> cards;                   // of the driver, in the order of their addresses, as nvidia-smi numbers them
  std::string cuda;                          // libcuda.so.1's file name, which ends in its version; empty: not there
  std::vector<Library> libraries;            // of this version
  std::vector<std::string> programs, firmware, sockets;
  std::vector<std::string> nodes;            // below /dev: those that its cards need, there or not
  std::vector<std::string> further_nodes;    // those that are there and can be done without
};

// `root` stands before every path that is read; paths in the answer are without it.
Driver read_driver(const std::string& root = {});
HostFile look_at_file(const std::string& path, const std::string& root = {});

// The file that a path leads to, links followed as if `root` were /; empty: it is not there.
std::string followed(const std::string& path, const std::string& root = {});

// "libcuda.so.535.183.01" -> "535.183.01"; empty where the name ends otherwise.
std::string library_version(const std::string& name);

// Of "535.183.01" and the like, by numbers: less than 0 where a is older.
int compare_versions(const std::string& a, const std::string& b);

}  // namespace ninefold::env::run
