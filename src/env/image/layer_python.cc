// In: stored wheels. Out: a prefix below /opt, installed and compiled at its final path, the same bytes
// every time: one compiling process a wheel, unchecked hashes, one time for every file. Byte code that an
// earlier build made of the same wheel by the same interpreter is taken as it was.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/process.h"
#include "base/text.h"
#include "env/image/aside.h"
#include "env/image/chamber.h"
#include "env/image/kept.h"
#include "env/image/layers.h"
#include "env/image/scan.h"
#include "env/image/wheels.h"
#include "env/lock/zip.h"

namespace ninefold::env::image {
namespace fs = std::filesystem;
namespace {

// What the bytes of a .pyc are depends on what its process compiled before (marshal writes references to
// what is shared), so every wheel gets a process in the one state that the imports leave. What cannot be
// compiled (templates, Python 2) is left as it is, as pip does.
constexpr const char* kCompile = R"(import gc, json, os, py_compile, sys
wheels, width = json.load(sys.stdin), int(sys.argv[1])
gc.disable()

def compile_all(paths):
    for path in paths:
        if os.path.isfile(path):
            try:
                py_compile.compile(path, doraise=True, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
            except (py_compile.PyCompileError, SyntaxError, ValueError, UnicodeDecodeError, RecursionError):
                pass

def wait():
    pid, status = os.wait()
    print(sizes.pop(pid), flush=True)
    return status

sizes, failed = {}, 0
for paths in wheels:
    if len(sizes) == width:
        failed |= wait()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            compile_all(paths)
            status = 0
        finally:
            os._exit(status)
    sizes[pid] = len(paths)
while sizes:
    failed |= wait()
sys.exit(failed != 0)
)";

// Jupyter runs from its own prefix, so the kernel must say whose Python it is.
constexpr const char* kKernel = R"json({
 "argv": ["/opt/env/bin/python", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
 "display_name": "Python 3 (Ninefold)",
 "language": "python",
 "metadata": {"debugger": true}
}
)json";

constexpr const char* kKernelPath = "/opt/ninefold/tools/kernel";
constexpr std::uint32_t kUser = 1000;  // who everybody inside is

void run(const std::string& root, std::int64_t epoch, std::vector<std::string> arguments, const std::string& what, std::string input = {},
         std::function<void(std::string_view line)> on_line = {}) {
  Program program;
  program.on_line = std::move(on_line);
  program.arguments = std::move(arguments);
  program.root = root;
  program.input = std::move(input);
  program.environment = build_environment(epoch);
  program.environment->insert(program.environment->end(), {"UV_CACHE_DIR=/opt/.cache", "UV_NO_CONFIG=1", "UV_OFFLINE=1", "UV_PYTHON_DOWNLOADS=never",
                                                           "UV_LINK_MODE=hardlink", "NO_COLOR=1", "UV_COMPILE_BYTECODE=0"});
  run_or_fail("build: " + what, program).value();
}

// uv notes when and from where it installed a wheel: true of this machine only.
void forget_origin(const fs::path& info) {
  const std::string record = info / "RECORD";
  const std::string text = read_file("build", record).value();
  std::string kept;
  for (std::string_view line : split(text, '\n'))
    if (!line.empty() && line.find("/uv_cache.json,") == std::string_view::npos && line.find("/direct_url.json,") == std::string_view::npos)
      kept += std::string(line) + "\n";
  std::error_code ignored;
  for (const char* name : {"uv_cache.json", "direct_url.json"}) fs::remove(info / name, ignored);
  fs::remove(record, ignored);  // it is a link into uv's cache
  const Fd file = open_file("build", record, O_WRONLY | O_CREAT | O_EXCL, 0644).value();
  write_all("build", record, file.get(), kept).value();
}

struct Kept {
  std::string digest, tar;  // what the store has: the tar's path, relative to its root
};

// A layer in the making; everything but the constructor runs inside the namespaces. The working folder is
// the store, and `work` a folder of it, in which opt stands at /opt.
struct Filling {
  const Lock& lock;
  const Place place;
  std::string work;
  std::string root;                   // in which Python runs; nothing of it enters the layer but what it makes of sources
  std::map<std::string, Kept> known;  // byte code by key
  Say say;
  std::function<void(double share)> at;
  std::uint64_t room = 0;             // of memory that opt may take; 0: it lies on the disk

  bool of_image = false;              // root is an image's, with its own interpreter
  std::string opt() const { return work + "/opt"; }

