// In: a Spec and perhaps an older lock. Out: the lock: apt's part and pip's part, each made anew only if
// what it depends on changed.
#include "env/lock/make.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/process.h"
#include "env/lock/pip.h"

namespace ninefold::env {
namespace fs = std::filesystem;
namespace {

const std::map<std::string, std::string> kGlibc = {{"bullseye", "2.31"}, {"bookworm", "2.36"}, {"trixie", "2.41"}};

constexpr std::int64_t kEarliest = 315532800;  // 1980: the first date that archives of wheels can hold

// What every environment has: Python, the SSH daemon, certificates, time zones, the C++ runtime that
// wheels expect, and what "small" leaves out. ?essential is the archive's own mark.
std::vector<std::string> os_wishes(const Spec& spec, const BaseFacts* image, const Lock& lock) {
  std::vector<std::string> wishes = {"?essential",  "?priority(required)", "python3",   "openssh-server", "openssh-client", "ca-certificates",
                                     "tzdata",      "locales",             "libstdc++6", "libgomp1",       "passwd",         "bash"};
  if (image) wishes.erase(wishes.begin(), wishes.begin() + (lock.python.empty() ? 2 : 3));  // the image's own
  else if (spec.codename() != "bullseye") wishes.push_back("usr-is-merged");
  // setuptools of that time wants it
  const bool old = lock.python == "3.9" || (lock.python.empty() && lock.codename == "bullseye");
  if (old && (!image || lock.interpreter.rfind("/usr/bin/", 0) == 0)) wishes.push_back("python3-distutils");
  if (spec.packages.set == "full")
    wishes.insert(wishes.end(), {"tmux", "git", "make", "rsync", "procps", "less", "nano", "curl", "fontconfig", "fonts-wqy-microhei"});
  return wishes;
}

std::vector<std::string> locales(const Spec& spec) {
  std::set<std::string> all = {"en_US.UTF-8", "zh_CN.UTF-8"};
  if (spec.packages.set == "small") all.clear();
  if (spec.locale != "C.UTF-8") all.insert(spec.locale);
  return {all.begin(), all.end()};
}

std::string glibc_of_base(const Spec& spec, const Lock& lock) { return lock.image.empty() ? kGlibc.at(spec.codename()) : lock.glibc; }

class Folder {
 public:
  Folder() {
    const char* base = ::getenv("TMPDIR");
    std::string form = std::string(base && *base ? base : "/tmp") + "/ninefold-lock.XXXXXX";
    check(::mkdtemp(form.data()) != nullptr, Code::os, "lock: no temporary folder {} can be made", form);
    path = form;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  std::string path;
};

bool stored(const Store& store, const std::vector<Input>& inputs) {
  return std::all_of(inputs.begin(), inputs.end(), [&](const Input& input) { return store.has(Shelf::inputs, input.digest); });
}

std::string hash_of(const std::vector<std::string>& wishes) {
  std::string text;
  for (const std::string& one : wishes) text += one + "\n";
  return "sha256:" + sha256_hex(text);
}

// An image's word that enters the lock; others tell nothing.
std::string plain_word(const std::string& word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_'; });
  return plain && word.size() < 100 ? word : std::string();
}

// The image with all that a lock says of it. Its Python decides, unless it has none.
BaseFacts lock_image(Store& store, const Spec& spec, const Lock* before, const LockOptions& options, Lock& lock) {
  check(static_cast<bool>(options.read_base), Code::internal, "lock: nothing reads the image {}", spec.base);
  const bool keep = before && !options.upgrade && before->base == lock.base && !before->image.empty();
  BaseFacts facts = options.read_base(store, spec, keep ? &before->image : nullptr).value();
  lock.image = facts.image;
  lock.distribution = plain_word(os_release_value(facts.os_release, "ID"));
  lock.codename = plain_word(os_release_value(facts.os_release, "VERSION_CODENAME"));
  lock.glibc = glibc_of(installed_packages(facts.status), spec.base).value();
  const FoundPython python = choose_python(facts.pythons, spec).value();
  if (!python.path.empty()) lock.python = python.version, lock.interpreter = python.path;
  lock.epoch = std::max(facts.created, kEarliest);
  return facts;
}

// Of wishes those that an image does not have: `--no-upgrade` would leave them out of apt's answer as well, but
// where none is left, no archive needs to be asked.
std::vector<std::string> not_there(std::vector<std::string> wishes, const BaseFacts* image) {
  if (!image) return wishes;
  const auto installed = installed_packages(image->status);
  std::erase_if(wishes, [&](const std::string& name) { return installed.count(name) != 0; });
  return wishes;
}

// "3.11" of the package that will be the interpreter.
void take_version_of_python(const Spec& spec, Lock& lock) {
  for (const Input& one : lock.os)
    if (one.name == "python3") lock.python = one.version.substr(0, one.version.find('.', one.version.find('.') + 1));
  check(spec.python.version.empty() || lock.python == spec.python.version, Code::failed_precondition,
        "{}: python.version: base {} has no Python, and its release's is {}, not {}; write version = \"{}\", or choose another base",
        spec.position("python.version").text(), spec.base, lock.python, spec.python.version, lock.python);
}

void fetch_debs(Store& store, const Apt& apt, const Lock& lock, const LockOptions& options) {
  apt.fetch(store, lock.os, options.say).value();
  apt.fetch(store, lock.apt, options.say).value();
}

// Which of the packages that change are behind their security suite.
void tell_security(const Apt& apt, const Lock& before, const Lock& after, const LockOptions& options) {
  if (!options.of_security) return;
  std::vector<Input> changed;
  for (const auto part : {&Lock::os, &Lock::apt})
    for (const Input& old : before.*part) {
      const auto same = [&](const Input& now) { return now.name == old.name && now.digest == old.digest; };
      if (std::none_of((after.*part).begin(), (after.*part).end(), same)) changed.push_back(old);
    }
  *options.of_security = apt.behind_security(changed).value();
}

// The locked packages with what the security suites have that is newer, and what this needs besides.
void lock_security(Store& store, const Spec& spec, const Lock& before, const LockOptions& options, const std::string& folder, Lock& lock) {
  check(lock.image.empty(), Code::unimplemented, "lock: --security takes the packages of Debian's releases, and {} is an image with packages of its own; take "
        "everything that is new: ninefold lock --upgrade", lock.base);
  const std::string locked = store.get(Shelf::inputs, before.index.digest).within("lock").value();
  Apt apt(folder + "/apt", lock.architecture);
  apt.installed(status_of(locked));
  apt.prefer_security();
  options.say("reading the package index of " + spec.base);
  apt.update(choose_sources(machine_sources(), machine_codename(), spec.codename(), spec.sources).value(), spec.sources.expired, spec.sources.proxy).value();
  std::string stanzas;
  const std::vector<Input> newer = apt.upgrade(stanzas).value();
  lock.os = before.os, lock.apt = before.apt, lock.index = before.index, lock.releases = before.releases, lock.epoch = before.epoch;
  std::vector<Input> all = before.os;
  all.insert(all.end(), before.apt.begin(), before.apt.end());
  std::set<std::string> behind = apt.behind_security(all).value(), names;
  for (const Input& one : newer) behind.erase(one.name), names.insert(one.name);
  check(behind.empty(), Code::failed_precondition, "lock: the security update of {} needs newer packages that no security suite has; take them all: "
        "ninefold lock --upgrade", behind.empty() ? "" : *behind.begin());
  if (newer.empty()) return;
  for (const Input& one : newer) {
    const auto is = [&](const Input& old) { return old.name == one.name; };
    const auto upon = std::find_if(lock.apt.begin(), lock.apt.end(), is);
    const auto below = std::find_if(lock.os.begin(), lock.os.end(), is);
    if (upon != lock.apt.end()) *upon = one;
    else if (below != lock.os.end()) *below = one;
    else lock.os.push_back(one);
  }
  std::sort(lock.os.begin(), lock.os.end(), [](const Input& a, const Input& b) { return a.name < b.name; });
  lock.epoch = 0;
  lock.releases = apt.releases(store, lock.epoch).value();
  tell_security(apt, before, lock, options);
  for (const std::string_view stanza : stanzas_of(locked))
    if (!names.count(stanza_field(stanza, "Package"))) stanzas += std::string(stanza) + "\n\n";
  if (!options.look) fetch_debs(store, apt, lock, options);
  lock.index = {"index", "", "Packages", stanzas.size(), store.put(Shelf::inputs, stanzas).value()};
}

void lock_apt(Store& store, const Spec& spec, const BaseFacts* image, const Lock* before, const LockOptions& options, const std::string& folder, Lock& lock) {
  const std::vector<std::string> system = os_wishes(spec, image, lock);
  std::vector<std::string> asked = system;
  asked.push_back("+");
  asked.insert(asked.end(), spec.packages.apt.begin(), spec.packages.apt.end());
  asked.insert(asked.end(), {lock.base, lock.architecture});
  if (image) asked.insert(asked.end(), {lock.image[kImageManifest].digest, spec.python.version});
  lock.system_wishes = hash_of(asked);
  if (options.security) return lock_security(store, spec, *before, options, folder, lock);
  if (before && !options.upgrade && before->system_wishes == lock.system_wishes) {
    std::vector<Input> all = before->os;
    all.insert(all.end(), before->apt.begin(), before->apt.end());
    all.push_back(before->index);
    if (stored(store, all)) {
      lock.os = before->os, lock.apt = before->apt, lock.index = before->index;
      lock.releases = before->releases, lock.epoch = before->epoch;
      if (image) lock.python = before->python, lock.interpreter = before->interpreter;
      return;
    }
  }
  const std::vector<std::string> os = not_there(system, image), more = not_there(spec.packages.apt, image);
  std::string stanzas;
  if (os.empty() && more.empty()) {  // an image that has it all
    lock.index = {"index", "", "Packages", 0, store.put(Shelf::inputs, stanzas).value()};
    return;
  }
  auto sources = image ? base_sources(*image, machine_sources(), machine_codename(), spec.sources, folder + "/keys")
                       : choose_sources(machine_sources(), machine_codename(), spec.codename(), spec.sources);
  Apt apt(folder + "/apt", lock.architecture);
  if (image) apt.installed(image->status);
  check(!find_program("apt-get").empty(), Code::not_found, "lock: apt-get is not on this machine; lock on Debian or Ubuntu, build anywhere");
  options.say("reading the package index of " + (image ? lock.distribution + ":" + lock.codename : spec.base));
  apt.update(sources.value(), spec.sources.expired, spec.sources.proxy).value();
  lock.releases = apt.releases(store, lock.epoch).value();
  options.say("resolving Debian packages");
  if (!os.empty()) lock.os = apt.resolve(os, stanzas).value();
  if (lock.python.empty()) take_version_of_python(spec, lock);
  if (!more.empty()) {
    // The first layer's packages are wishes with versions, so that the second resolution only adds.
    std::vector<std::string> wishes;
    for (const Input& one : lock.os) wishes.push_back(one.name + "=" + one.version);
    wishes.insert(wishes.end(), more.begin(), more.end());
    stanzas.clear();
    std::set<std::string> below;
    for (const Input& one : lock.os) below.insert(one.name);
    for (Input& one : apt.resolve(wishes, stanzas).value())
      if (!below.count(one.name)) lock.apt.push_back(std::move(one));
  }
  if (before) tell_security(apt, *before, lock, options);
  if (!options.look) fetch_debs(store, apt, lock, options);
  lock.index = {"index", "", "Packages", stanzas.size(), store.put(Shelf::inputs, stanzas).value()};
}

void lock_pip(Store& store, const Spec& spec, const Lock* before, const LockOptions& options, const std::string& folder, Lock& lock) {
  if (before && before->python != lock.python) before = nullptr;
  const bool keep = before && !options.upgrade;
  const std::string glibc = glibc_of_base(spec, lock);
  make_folders("lock", folder + "/pip").value();
  Pip pip(folder + "/pip", lock.python, glibc, pip_source(spec.sources), options.program_folder);
  lock.uv = pip.tool(store, keep ? &before->uv : nullptr, options.say).value();
  std::vector<std::string> tools, packages = spec.packages.pip;
  if (spec.jupyter) tools.insert(tools.end(), {"jupyterlab", "nbconvert"}), packages.push_back("ipykernel");
  // TensorBoard asks for pkg_resources without saying so, and setuptools 81 has it no more.
  if (spec.tensorboard) tools.insert(tools.end(), {"tensorboard", "setuptools<81"});
  packages.insert(packages.end(), {"numpy>=1.19", "pip"});
  lock.tools_wishes = hash_of(tools), lock.python_wishes = hash_of(packages);
  const std::vector<Input> none;
  const bool same_tools = keep && before->tools_wishes == lock.tools_wishes && stored(store, before->tools);
  const bool same_packages = keep && before->python_wishes == lock.python_wishes && stored(store, before->packages);
  if (!same_tools || !same_packages) options.say("resolving Python packages");
  lock.tools = same_tools ? before->tools : pip.resolve(store, "tools", tools, keep ? before->tools : none, !options.look, options.say).value();
  lock.packages = same_packages ? before->packages : pip.resolve(store, "python", packages, keep ? before->packages : none, !options.look, options.say).value();
}

void lock_own(Store& store, const Spec& spec, const Lock* before, const LockOptions& options, Lock& lock) {
  if (options.security) {  // all else as it was
    lock.ninefold = before->ninefold, lock.programs = before->programs;
    return;
  }
  lock.ninefold = own_wheels(store, lock.python, glibc_of_base(spec, lock), spec.sources, options.program_folder).value();
  for (const char* name : {"ninefold-init"}) {
    const std::string path = options.program_folder + "/" + name;
    if (::access(path.c_str(), R_OK) != 0) continue;
    struct stat status {};
    ::stat(path.c_str(), &status);
    lock.programs.push_back({name, "", name, static_cast<std::uint64_t>(status.st_size), store.put_file(Shelf::inputs, path).value()});
  }
}

}  // namespace

Result<Lock> make_lock(Store& store, const Spec& spec, const Lock* before, const LockOptions& options) {
  try {
    check(!options.security || (before && before->spec == fingerprint(spec)), Code::failed_precondition,
          "lock: --security takes what is locked as it is, and {} is none of this ninefold.toml; run ninefold lock", lock_path(spec));
    const Fd entered = store.enter(false).value();
    const Folder folder;
    Lock lock;
    lock.spec = fingerprint(spec);
    lock.base = spec.base_name();
    lock.architecture = machine_architecture();
    lock.locales = locales(spec);
    if (spec.base_reference().empty()) {
      lock.python = spec.python.version;
      lock_own(store, spec, before, options, lock);  // first: it fails at once where something is missing
      lock_apt(store, spec, nullptr, before, options, folder.path, lock);
    } else {
      const BaseFacts image = lock_image(store, spec, before, options, lock);
      lock_apt(store, spec, &image, before, options, folder.path, lock);
      lock_own(store, spec, before, options, lock);
    }
    lock_pip(store, spec, before, options, folder.path, lock);
    return lock;
  } catch (const Error& error) {
    return error;
  }
}

std::vector<Input> missing_inputs(const Store& store, const Lock& lock) {
  std::vector<Input> missing;
  for (Input& input : all_inputs(lock))
    if (!store.has(Shelf::inputs, input.digest)) missing.push_back(std::move(input));
  return missing;
}

std::string lock_path(const Spec& spec) { return spec.folder + "/ninefold.lock"; }

Result<Lock> read_lock(const Spec& spec) {
  const std::string path = lock_path(spec);
  Result<std::string> text = read_file("lock", path);
  if (!text)
    return text.error().code() == Code::not_found ? Error(Code::not_found, "lock: there is no " + path + "; run ninefold lock") : text.error();
  Result<Lock> lock = parse_lock(text.value());
  if (!lock) return lock.error().within(path);
  return lock;
}

Result<void> write_lock(const Spec& spec, const Lock& lock) { return write_atomically("lock", lock_path(spec), to_text(lock)); }

}  // namespace ninefold::env
