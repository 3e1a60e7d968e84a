// In: stored .debs. Out: the layers of Debian's packages. dpkg and apt of the packages' own release install
// them, in namespaces and in memory where it lasts, so that neither the machine nor its Debian matters; what
// differs from run to run is taken out here.
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
#include "env/image/extract.h"
#include "env/image/kept.h"
#include "env/image/layers.h"
#include "env/image/one_user.h"
#include "env/image/scan.h"

namespace ninefold::env::image {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kRoomNeeded = 3ull << 30;
constexpr const char* kLocales = "locales";  // in the scratch folder
constexpr const char* kLocaleArchive = "/usr/lib/locale/locale-archive";

// dpkg waits for the disk after every file; in memory it does not. Any other place works, too.
std::string fast_folder(std::uint64_t more = 0) {
  struct statvfs room {};
  if (::statvfs("/dev/shm", &room) == 0 && room.f_bavail * room.f_frsize > kRoomNeeded + more && ::access("/dev/shm", W_OK) == 0) return "/dev/shm";
  const char* named = std::getenv("TMPDIR");
  return named && *named == '/' ? named : "/tmp";
}

// Deletes a folder in which a build may have left files of the caller's subordinate ids.
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

}  // namespace

// A folder under lock. What killed builds left is found unlocked by the next one, which removes it:
// it may lie in memory.
class Scratch {
 public:
  // `more`: bytes beyond what a system of ours takes.
  explicit Scratch(std::uint64_t more) {
    const std::string base = fast_folder(more), prefix = fmt::format("ninefold-build.{}.", ::getuid());
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
    ::chmod(path.c_str(), 01777);  // the build works in it under other ids
  }
  ~Scratch() { remove_all(path); }
  std::string path;

 private:
  Fd lock_;
};

namespace {

// A repository of these packages alone; apt wants a Release file beside the index.
void make_repository(Store& store, const Lock& lock, const std::vector<Input>& packages, const std::string& folder) {
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
    // Decompressed a package has another size and digest. What dpkg notes of it is in the package itself.
    const std::string from = loose_path(store, *wanted), to = fmt::format("{}/{}.deb", folder, name);
    fs::copy_file(from, to);
    for (std::string_view line : split(stanza, '\n')) {
      const std::string_view field = line.substr(0, line.find(':'));
      if (field == "MD5sum" || field == "SHA1" || field == "SHA512") continue;
      if (field == "Filename") index += fmt::format("Filename: ./{}.deb\n", name);
      else if (field == "Size") index += fmt::format("Size: {}\n", fs::file_size(to));
      else if (field == "SHA256") index += fmt::format("SHA256: {}\n", fs::path(from).filename().string());
      else index += std::string(line) + "\n";
    }
    index += "\n";
  }
  const std::string suite = lock.image.empty() ? lock.base.substr(lock.base.find(':') + 1) : lock.codename;
  write_atomically("build", folder + "/Packages", index).value();
  write_atomically("build", folder + "/Release",
                   fmt::format("Suite: {0}\nCodename: {0}\nArchitectures: {1}\nDate: Thu, 01 Jan 1970 00:00:00 UTC\nSHA256:\n {2} {3} Packages\n",
                               suite, lock.architecture, sha256_hex(index), index.size())).value();
}

bool starts(const std::string& text, std::string_view with) { return text.substr(0, with.size()) == with; }
bool ends(const std::string& text, std::string_view with) { return text.size() >= with.size() && text.substr(text.size() - with.size()) == with; }

// What a running system or an installation leaves behind, and what belongs to one machine alone.
bool dropped(const std::string& path) {
  for (const char* below : {"dev/", "run/", "tmp/", "proc/", "sys/", "var/cache/apt/", "var/lib/apt/lists/", "var/log/", "var/cache/fontconfig/",
                            "var/cache/man/", "var/tmp/", "etc/ssh/ssh_host_"})
    if (starts(path, below)) return true;
  for (const char* exact : {"etc/apt/sources.list", "var/lib/apt/extended_states",
                            "etc/hostname", "etc/resolv.conf", "etc/.pwd.lock", "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-", "etc/subuid-",
                            "etc/subgid-", "var/cache/ldconfig/aux-cache", "var/lib/dpkg/available", "var/lib/dpkg/lock", "var/lib/dpkg/lock-frontend", "var/lib/dbus/machine-id",
                            "etc/machine-id", "var/lib/dpkg/triggers/Lock", "var/cache/debconf/config.dat-old", "var/cache/debconf/templates.dat-old"})
    if (path == exact) return true;
  return starts(path, "var/lib/dpkg/") && ends(path, "-old");
}

