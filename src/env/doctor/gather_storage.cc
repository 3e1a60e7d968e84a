// In: the folders that Ninefold writes to. Out: what room and which rights are there; what the store holds.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.h"
#include "base/text.h"
#include "env/doctor/gather.h"
#include "env/image/needs.h"
#include "env/image/tree.h"
#include "env/store/gc.h"
#include "env/store/store.h"
#include "env/supervise/hold.h"

namespace ninefold::env::doctor {
namespace fs = std::filesystem;
namespace {

// The type of the mounted file system that holds a path: /proc/self/mountinfo's line of its device.
std::string kind_of(const std::string& mountinfo, dev_t device) {
  const std::string number = fmt::format(" {}:{} ", device >> 8 & 0xfff, (device & 0xff) | (device >> 12 & 0xfff00));
  for (const std::string_view line : split(mountinfo, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (line.find(number) == std::string_view::npos || dash == std::string_view::npos) continue;
    return std::string(line.substr(dash + 3, line.find(' ', dash + 3) - dash - 3));
  }
  return {};
}

Disk disk_of(const std::string& what, fs::path path, const std::string& mountinfo) {
  std::error_code ignored;
  while (!fs::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
  Disk disk;
  disk.what = what;
  disk.path = path;
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    disk.kind = kind_of(mountinfo, status.st_dev);
    disk.owner = status.st_uid;
  }
  disk.writable = ::access(path.c_str(), W_OK | X_OK) == 0;
  struct statvfs room {};
  if (::statvfs(path.c_str(), &room) != 0) return disk;
  disk.free = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
  disk.size = static_cast<std::uint64_t>(room.f_blocks) * room.f_frsize;
  disk.inodes_free = room.f_favail;
  disk.inodes = room.f_files;  // 0: the file system counts none
  disk.read_only = room.f_flag & ST_RDONLY;
  return disk;
}

// Where people put what does not fit: the folder with the most room on another disk than `disk`'s.
std::string roomier(const Disk& disk, const std::string& home) {
  struct stat here {};
  if (::stat(disk.path.c_str(), &here) != 0) return {};
  std::string best;
  std::uint64_t most = std::max<std::uint64_t>(disk.free, 4ull << 30);
  for (const std::string& folder : {home, std::string("/var/tmp"), std::string("/srv"), std::string("/data"), std::string("/scratch"), std::string("/mnt")}) {
    struct stat there {};
    struct statvfs room {};
    if (::stat(folder.c_str(), &there) != 0 || there.st_dev == here.st_dev || ::access(folder.c_str(), W_OK | X_OK) != 0 ||
        ::statvfs(folder.c_str(), &room) != 0 || (room.f_flag & (ST_RDONLY | ST_NOEXEC)))
      continue;
    const std::uint64_t free = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
    if (free > most) most = free, best = folder;
  }
  return best;
}

}  // namespace

std::vector<Disk> disk_facts(const run::Facts& caller, const std::string& store, const std::string& project) {
  std::vector<Disk> disks = {disk_of("the store", store, caller.mountinfo), disk_of("run state", caller.state_home + "/ninefold", caller.mountinfo),
                             disk_of("volumes", caller.data_home + "/ninefold/volumes", caller.mountinfo)};
  if (!project.empty()) disks.push_back(disk_of("the project", project, caller.mountinfo));
  for (Disk& disk : disks) disk.roomier = roomier(disk, caller.home);
  return disks;
}

StoreFacts store_facts(const std::string& root, std::uint32_t uid, const Request& request) {
  StoreFacts facts;
  facts.root = root;
  std::error_code ignored;
  if (!fs::is_directory(root, ignored)) return facts;
  for (const char* name : {"", "blobs", "inputs", "trees", "layers", "compiled", "refs", "leases", "temp"}) {
    struct stat status {};
    const std::string folder = *name ? root + "/" + name : root;
    if (::stat(folder.c_str(), &status) == 0 && status.st_uid != uid) facts.foreign.push_back(folder);
  }
  const Result<Store> opened = Store::open(root);
  if (!opened) return facts;
  const Store& store = opened.value();
  const Result<std::vector<Ref>> refs = store.refs();
  if (!refs) return facts;
  for (const Ref& ref : refs.value()) {
    const Result<Needs> needed = image::needs(store, ref.image, ref.lock);
    bool whole = needed.ok();
    for (std::size_t i = 0; whole && i < needed.value().blobs.size(); ++i) whole = store.has(Shelf::blobs, needed.value().blobs[i]);
    if (!whole) facts.broken_refs.push_back(ref.name);
    if (!whole || !request.verify) continue;
    if (const Result<image::Verified> read = image::verify(store, ref, request.say); !read) facts.damaged.push_back(read.error().message());
    else facts.damaged.insert(facts.damaged.end(), read.value().faults.begin(), read.value().faults.end());
  }
  std::vector<std::string> faults;
  const Result<Lease> running = supervise::hold_running(store);
  if (!running) return facts;
  if (const Result<std::vector<StoreItem>> items = survey(store, image::needs, faults))
    for (const StoreItem& item : items.value())
      if (!item.kept) facts.unneeded += item.bytes;
  return facts;
}

}  // namespace ninefold::env::doctor