  void install() const {
    const std::string python = place.venv ? place.path + "/bin/python" : lock.interpreter;
    if (place.venv) run(root, lock.epoch, {"/tmp/wheels/uv", "venv", "-q", "--no-project", "--python", lock.interpreter, place.path}, "make " + place.path);
    std::vector<std::string> words = {"/tmp/wheels/uv", "pip", "install", "-q", "--no-deps", "--no-index", "--find-links", "/tmp/wheels", "--python", python};
    if (!place.venv) words.insert(words.end(), {"--target", place.path, "--break-system-packages"});
    for (const Input& wheel : *place.wheels) words.push_back(wheel.name + "==" + wheel.version);
    if (!place.wheels->empty()) run(root, lock.epoch, words, "install Python packages");
    const std::string kernels = opt() + place.path.substr(4) + "/share/jupyter/kernels";
    for (const auto& entry : fs::directory_iterator(opt() + place.site.substr(4)))
      if (entry.path().extension() == ".dist-info") forget_origin(entry.path());
    if (place.path == "/opt/env") {
      // The wheel's layer lies beside, so that a new wheel changes one small layer.
      // Behind everything else: where TensorBoard is, its magic is found there.
      write_atomically("build", opt() + place.site.substr(4) + "/ninefold-wheel.pth", std::string("/opt/ninefold/python\n") + kKernelPath + "\n").value();
      if (of_image) show_packages_of_image();
      if (fs::exists(kernels + "/python3")) write_atomically("build", kernels + "/python3/kernel.json", kKernel).value();
    } else if (place.path == "/opt/ninefold/tools") {
      fs::remove_all(kernels);
      // `%load_ext tensorboard` needs the package's notebook part, and of the others nothing: a folder with it alone.
      if (const std::string name = "/tensorboard"; fs::exists(opt() + place.site.substr(4) + name)) {
        make_folders("build", opt() + std::string(kKernelPath).substr(4)).value();
        fs::create_symlink(place.site + name, opt() + std::string(kKernelPath).substr(4) + name);
      }
    }
  }

  // What the image has installed for its Python is found after our own packages.
  void show_packages_of_image() const {
    const std::string file = opt() + place.path.substr(4) + "/pyvenv.cfg";
    std::string text = read_file("build", file).value();
    constexpr std::string_view kHidden = "include-system-site-packages = false";
    const auto at = text.find(kHidden);
    check(at != std::string::npos, Code::internal, "build: uv wrote a {} that does not say what it includes", file);
    write_atomically("build", file, text.replace(at, kHidden.size(), "include-system-site-packages = true")).value();
  }