// Where the later layers and the running environment put things.
constexpr const char* kFolders[] = {"dev", "run", "proc", "sys", "opt", "opt/env", "opt/ninefold/tools", "opt/ninefold", "opt/ninefold/python", "tf", "tf/notebooks",
                                    "tf/logs", "tf/outputs", "home", "var/log", "var/tmp", "var/cache/apt", "var/lib/apt", "var/lib/apt/lists"};

// Those of them that volumes are mounted over. Docker and podman make a new volume the folder's owner's.
constexpr const char* kUsersFolders[] = {"tf/notebooks", "tf/logs", "tf/outputs", "home/devuser"};

Entry folder_of_ours(std::int64_t epoch) {
  Entry entry;
  entry.kind = Kind::folder;
  entry.mode = 0755;
  entry.mtime = epoch;
  return entry;
}

void add_folders(Manifest& manifest, std::int64_t epoch) {
  for (const char* path : kFolders) manifest.emplace(path, folder_of_ours(epoch));
  for (const char* path : kUsersFolders) {
    Entry& entry = manifest.emplace(path, folder_of_ours(epoch)).first->second;
    if (entry.kind == Kind::folder) entry.uid = entry.gid = kUserId;
  }
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
  add_folders(manifest, epoch);
  manifest["tmp"] = folder_of_ours(epoch);
  manifest["tmp"].mode = manifest["var/tmp"].mode = 01777;
}

void clean_above(Manifest& before, Manifest& after, std::int64_t epoch) {
  for (Manifest* manifest : {&before, &after}) {
    manifest->erase("usr/sbin/policy-rc.d");  // ours while packages were installed; the image's own stays
    for (auto entry = manifest->begin(); entry != manifest->end();) entry = dropped(entry->first) ? manifest->erase(entry) : std::next(entry);
    for (auto& [path, entry] : *manifest) entry.xattrs.erase("security.selinux");
  }
  for (auto& [path, entry] : after) {
    const auto old = before.find(path);
    const bool was = old != before.end() && old->second.kind == entry.kind;
    if (entry.kind == Kind::folder) entry.mtime = was ? old->second.mtime : epoch;  // installing touches folders
    else if (!was || old->second.mtime != entry.mtime) entry.mtime = std::min(entry.mtime, epoch);
  }
  add_folders(after, epoch);
  for (const char* path : {"tmp", "var/tmp"})
    if (!before.count(path)) after[path] = folder_of_ours(epoch), after[path].mode = 01777;
}

namespace {

// A root file system in the making, inside the namespaces, where the scratch folder is the working folder.
class System {
 public:
  explicit System(const Lock& lock) : lock_(lock) {}

  void take() const { check(::chown("root", 0, 0) == 0, Code::os, "build: the folder for the system cannot be taken"); }

  // The essential packages, first unpacked as they are, since installing one takes most of the others; then
  // installed properly, and on them the rest. Which packages, the lock has worked out, so that no apt is asked: one
  // dpkg unpacks all, then configures each after those that it depends on, and every trigger fires once.
  void bootstrap(const std::vector<Input>& packages, const std::string& stanzas) const {
    for (const char* folder : {"bin", "sbin", "lib", "lib64"}) {  // Debian's merged /usr
      make_folders("build", std::string("root/usr/") + folder).value();
      check(::symlink((std::string("usr/") + folder).c_str(), (std::string("root/") + folder).c_str()) == 0, Code::os, "build: no link in the system can be made");
    }
    for (const char* folder : {"dev", "proc", "run", "tmp", "etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d", "var/lib/dpkg/info",
                               "var/lib/dpkg/updates", "var/lib/apt", "var/cache/apt", "var/log/apt"})
      make_folders("build", std::string("root/") + folder).value();
    write_atomically("build", "root/var/lib/dpkg/status", "").value();
    write_atomically("build", "root/var/lib/dpkg/arch", lock_.architecture + "\n").value();
    const std::vector<Input> essential = closure(stanzas, packages, essential_names(stanzas));
    Program unpack;
    unpack.arguments = {"bash", "-eo", "pipefail", "-c",
                        "for name; do dpkg-deb --fsys-tarfile \"repository/$name.deb\" | tar -x --keep-directory-symlink "
                        "--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' -C root; done", "unpack"};
    for (const Input& package : essential) unpack.arguments.push_back(package.name);
    unpack.environment = build_environment(lock_.epoch);
    run_or_fail("build: unpack the essential packages", unpack).value();
    enter();
    install_files(essential, "install the essential packages");
    std::vector<Input> rest;
    for (const Input& package : packages)
      if (std::none_of(essential.begin(), essential.end(), [&](const Input& one) { return one.name == package.name; })) rest.push_back(package);
    install_files(rest, "install the packages");
  }

