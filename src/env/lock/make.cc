// In: a Spec and perhaps an older lock. Out: the lock: apt's part and pip's part, each made anew only if
// what it depends on changed.
#include "env/lock/make.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

// What every environment has: Python, the SSH daemon, certificates, time zones, the C++ runtime that
// wheels expect, and what "small" leaves out. ?essential is the archive's own mark.
std::vector<std::string> os_wishes(const Spec& spec) {
  std::vector<std::string> wishes = {"?essential",  "?priority(required)", "python3",   "openssh-server", "openssh-client", "ca-certificates",
                                     "tzdata",      "locales",             "libstdc++6", "libgomp1",       "passwd",         "bash"};
  if (spec.codename() != "bullseye") wishes.push_back("usr-is-merged");
  if (spec.python.version == "3.9") wishes.push_back("python3-distutils");  // setuptools of that time wants it
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

void lock_apt(Store& store, const Spec& spec, const Lock* before, const LockOptions& options, const std::string& folder, Lock& lock) {
  std::vector<std::string> asked = os_wishes(spec);
  asked.push_back("+");
  asked.insert(asked.end(), spec.packages.apt.begin(), spec.packages.apt.end());
  asked.insert(asked.end(), {spec.base, lock.architecture});
  lock.system_wishes = hash_of(asked);
  if (before && !options.upgrade && before->system_wishes == lock.system_wishes) {
    std::vector<Input> all = before->os;
    all.insert(all.end(), before->apt.begin(), before->apt.end());
    all.push_back(before->index);
    if (stored(store, all)) {
      lock.os = before->os, lock.apt = before->apt, lock.index = before->index;
      lock.releases = before->releases, lock.epoch = before->epoch;
      return;
    }
  }
  auto sources = choose_sources(machine_sources(), machine_codename(), spec.codename(), spec.sources);
  Apt apt(folder + "/apt", lock.architecture);
  check(!find_program("apt-get").empty(), Code::not_found, "lock: apt-get is not on this machine; lock on Debian or Ubuntu, build anywhere");
  options.say("reading the package index of " + spec.base);
  apt.update(sources.value(), spec.sources.expired, spec.sources.proxy).value();
  lock.releases = apt.releases(store, lock.epoch).value();
  options.say("resolving Debian packages");
  std::string stanzas;
  lock.os = apt.resolve(os_wishes(spec), stanzas).value();
  if (!spec.packages.apt.empty()) {
    // The first layer's packages are wishes with versions, so that the second resolution only adds.
    std::vector<std::string> wishes;
    for (const Input& one : lock.os) wishes.push_back(one.name + "=" + one.version);
    wishes.insert(wishes.end(), spec.packages.apt.begin(), spec.packages.apt.end());
    stanzas.clear();
    std::set<std::string> below;
    for (const Input& one : lock.os) below.insert(one.name);
    for (Input& one : apt.resolve(wishes, stanzas).value())
      if (!below.count(one.name)) lock.apt.push_back(std::move(one));
  }
  apt.fetch(store, lock.os, options.say).value();
  apt.fetch(store, lock.apt, options.say).value();
  lock.index = {"index", "", "Packages", stanzas.size(), store.put(Shelf::inputs, stanzas).value()};
}

void lock_pip(Store& store, const Spec& spec, const Lock* before, const LockOptions& options, const std::string& folder, Lock& lock) {
  if (before && before->python != lock.python) before = nullptr;
  const bool keep = before && !options.upgrade;
  const std::string glibc = kGlibc.at(spec.codename());
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
  lock.tools = same_tools ? before->tools : pip.resolve(store, "tools", tools, keep ? before->tools : none, options.say).value();
  lock.packages = same_packages ? before->packages : pip.resolve(store, "python", packages, keep ? before->packages : none, options.say).value();
}

void lock_own(Store& store, const Spec& spec, const LockOptions& options, Lock& lock) {
  lock.ninefold = own_wheels(store, lock.python, kGlibc.at(spec.codename()), spec.sources, options.program_folder).value();
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
    const Fd entered = store.enter(false).value();
    const Folder folder;
    Lock lock;
    lock.spec = fingerprint(spec);
    lock.base = spec.base;
    lock.python = spec.python.version;
    lock.architecture = machine_architecture();
    lock.locales = locales(spec);
    lock_own(store, spec, options, lock);  // first: it fails at once where something is missing
    lock_apt(store, spec, before, options, folder.path, lock);
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
