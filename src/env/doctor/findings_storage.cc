// In: disks and the store. Out: what cannot be written, and what was written and is no longer whole.
#include <fmt/format.h>

#include <algorithm>

#include "env/doctor/finding.h"

namespace ninefold::env::doctor {
namespace {

constexpr std::uint64_t kLittle = 200ull << 20;      // bytes: less is no room to work in
constexpr std::uint64_t kFewInodes = 2000;           // an image's tree has tens of thousands
constexpr std::uint64_t kWorthCollecting = 100ull << 20;

std::string size_text(std::uint64_t bytes) {
  return bytes >= 10ull << 30 ? fmt::format("{} GB", bytes >> 30) : fmt::format("{} MB", bytes >> 20);
}
// The variable that moves what lies on the disk, and the folder there.
std::string variable(const Disk& disk) {
  return disk.what == "the store" ? "NINEFOLD_STORE" : disk.what == "run state" ? "XDG_STATE_HOME" : "XDG_DATA_HOME";
}
std::string folder(const Disk& disk) { return disk.what == "the store" ? "/ninefold-store" : disk.what == "run state" ? "/state" : "/data"; }

Words words_of(const Facts& f, const Disk& disk) {
  return {{"what", disk.what}, {"path", disk.path}, {"kind", disk.kind}, {"free", size_text(disk.free)}, {"inodes", std::to_string(disk.inodes_free)},
          {"variable", variable(disk)}, {"place", (disk.roomier.empty() ? "/var/tmp" : disk.roomier) + "/" + f.run.user + folder(disk)},
          {"owner", std::to_string(disk.owner)}};
}

// Once a disk, under the name of the first that lies there. `moves`: what another disk would help.
Places each_disk(const Facts& f, bool moves, bool (*holds)(const Facts&, const Disk&)) {
  Places list;
  std::vector<std::string> said;
  for (const Disk& disk : f.disks) {
    if ((disk.what == "the project") == moves || !holds(f, disk)) continue;
    if (std::find(said.begin(), said.end(), disk.path) != said.end()) continue;
    said.push_back(disk.path);
    list.push_back(words_of(f, disk));
  }
  return list;
}

bool is_full(const Disk& d) { return d.size > 0 && !d.read_only && d.free < std::min(kLittle, d.size / 4); }
bool store_can_shrink(const Facts& f, const Disk& d) { return d.what == "the store" && f.store.unneeded > kWorthCollecting; }

// File systems that cannot hold an overlay's upper layer.
bool no_overlay(const Facts&, const Disk& d) {
  if (d.what != "run state") return false;
  for (const char* kind : {"overlay", "nfs", "nfs4", "cifs", "9p", "vfat", "exfat", "ecryptfs", "vboxsf", "fuseblk"})
    if (d.kind == kind) return true;
  return d.kind.rfind("fuse.", 0) == 0;
}

const Findings kStorage = {
    {.id = "store-crowded",
     .severity = Severity::error,
     .says = "{free} are free on the disk of {what}, {path}, and the store holds more than that of what no image needs",
     .consequence = "nothing can be built or pulled",
     .remedy = "ninefold store gc --all",
     .safe = true,
     .probe = [](const Facts& f) { return each_disk(f, true, [](const Facts& all, const Disk& d) { return is_full(d) && store_can_shrink(all, d); }); }},
    {.id = "disk-full",
     .severity = Severity::error,
     .says = "{free} are free on the disk of {what}, {path}",
     .consequence = "nothing can be built, pulled or started, and jobs lose what they write; another disk has room, in this shell from now on",
     .remedy = "mkdir -p {place} && export {variable}={place}",
     .probe = [](const Facts& f) { return each_disk(f, true, [](const Facts& all, const Disk& d) { return is_full(d) && !store_can_shrink(all, d); }); }},
    {.id = "project-disk-full",
     .severity = Severity::error,
     .says = "{free} are free on the disk of {what}, {path}",
     .consequence = "notebooks cannot be saved; the largest things there are listed",
     .remedy = "du -xh {path} | sort -h | tail -20",
     .probe = [](const Facts& f) { return each_disk(f, false, [](const Facts&, const Disk& d) { return is_full(d); }); }},
    {.id = "inodes-few",
     .severity = Severity::error,
     .says = "the file system of {what}, {path}, has room for {inodes} files more",
     .consequence = "nothing can be built or pulled: an image has tens of thousands of files; another disk has room, in this shell from now on",
     .remedy = "mkdir -p {place} && export {variable}={place}",
     .probe = [](const Facts& f) {
       return each_disk(f, true, [](const Facts&, const Disk& d) { return d.inodes > 0 && !d.read_only && d.inodes_free < kFewInodes; });
     }},
    {.id = "disk-read-only",
     .severity = Severity::error,
     .says = "the disk of {what}, {path}, is mounted read-only",
     .consequence = "nothing can be built, pulled or started",
     .remedy = "mkdir -p {place} && export {variable}={place}",
     .probe = [](const Facts& f) { return each_disk(f, true, [](const Facts&, const Disk& d) { return d.read_only; }); }},
    {.id = "folder-closed",
     .severity = Severity::error,
     .says = "{user} may not write to {path}, where {what} lies: it belongs to user {owner}",
     .consequence = "nothing can be built, pulled or started",
     .remedy = "{sudo}chown -R {user} {path} && chmod u+rwx {path}",
     .probe = [](const Facts& f) {
       return each_disk(f, true, [](const Facts&, const Disk& d) { return !d.writable && !d.read_only; });
     }},
    {.id = "no-overlay",
     .severity = Severity::error,
     .says = "{what} lies in {path}, on a file system ({kind}) that cannot carry an overlay's upper layer",
     .consequence = "no environment can start; another folder can hold it, in this shell from now on",
     .remedy = "mkdir -p {place} && export {variable}={place}",
     .probe = [](const Facts& f) { return each_disk(f, true, no_overlay); }},
    {.id = "store-foreign",
     .severity = Severity::error,
     .says = "{path} belongs to somebody else",
     .consequence = "nothing can be built or pulled; a command that ran with sudo leaves this behind",
     // Not below trees: their files belong to an image's users.
     .remedy = "{sudo}find {root} -path {root}/trees -prune -o -not -user {user} -exec chown -h {user} {{}} +",
     .probe = [](const Facts& f) {
       Places list;
       if (!f.store.foreign.empty()) list.push_back({{"path", f.store.foreign.front()}, {"root", f.store.root}});
       return list;
     }},
    {.id = "image-incomplete",
     .severity = Severity::error,
     .says = "parts of the image {name} are gone from the store {root}",
     .consequence = "it cannot be started, pushed or saved; once it is forgotten, `ninefold build` or `pull` makes it anew",
     .remedy = "ninefold store remove {name}",
     .probe = [](const Facts& f) {
       Places list;
       for (const std::string& name : f.store.broken_refs) list.push_back({{"name", name}, {"root", f.store.root}});
       return list;
     }},
    {.id = "store-damaged",
     .severity = Severity::error,
     .says = "{fault}",
     .consequence = "what stands on it is refused, so that nobody runs what he did not build",
     .remedy = "ninefold build --fresh",
     .probe = [](const Facts& f) {
       Places list;
       for (const std::string& fault : f.store.damaged) list.push_back({{"fault", fault}});
       return list;
     }},
};

}  // namespace

Findings storage_findings() { return kStorage; }

}  // namespace ninefold::env::doctor