  // Mounts what programs in it expect. No daemon may start.
  void enter() const {
    enter_root("root", {{"repository", "/tmp/packages", true}}, true).value();
    program("root/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
    // What these two make is dropped in the end (clean_os): host keys, and a cache of fonts.
    make_folders("build", std::string("root") + kAside).value();
    for (const char* name : {"ssh-keygen", "fc-cache"}) program(std::string("root") + kAside + "/" + name, "#!/bin/sh\nexit 0\n");
    // ca-certificates does this when it is configured, without hooks, and again, whole, by a trigger: once will do.
    program(std::string("root") + kAside + "/update-ca-certificates", "#!/bin/sh\n[ \"$1\" = --hooksdir ] || exec /usr/sbin/update-ca-certificates \"$@\"\n");
  }

  void install(const std::vector<Input>& packages) const {
    for (const char* folder : {"lists/partial", "cache/archives/partial", "log"}) make_folders("build", std::string("root/tmp/apt/") + folder).value();
    std::string conf =
        "Dir::Etc::SourceList \"/tmp/apt/sources.list\";\nDir::Etc::SourceParts \"/dev/null\";\nDir::State::Lists \"/tmp/apt/lists\";\n"
        "Dir::State::extended_states \"/tmp/apt/extended_states\";\nDir::Cache \"/tmp/apt/cache\";\nDir::Log \"/tmp/apt/log\";\n"
        "Dir::Log::Terminal \"\";\nAPT::Architecture \"" + lock_.architecture + "\";\nAPT::Install-Recommends \"false\";\nAPT::Sandbox::User \"root\";\n"
        "Acquire::Languages \"none\";\nAPT::Get::Assume-Yes \"true\";\nDpkg::Use-Pty \"false\";\nquiet \"2\";\nDPkg::Path \"" + path() + "\";\n";
    for (const std::string& option : dpkg_options()) conf += "DPkg::Options:: \"--" + option + "\";\n";
    write_atomically("build", "root/tmp/apt/apt.conf", conf).value();
    write_atomically("build", "root/tmp/apt/sources.list", "deb [trusted=yes] file:/tmp/packages ./\n").value();
    run({"/usr/bin/apt-get", "update"}, "read the packages");
    std::vector<std::string> words = {"/usr/bin/apt-get", "install"};
    for (const Input& package : packages) words.push_back(package.name + "=" + package.version);
    run(words, "install the packages");
  }

  void locales() const {
    if (lock_.locales.empty()) return;
    std::string list;
    for (const std::string& locale : lock_.locales) list += locale + " UTF-8\n";
    if (!lock_.image.empty()) {  // an image keeps those that it has
      const Result<std::string> text = read_file("build", "root/etc/locale.gen");
      const std::string before = text ? text.value() : "";
      list.clear();
      for (const std::string& locale : lock_.locales)
        if (("\n" + before + "\n").find("\n" + locale + " UTF-8\n") == std::string::npos) list += locale + " UTF-8\n";
      if (list.empty()) return;
      list = before + (before.empty() || before.back() == '\n' ? "" : "\n") + list;
    }
    write_atomically("build", "root/etc/locale.gen", list).value();
    // The archive of an earlier build, which its caller put there, or the same anew.
    if (std::error_code error; fs::exists(kLocales, error)) {
      fs::copy_file(kLocales, std::string("root") + kLocaleArchive, fs::copy_options::overwrite_existing);
      fs::permissions(std::string("root") + kLocaleArchive, static_cast<fs::perms>(0644));
      return;
    }
    run({"/usr/sbin/locale-gen"}, "make the locales");
  }

  // Containers that something else than `up` starts find a name for the one user, his home, and the way back to their
  // PATH, which /etc/profile resets. A running environment brings files of its own over these.
  void user() const {
    for (const auto& [file, group] : {std::pair{"passwd", false}, {"group", true}}) {
      const std::string path = std::string("root/etc/") + file;
      const Result<std::string> before = read_file("build", path);
      const std::string text = before ? before.value() : "", home = std::string("/home/") + kUserName;
      write_atomically("build", path, group ? with_group(text, kUserName) : with_user(text, kUserName, home)).value();
      check(::chmod(path.c_str(), 0644) == 0, Code::os, "build: {} cannot be made readable", path);
    }
    make_folders("build", "root/etc/profile.d").value();
    write_atomically("build", "root/etc/profile.d/ninefold.sh", "[ ! -r /run/ninefold/boot/etc/profile ] || . /run/ninefold/boot/etc/profile\n").value();
    check(::chmod("root/etc/profile.d/ninefold.sh", 0644) == 0, Code::os, "build: root/etc/profile.d/ninefold.sh cannot be made readable");
  }

  Manifest look() const { return scan("root", "").value(); }

  Manifest finish(bool with_digests) const {
    Manifest manifest = leave(with_digests);
    clean_os(manifest, lock_.epoch);
    return manifest;
  }

  // Makes the root what its layer holds, as if that had been extracted: without what is dropped, at the layer's times.
  void become(const Manifest& layer) const {
    const Manifest found = scan("root", "", [](const std::string&) { return false; }).value();
    for (auto one = found.rbegin(); one != found.rend(); ++one)  // what is in a folder before the folder
      if (!layer.count(one->first)) fs::remove("root/" + one->first);
    for (const auto& [path, entry] : layer) {
      if (entry.kind != Kind::folder) continue;
      fs::create_directory("root/" + path);
      fs::permissions("root/" + path, static_cast<fs::perms>(entry.mode));
    }
    for (auto one = layer.rbegin(); one != layer.rend(); ++one) {
      const auto& [path, entry] = *one;
      const auto old = found.find(path);
      const timespec times[2] = {{entry.mtime, 0}, {entry.mtime, 0}};
      if (entry.kind == Kind::folder || (entry.kind != Kind::hardlink && old->second.mtime != entry.mtime))
        check(::utimensat(AT_FDCWD, ("root/" + path).c_str(), times, AT_SYMLINK_NOFOLLOW) == 0, Code::os, "build: the time of /{} cannot be set", path);
    }
  }

  Manifest leave(bool with_digests) const {
    check(::unlink("root/usr/sbin/policy-rc.d") == 0, Code::os, "build: policy-rc.d cannot be removed");
    leave_root("root").value();
    return scan("root", "", [&](const std::string&) { return with_digests; }).value();
  }

 private:
  static constexpr const char* kAside = "/tmp/aside";  // programs that are found there first
  static std::string path() { return std::string(kAside) + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"; }

  static void program(const std::string& file, const char* text) {
    write_atomically("build", file, text).value();
    check(::chmod(file.c_str(), 0755) == 0, Code::os, "build: {} cannot be made a program", file);
  }

  static std::vector<std::string> dpkg_options() {
    return {"force-unsafe-io", "path-exclude=/usr/share/man/*", "path-exclude=/usr/share/info/*", "path-exclude=/usr/share/doc/*", "path-include=/usr/share/doc/*/copyright"};
  }

  static std::vector<std::string> essential_names(const std::string& stanzas) {
    std::vector<std::string> names;
    std::string name;
    for (std::string_view line : split(stanzas, '\n')) {
      if (line.substr(0, 9) == "Package: ") name = line.substr(9);
      if (line == "Essential: yes") names.push_back(name);
    }
    return names;
  }

  void install_files(const std::vector<Input>& packages, const std::string& what) const {
    std::vector<std::string> words = {"/usr/bin/dpkg", "--install", "--force-depends"};
    for (const std::string& option : dpkg_options()) words.push_back("--" + option);
    for (const Input& package : packages) words.push_back("/tmp/packages/" + package.name + ".deb");
    run(words, what);
  }

  void run(std::vector<std::string> words, const std::string& what) const {
    Program program;
    program.arguments = std::move(words);
    program.root = "root";
    program.environment = build_environment(lock_.epoch);
    program.environment->push_back("APT_CONFIG=/tmp/apt/apt.conf");
    for (std::string& variable : *program.environment)
      if (starts(variable, "PATH=")) variable = "PATH=" + path();
    run_or_fail("build: " + what, program).value();
  }

  const Lock& lock_;
};

// `more`: bytes of what it begins with. `locales`: the key of those that it makes, if they are kept. `scratch`: where it
// works, if a system is there already, or where it is left.
Written in_scratch(Store& store, const Lock& lock, const IdMap& map, std::uint64_t more, const std::vector<Input>& packages, const BuildOptions& options, Stage stage,
                   const std::string& locales, std::shared_ptr<Scratch>& scratch, const std::function<Written(const System&)>& make) {
  check_programs();
  check(!lock.image.empty() || std::any_of(lock.os.begin(), lock.os.end(), [](const Input& one) { return one.name == "apt"; }), Code::failed_precondition,
        "build: the lock's system has no apt; run ninefold lock --upgrade");
  if (!scratch) {
    scratch = std::make_shared<Scratch>(more);
    make_owned_folder(scratch->path + "/root", map).value();
  }
  const std::string repository = scratch->path + "/repository";
  fs::remove_all(repository);
  make_folders("build", repository).value();
  make_repository(store, lock, packages, repository);
  const std::string archive = locales.empty() || options.fresh ? "" : kept_bytes(store, locales);
  if (!archive.empty()) write_atomically("build", scratch->path + "/" + kLocales, archive).value();
  if (options.course) options.course->watch(stage, scratch->path + "/root/var/log/dpkg.log", 2 * packages.size());
  const std::string text = in_namespaces("build", map, scratch->path, [&]() -> Result<std::string> {
    const System system(lock);
    system.take();
    const Written written = make(system);
    return fmt::format("{} {}", written.digest, written.size);
  }).value();
  if (!locales.empty() && archive.empty()) {
    const Result<std::string> made = read_file("build", scratch->path + "/root" + kLocaleArchive);
    if (made) store.cache(Cache::wheels, locales, store.put(Shelf::compiled, made.value()).value()).value();
  }
  const auto space = text.find(' ');
  return {text.substr(0, space), std::strtoull(text.c_str() + space, nullptr, 10)};
}

}  // namespace

Written os_layer(Store& store, const Lock& lock, const BuildOptions& options, int out, const std::string& path, std::shared_ptr<Scratch>& left) {
  options.say(fmt::format("installing {} Debian packages", lock.os.size()));
  const std::string stanzas = store.get(Shelf::inputs, lock.index.digest).value();
  return in_scratch(store, lock, caller_map().value(), 0, lock.os, options, Stage::system, locale_key(lock), left, [&](const System& system) {
    system.bootstrap(lock.os, stanzas);
    system.locales();
    system.user();
    const Manifest manifest = system.finish(false);
    const Written written = write_tar(out, path, manifest).value();
    if (!lock.apt.empty()) system.become(manifest);
    return written;
  });
}

Written apt_layer(Store& store, const Lock& lock, const std::string& os, const BuildOptions& options, int out, const std::string& path,
                  const std::shared_ptr<Scratch>& left) {
  options.say(fmt::format("installing {} Debian packages more", lock.apt.size()));
  const std::string below = store.path(Shelf::blobs, os);
  store.verify(Shelf::blobs, os).value();
  const IdMap map = caller_map().value();
  std::shared_ptr<Scratch> scratch = left;
  return in_scratch(store, lock, map, 0, lock.apt, options, Stage::packages, "", scratch, [&](const System& system) {
    if (!left) {
      Extractor extractor(open_file("build", "root", O_RDONLY | O_DIRECTORY).value(), map);
      extractor.layer(below).value();
      extractor.finish().value();
    }
    system.enter();
    system.install(lock.apt);
    return write_tar(out, path, layer_between(tar_manifest(below, true).value(), system.finish(true))).value();
  });
}

Written layer_above(Store& store, const Lock& lock, const std::vector<std::string>& below, const std::vector<Input>& packages, bool first,
                    const BuildOptions& options, int out, const std::string& path) {
  options.say(fmt::format("installing {} Debian packages upon {}", packages.size(), lock.base));
  std::vector<Fd> layers;  // opened here: the way to them may be closed to the mapped ids
  std::uint64_t bytes = 0;
  for (const std::string& digest : below) {
    store.verify(Shelf::blobs, digest).value();
    layers.push_back(open_file("build", store.path(Shelf::blobs, digest), O_RDONLY).value());
    struct stat status {};
    if (::fstat(layers.back().get(), &status) == 0) bytes += static_cast<std::uint64_t>(status.st_size);
  }
  std::shared_ptr<Scratch> scratch;
  return in_scratch(store, lock, options.map, bytes, packages, options, first ? Stage::system : Stage::packages, "", scratch, [&](const System& system) {
    Extractor extractor(open_file("build", "root", O_RDONLY | O_DIRECTORY).value(), options.map);
    for (const Fd& layer : layers) extractor.layer(fmt::format("/proc/self/fd/{}", layer.get())).value();
    extractor.finish().value();
    Manifest before = system.look();
    for (const char* folder : {"dev", "proc", "run", "tmp", "usr/sbin", "var/lib/apt", "var/log/apt", "var/cache/apt", "etc/apt"})
      make_folders("build", std::string("root/") + folder).value();
    system.enter();
    if (!packages.empty()) system.install(packages);
    if (first) system.locales(), system.user();
    Manifest after = system.leave(true);
    clean_above(before, after, lock.epoch);
    return write_tar(out, path, layer_between(before, after)).value();
  });
}

}  // namespace ninefold::env::image