  // Adds byte code to the manifest. Returns what is new: key -> manifest of its byte code.
  std::map<std::string, Manifest> compile(Manifest& manifest) const {
    std::vector<Sources> all = sources_of(manifest, place);
    std::vector<std::pair<Sources, std::string>> todo;  // with the key, where it is worth keeping
    std::size_t taken = 0;
    for (Sources& one : all) {
      const std::string key = one.wheel && one.as_packed ? wheel_key(lock, *one.wheel, place) : "";
      const auto found = known.find(key);
      if (found == known.end()) {
        todo.emplace_back(std::move(one), key);
        continue;
      }
      ++taken;
      const Manifest kept = tar_manifest(found->second.tar, false).value();
      for (const auto& [path, entry] : kept) manifest[path] = entry;
    }
    // The longest first, so that no processor waits for one at the end; the result knows no order.
    std::stable_sort(todo.begin(), todo.end(), [](const auto& a, const auto& b) { return a.first.size > b.first.size; });
    nlohmann::json jobs = nlohmann::json::array();
    std::size_t modules = 0, done = 0;
    for (const auto& [one, key] : todo) {
      modules += one.files.size();
      nlohmann::json paths = nlohmann::json::array();
      for (const std::string& path : one.files) paths.push_back("/" + path);
      if (!paths.empty()) jobs.push_back(std::move(paths));
    }
    if (!jobs.empty()) {
      say(fmt::format("compiling {} of {} wheels below {}", jobs.size(), taken + jobs.size(), place.path));
      run(root, lock.epoch, {lock.interpreter, "-I", "-S", "-W", "ignore", "-c", kCompile, std::to_string(processors())}, "compile Python packages",
          jobs.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), [&](std::string_view line) {
            done += std::strtoull(std::string(line).c_str(), nullptr, 10);
            at(0.25 + 0.6 * static_cast<double>(done) / static_cast<double>(modules));
          });
    }
    std::map<std::string, Manifest> fresh;
    for (const auto& [one, key] : todo) {
      Manifest made;
      for (const std::string& path : one.files) {
        const std::string code = byte_code_path(path, lock.python);
        Entry entry;
        entry.source = work + "/" + code;
        struct stat status {};
        if (::lstat(entry.source.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        entry.size = static_cast<std::uint64_t>(status.st_size);
        entry.mode = 0644;
        entry.mtime = lock.epoch;
        made[code] = entry;
        Entry& folder = made[code.substr(0, code.rfind('/'))];
        folder.kind = Kind::folder;
        folder.mode = 0755;
        folder.mtime = lock.epoch;
      }
      for (const auto& [path, entry] : made) manifest[path] = entry;
      if (!key.empty()) fresh.emplace(key, std::move(made));
    }
    return fresh;
  }

  // The answer's first line is the layer's digest and size; each of the others a key, a digest and a file
  // of new byte code.
  std::string fill(int out, const std::string& out_path) const {
    check(room == 0 || ::mount("tmpfs", opt().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, fmt::format("mode=0755,size={}", room).c_str()) == 0, Code::os,
          "build: no memory can be mounted at {}", opt());
    for (const std::string& folder : {opt(), work + "/compiled"})
      check(::chown(folder.c_str(), 0, 0) == 0, Code::os, "build: {} cannot be taken", folder);
    make_folders("build", opt() + "/ninefold").value();
    // Some constants are written in the order of their addresses by Pythons before 3.11.
    (void)::personality(static_cast<unsigned long>(::personality(0xffffffff)) | ADDR_NO_RANDOMIZE);
    enter_root(root, {{opt(), "/opt", false}, {work + "/wheels", "/tmp/wheels", true}}).value();
    install();
    at(0.25);
    const auto is_source = [](const std::string& path) { return path.size() > 3 && path.compare(path.size() - 3, 3, ".py") == 0; };
    Manifest manifest = scan(opt() + place.path.substr(4), place.path.substr(1), is_source).value();
    for (auto entry = manifest.begin(); entry != manifest.end();) {
      const std::string name = entry->first.substr(entry->first.rfind('/') + 1);
      // uv's locks and marks for backup programs
      const bool note = name == ".lock" || name == "CACHEDIR.TAG" || name == ".gitignore";
      entry = note && entry->first.find("/site-packages/") == std::string::npos ? manifest.erase(entry) : std::next(entry);
    }
    const std::map<std::string, Manifest> fresh = compile(manifest);
    at(0.85);
    if (of_image) manifest[place.path.substr(1) + "/.wh..wh..opq"] = Entry();  // an image of ours has packages there, too
    normalise_times(manifest, lock.epoch);
    for (auto& [path, entry] : manifest) {
      entry.digest.clear();  // nobody else writes here: the tar's own hash will do
      // `pip install` inside works as in any venv; what it changes is gone with `down`.
      if (place.path == "/opt/env") entry.uid = entry.gid = kUser;
    }
    const Written layer = write_tar(out, out_path, manifest).value();
    std::string text = fmt::format("{} {}\n", layer.digest, layer.size);
    for (const auto& [key, code] : fresh) {
      const std::string path = work + "/compiled/" + key;
      const Fd file = open_file("build", path, O_WRONLY | O_CREAT | O_EXCL, 0644).value();
      text += fmt::format("{} {}\n", key, write_tar(file.get(), path, code).value().digest);
    }
    return text;
  }
};

// Thousands of small files that live for seconds are made in memory where there is twice of what they may need:
// unpacked a wheel has some three times its size, and byte code adds half. 0 where there is not.
std::uint64_t room_in_memory(const std::vector<Input>& wheels) {
  std::uint64_t packed = 0;
  for (const Input& input : wheels) packed += input.size;
  const std::uint64_t wanted = 6 * packed + (256ull << 20);
  struct statvfs shared {};
  const Result<std::string> memory = read_file("build", "/proc/meminfo");
  const std::size_t at = memory ? memory.value().find("MemAvailable:") : std::string::npos;
  if (at == std::string::npos || ::statvfs("/dev/shm", &shared) != 0) return 0;
  const std::uint64_t available = std::min<std::uint64_t>(std::strtoull(memory.value().c_str() + at + 13, nullptr, 10) << 10, shared.f_bavail * shared.f_frsize);
  return available / 2 > wanted ? wanted : 0;
}

Written make_layer(Store& store, const Lock& lock, Prefix prefix, Stage stage, Interpreter& interpreter, const BuildOptions& options, int out,
                   const std::string& out_path, bool in_memory) {
  Workplace work(store);
  Filling filling{lock, place_of(lock, prefix), work.inside, interpreter.root(), {}, options.say, [&](double share) {
                    if (options.course) options.course->at(stage, share);
                  }};
  filling.of_image = interpreter.of_image();
  make_folders("build", work.path + "/wheels").value();
  for (const Input& wheel : *filling.place.wheels) {
    store.verify(Shelf::inputs, wheel.digest).value();
    fs::create_hard_link(store.path(Shelf::inputs, wheel.digest), work.path + "/wheels/" + wheel.file);
    const std::string key = wheel_key(lock, wheel, filling.place);
    const std::string digest = options.fresh ? "" : store.cached(Cache::wheels, key);
    if (digest.empty()) continue;
    const std::string file = store.path(Shelf::compiled, digest);
    if (store.verify(Shelf::compiled, digest)) filling.known[key] = {digest, file.substr(store.root().size() + 1)};
    else ::unlink(file.c_str());  // damaged: it is made again
  }
  if (in_memory) filling.room = room_in_memory(*filling.place.wheels);
  const std::string archive = store.get(Shelf::inputs, lock.uv.digest).value();
  const std::string uv = work.path + "/wheels/uv";
  write_atomically("build", uv, read_zip_member(archive, ".data/scripts/uv").value()).value();
  check(::chmod(uv.c_str(), 0755) == 0, Code::os, "build: {} cannot be made a program", uv);
  for (const char* folder : {"/opt", "/compiled"}) make_owned_folder(work.path + folder, options.map).value();
  const std::string text = in_namespaces("build", options.map, store.root(), [&]() -> Result<std::string> { return filling.fill(out, out_path); }).value();
  Written layer;
  for (std::string_view line : split(text, '\n')) {
    const auto parts = split(line, ' ');
    if (parts.size() != 2) continue;
    const std::string first(parts[0]), second(parts[1]);
    if (layer.digest.empty()) {
      layer = {first, std::strtoull(second.c_str(), nullptr, 10)};
      continue;
    }
    // Copied, since the file belongs to another id.
    store.put_file(Shelf::compiled, work.path + "/compiled/" + first, second).value();
    store.cache(Cache::wheels, first, second).value();
  }
  return layer;
}

}  // namespace

std::vector<Input> Interpreter::packages(const Store& store, const Lock& lock) {
  return closure(store.get(Shelf::inputs, lock.index.digest).value(), lock.os, {"python3", "python3-distutils", "dash", "coreutils"});
}

const std::string& Interpreter::root() {
  if (!root_.empty()) return root_;
  check_programs();
  std::vector<std::string> files;
  for (const Input& package : packages(store_, lock_)) files.push_back(loose_path(store_, package).substr(store_.root().size() + 1));
  work_.emplace(store_);
  make_owned_folder(work_->path + "/root", map_).value();
  const std::string root = work_->inside + "/root";
  in_namespaces("build", map_, store_.root(), [&]() -> Result<std::string> {
    check(::chown(root.c_str(), 0, 0) == 0, Code::os, "build: {} cannot be taken", root);
    for (const char* folder : {"/usr", "/opt", "/dev", "/proc", "/tmp", "/run"}) make_folders("build", root + folder).value();
    for (const char* folder : {"bin", "sbin", "lib", "lib64"}) {
      make_folders("build", root + "/usr/" + folder).value();
      check(::symlink((std::string("usr/") + folder).c_str(), (root + "/" + folder).c_str()) == 0, Code::os, "build: no link in {} can be made", root);
    }
    Program program;
    // dpkg-deb --extract would put folders where the links to usr are.
    program.arguments = {"bash", "-eo", "pipefail", "-c",
                         "root=$1; shift; for deb; do dpkg-deb --fsys-tarfile \"$deb\" | tar -x --keep-directory-symlink --exclude=./usr/share -C \"$root\"; done",
                         "unpack", root};
    program.arguments.insert(program.arguments.end(), files.begin(), files.end());
    program.environment = build_environment(lock_.epoch);
    run_or_fail("build: unpack Python", program).value();
    return std::string();
  }).value();
  return root_ = root;
}

Written python_layer(Store& store, const Lock& lock, Prefix prefix, Stage stage, Interpreter& interpreter, const BuildOptions& options, int out,
                     const std::string& out_path) {
  try {
    return make_layer(store, lock, prefix, stage, interpreter, options, out, out_path, true);
  } catch (const Error& error) {
    const std::string text = error.message();  // the programs' own words, or ours
    if (text.find("No space left on device") == std::string::npos && text.find("ENOSPC") == std::string::npos) throw;
  }
  // A wheel that is far larger than it looked; if it is the disk that is full, this says so.
  check(::ftruncate(out, 0) == 0 && ::lseek(out, 0, SEEK_SET) == 0, Code::os, "build: {} cannot be emptied", out_path);
  return make_layer(store, lock, prefix, stage, interpreter, options, out, out_path, false);
}

Manifest program_manifest(const Store& store, const Lock& lock) {
  Manifest manifest;
  Entry folder;
  folder.kind = Kind::folder;
  folder.mode = 0755;
  folder.mtime = lock.epoch;
  for (const char* path : {"opt", "opt/ninefold", "opt/ninefold/bin"}) manifest[path] = folder;
  for (const Input& program : lock.programs) {
    Entry entry;
    entry.mode = 0755;
    entry.mtime = lock.epoch;
    entry.size = program.size;
    entry.source = store.path(Shelf::inputs, program.digest);
    entry.digest = program.digest.substr(7);
    manifest["opt/ninefold/bin/" + program.name] = entry;
  }
  return manifest;
}

}  // namespace ninefold::env::image
