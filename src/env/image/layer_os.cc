// In: stored .debs. Out: the operating system's manifest. mmdebstrap does the work; what differs from run
// to run and from machine to machine is taken out here.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/fd.h"
#include "base/hash.h"
#include "base/process.h"
#include "base/text.h"
#include "env/image/chamber.h"
#include "env/image/layers.h"

namespace ninefold::env::image {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kRoomNeeded = 3ull << 30;

// dpkg waits for the disk after every file; in memory it does not. Any other place works, too.
std::string fast_folder() {
  struct statvfs room {};
  if (::statvfs("/dev/shm", &room) == 0 && room.f_bavail * room.f_frsize > kRoomNeeded && ::access("/dev/shm", W_OK) == 0) return "/dev/shm";
  const char* named = std::getenv("TMPDIR");
  return named && *named == '/' ? named : "/tmp";
}

// Deletes a folder in which mmdebstrap may have left files of the caller's subordinate ids.
void remove_all(const std::string& path) {
  std::error_code error;
  if (fs::remove_all(path, error); !fs::exists(path, error)) return;
  const Result<IdMap> map = caller_map();
  if (!map) return;
  (void)in_namespaces("build", map.value(), "/", [&]() -> Result<std::string> {
    std::error_code inner;
    fs::remove_all(path, inner);
    return std::string();
  });
}

// A folder under lock. What killed builds left is found unlocked by the next one, which removes it:
// it may lie in memory.
class Scratch {
 public:
  Scratch() {
    const std::string base = fast_folder(), prefix = fmt::format("ninefold-build.{}.", ::getuid());
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(base, error)) {
      if (entry.path().filename().string().rfind(prefix, 0) != 0) continue;
      const Fd old(::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      struct stat status {};
      if (old && ::fstat(old.get(), &status) == 0 && status.st_uid == ::getuid() && ::flock(old.get(), LOCK_EX | LOCK_NB) == 0)
        remove_all(entry.path());
    }
    std::string form = base + "/" + prefix + "XXXXXX";
    check(::mkdtemp(form.data()) != nullptr, Code::os, "build: no temporary folder {} can be made", form);
    path = form;
    lock_ = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    check(lock_ && ::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0, Code::os, "build: {} cannot be locked", path);
    ::chmod(path.c_str(), 01777);  // the namespace of mmdebstrap works in it under other ids
  }
  ~Scratch() { remove_all(path); }
  std::string path;

 private:
  Fd lock_;
};

// A repository of these packages alone. apt reads a Release file to know the suite.
void make_repository(const Store& store, const Lock& lock, const std::vector<Input>& packages, const std::string& folder) {
  const std::string stanzas = store.get(Shelf::inputs, lock.index.digest).value();
  std::string index;
  for (std::size_t start = 0; start < stanzas.size();) {
    std::size_t end = stanzas.find("\n\n", start);
    if (end == std::string::npos) end = stanzas.size();
    const std::string_view stanza = std::string_view(stanzas).substr(start, end - start);
    start = end + 2;
    std::string name;
    for (std::string_view line : split(stanza, '\n'))
      if (line.substr(0, 9) == "Package: ") name = line.substr(9);
    const auto wanted = std::find_if(packages.begin(), packages.end(), [&](const Input& p) { return p.name == name; });
    if (wanted == packages.end()) continue;
    for (std::string_view line : split(stanza, '\n')) index += line.substr(0, 10) == "Filename: " ? fmt::format("Filename: ./{}.deb\n", name) : std::string(line) + "\n";
    index += "\n";
  }
  for (const Input& package : packages) {
    store.verify(Shelf::inputs, package.digest).value();
    fs::copy_file(store.path(Shelf::inputs, package.digest), fmt::format("{}/{}.deb", folder, package.name));
  }
  const std::string suite = lock.base.substr(lock.base.find(':') + 1);
  write_atomically("build", folder + "/Packages", index).value();
  write_atomically("build", folder + "/Release",
                   fmt::format("Suite: {0}\nCodename: {0}\nArchitectures: {1}\nDate: Thu, 01 Jan 1970 00:00:00 UTC\nSHA256:\n {2} {3} Packages\n",
                               suite, lock.architecture, sha256_hex(index), index.size())).value();
}

bool starts(const std::string& text, std::string_view with) { return text.substr(0, with.size()) == with; }
bool ends(const std::string& text, std::string_view with) { return text.size() >= with.size() && text.substr(text.size() - with.size()) == with; }

// What a running system or mmdebstrap leaves behind, and what belongs to one machine alone.
bool dropped(const std::string& path) {
  for (const char* below : {"dev/", "run/", "tmp/", "proc/", "sys/", "var/cache/apt/", "var/lib/apt/lists/", "var/log/", "var/cache/fontconfig/",
                            "var/cache/man/", "var/tmp/", "etc/ssh/ssh_host_"})
    if (starts(path, below)) return true;
  for (const char* exact : {"etc/apt/sources.list", "etc/apt/apt.conf.d/99mmdebstrap", "etc/dpkg/dpkg.cfg.d/99mmdebstrap", "var/lib/apt/extended_states",
                            "etc/hostname", "etc/resolv.conf", "etc/.pwd.lock", "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/subuid-",
                            "etc/subgid-", "var/cache/ldconfig/aux-cache", "var/lib/dpkg/lock", "var/lib/dpkg/lock-frontend", "var/lib/dbus/machine-id",
                            "etc/machine-id", "var/lib/dpkg/triggers/Lock", "var/cache/debconf/config.dat-old", "var/cache/debconf/templates.dat-old"})
    if (path == exact) return true;
  return starts(path, "var/lib/dpkg/") && ends(path, "-old");
}

Entry folder_of_ours(std::int64_t epoch) {
  Entry entry;
  entry.kind = Kind::folder;
  entry.mode = 0755;
  entry.mtime = epoch;
  return entry;
}

}  // namespace

