// In: the machine and the caller. Out: Facts, all that planning needs to know of them, as plain data.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/image/tree.h"
#include "env/run/cdi.h"
#include "env/spec/spec.h"

namespace ninefold::env::run {

struct Path {  // what a mount's source is
  bool exists = false, folder = false, readable = false;
  std::uint32_t uid = 0, gid = 0, mode = 0;  // mode: permission bits
};

struct Facts {
  std::uint32_t uid = 0, gid = 0;  // the caller's, effective
  std::vector<std::uint32_t> groups;
  std::string user;                // his name, for the remedies
  // Who root works for: SUDO_UID, else the project folder's owner.
  std::uint32_t owner_uid = 0, owner_gid = 0;
  std::vector<std::uint32_t> owner_groups;
  std::vector<image::IdRange> subuids, subgids;  // `outside` and `count` of /etc/subuid's lines for him

  std::string home, state_home, data_home;  // the XDG folders, without "ninefold"
  std::string boot_id;
  std::string runc, slirp, newuidmap, init, podman, docker;  // programs; empty: not there
  std::string backend;    // what `up --backend` names; empty: Ninefold's own runtime
  bool tun = false, user_namespaces = true;  // tun: a device was made in a network of our own
  std::string why_no_tun;
  bool ipv6 = false;  // this machine has a road to addresses of IPv6 that are not its own
  std::map<std::string, std::string> proxies;  // http, https, all, no: the caller's variables
  std::string why_no_user_namespaces;
  int processors = 1;
  std::string seccomp;      // text of the distribution's seccomp.json
  std::string cgroup_self, mountinfo;  // /proc/self/...
  // Of cgroup files only.
  std::function<bool(const std::string& path)> writable;
  std::function<std::string(const std::string& path)> read;
  std::map<std::string, Path> paths;  // sources of mounts, key files, secrets
  std::vector<std::string> own_keys;  // the caller's public keys, for a file that names none
  std::string passwd, group;          // of the image
  GpuFacts gpu;
};

// Looks around. `spec` says which paths matter; its folder's owner is who root works for.
Facts look_around(const Spec& spec);

// The folder of one environment's run state, and of its volumes.
std::string state_folder(const Facts& facts, const std::string& name);
std::string volume_folder(const Facts& facts, const std::string& environment, const std::string& volume);

}  // namespace ninefold::env::run