Workplace::Workplace(Store& store) : store_(store) {
  path = store.temporary_folder().value();
  inside = path.substr(store.root().size() + 1);
}

Workplace::~Workplace() {
  std::error_code ignored;
  // First what belongs to the caller, then, where other owners' files are left, in a namespace.
  if (fs::remove_all(path, ignored); fs::exists(path, ignored)) (void)remove_folder(store_, inside);
}

void clean_os(Manifest& manifest, std::int64_t epoch) {
  for (auto entry = manifest.begin(); entry != manifest.end();) entry = dropped(entry->first) ? manifest.erase(entry) : std::next(entry);
  for (auto& [path, entry] : manifest) {
    if (entry.kind == Kind::folder) entry.mtime = epoch;
    entry.mtime = std::min(entry.mtime, epoch);
    entry.xattrs.erase("security.selinux");
  }
  // Where the later layers and the running environment put things.
  for (const char* path : {"dev", "run", "proc", "sys", "opt", "opt/env", "opt/ninefold/tools", "opt/ninefold", "opt/ninefold/python", "tf", "tf/notebooks", "tf/logs",
                           "tf/outputs", "home", "var/log", "var/tmp", "var/cache/apt", "var/lib/apt", "var/lib/apt/lists"})
    manifest.emplace(path, folder_of_ours(epoch));
  manifest["tmp"] = folder_of_ours(epoch);
  manifest["tmp"].mode = manifest["var/tmp"].mode = 01777;
}

Manifest os_manifest(Store& store, const Lock& lock, const std::vector<Input>& packages, const Workplace& work, const Say& say) {
  check(!find_program("mmdebstrap").empty(), Code::not_found, "build: mmdebstrap is not on this machine; install the package mmdebstrap");
  const Scratch scratch;
  const std::string repository = scratch.path + "/repository", tar = scratch.path + "/os.tar";
  make_folders("build", repository).value();
  make_repository(store, lock, packages, repository);
  std::string names, locales;
  for (const Input& package : packages) names += (names.empty() ? "" : ",") + package.name;
  for (const std::string& locale : lock.locales) locales += locale + " UTF-8\\n";
  Program run;
  run.arguments = {"mmdebstrap", "--variant=essential", ::geteuid() == 0 ? "--mode=root" : "--mode=unshare", "--format=tar", "--include=" + names,
                   // Debian's merged /usr, which trixie brings along by itself.
                   "--setup-hook=for d in bin sbin lib lib64; do test -e \"$1/$d\" || { mkdir -p \"$1/usr/$d\"; ln -s usr/$d \"$1/$d\"; }; done",
                   "--aptopt=Apt::Install-Recommends \"false\"", "--dpkgopt=force-unsafe-io",
                   "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/info/*", "--dpkgopt=path-exclude=/usr/share/doc/*",
                   "--dpkgopt=path-include=/usr/share/doc/*/copyright", "--skip=output/dev", "--skip=cleanup/apt/lists"};
  if (!locales.empty())
    run.arguments.push_back(fmt::format("--customize-hook=printf '{}' > \"$1/etc/locale.gen\" && chroot \"$1\" locale-gen", locales));
  const std::string suite = lock.base.substr(lock.base.find(':') + 1);
  run.arguments.insert(run.arguments.end(), {suite, tar, "deb [trusted=yes] copy://" + repository + " ./"});
  run.environment = build_environment(lock.epoch);
  run.environment->push_back("TMPDIR=" + scratch.path);
  if (::geteuid() != 0) {
    // newuidmap finds the caller's ranges by itself; mmdebstrap reads the name.
    for (const char* variable : {"USER", "LOGNAME"})
      if (const char* value = std::getenv(variable)) run.environment->push_back(fmt::format("{}={}", variable, value));
  }
  say(fmt::format("installing {} Debian packages", packages.size()));
  const Result<Finished> done = run_or_fail("build: the operating system", run);
  done.value();
  // The tar outlives the scratch folder, since the layer's bytes are read from it.
  const std::string kept = work.path + "/os.tar";
  std::error_code error;
  fs::rename(tar, kept, error);
  if (error) fs::copy_file(tar, kept);
  Manifest manifest = tar_manifest(kept, true).value();
  clean_os(manifest, lock.epoch);
  return manifest;
}

}  // namespace ninefold::env::image
