// In: stored wheels. Out: a prefix below /opt, installed and compiled at its final path, the same bytes
// every time: one compiling process a wheel, unchecked hashes, one time for every file.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/text.h"
#include "env/image/chamber.h"
#include "env/image/layers.h"
#include "env/image/scan.h"
#include "env/lock/zip.h"

namespace ninefold::env::image {
namespace fs = std::filesystem;
namespace {

// A wheel's own files, in the order of their names. What cannot be compiled (templates, Python 2) is
// left as it is, as pip does.
constexpr const char* kCompile = R"(import csv, os, py_compile, sys
site, record = sys.argv[1:]
with open(os.path.join(site, record), newline="") as file:
    names = sorted(row[0] for row in csv.reader(file) if row and row[0].endswith(".py"))
for name in names:
    path = os.path.normpath(os.path.join(site, name))
    if os.path.isfile(path) and path.startswith(site + "/"):
        try:
            py_compile.compile(path, doraise=True, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        except (py_compile.PyCompileError, SyntaxError, ValueError, UnicodeDecodeError):
            pass
)";

// Jupyter runs from its own prefix, so the kernel must say whose Python it is.
constexpr const char* kKernel = R"json({
 "argv": ["/opt/env/bin/python", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
 "display_name": "Python 3 (Ninefold)",
 "language": "python",
 "metadata": {"debugger": true}
}
)json";

struct Plan {
  std::string path;  // "/opt/env"
  const std::vector<Input>* wheels;
  bool venv;
};

Plan plan_of(const Lock& lock, Prefix prefix) {
  switch (prefix) {
    case Prefix::tools: return {"/opt/ninefold/tools", &lock.tools, true};
    case Prefix::python: return {"/opt/env", &lock.packages, true};
    case Prefix::ninefold: return {"/opt/ninefold/python", &lock.ninefold, false};
  }
  return {};
}

void run(const std::string& root, std::int64_t epoch, std::vector<std::string> arguments, const std::string& what) {
  Program program;
  program.arguments = std::move(arguments);
  program.root = root;
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
  write_atomically("build", record, kept).value();
}

// Inside the namespaces: the whole work; `opt` is the folder that stands at /opt.
Written fill(const Lock& lock, const Plan& plan, const std::string& tree, const std::string& work, int out, const std::string& out_path) {
  const std::string opt = work + "/opt";
  enter_root(tree, {{opt, "/opt", false}, {work + "/wheels", "/tmp/wheels", true}}).value();
  const std::string python = plan.venv ? plan.path + "/bin/python" : "/usr/bin/python3";
  if (plan.venv) run(tree, lock.epoch, {"/tmp/wheels/uv", "venv", "-q", "--no-project", "--python", "/usr/bin/python3", plan.path}, "make " + plan.path);
  std::vector<std::string> install = {"/tmp/wheels/uv", "pip", "install", "-q", "--no-deps", "--no-index", "--find-links", "/tmp/wheels", "--python", python};
  if (!plan.venv) install.insert(install.end(), {"--target", plan.path, "--break-system-packages"});
  for (const Input& wheel : *plan.wheels) install.push_back(wheel.name + "==" + wheel.version);
  if (!plan.wheels->empty()) run(tree, lock.epoch, install, "install Python packages");

  const std::string site = plan.venv ? fmt::format("{}/lib/python{}/site-packages", plan.path, lock.python) : plan.path;
  std::vector<std::string> records;
  for (const auto& entry : fs::directory_iterator(opt + site.substr(4)))
    if (entry.path().extension() == ".dist-info") {
      records.push_back(entry.path().filename().string() + "/RECORD");
      forget_origin(entry.path());
    }
  std::sort(records.begin(), records.end());
  for (const std::string& record : records)
    run(tree, lock.epoch, {"/usr/bin/python3", "-I", "-S", "-c", kCompile, site, record}, "compile " + record);

  const std::string kernels = opt + plan.path.substr(4) + "/share/jupyter/kernels";
  if (plan.path == "/opt/env") {
    // The wheel's layer lies beside, so that a new wheel changes one small layer.
    write_atomically("build", opt + site.substr(4) + "/ninefold-wheel.pth", "/opt/ninefold/python\n").value();
    if (fs::exists(kernels + "/python3")) write_atomically("build", kernels + "/python3/kernel.json", kKernel).value();
  } else if (plan.path == "/opt/ninefold/tools") {
    fs::remove_all(kernels);
  }
  Manifest manifest = scan(opt + plan.path.substr(4), plan.path.substr(1)).value();
  for (auto entry = manifest.begin(); entry != manifest.end();) {
    const std::string name = entry->first.substr(entry->first.rfind('/') + 1);
    // uv's locks and marks for backup programs
    const bool note = name == ".lock" || name == "CACHEDIR.TAG" || name == ".gitignore";
    entry = note && entry->first.find("/site-packages/") == std::string::npos ? manifest.erase(entry) : std::next(entry);
  }
  normalise_times(manifest, lock.epoch);
  return write_tar(out, out_path, manifest).value();
}

}  // namespace

Written python_layer(Store& store, const Lock& lock, Prefix prefix, const std::string& os_tree, const IdMap& map, int out, const std::string& out_path) {
  const Plan plan = plan_of(lock, prefix);
  Workplace work(store);
  make_folders("build", work.path + "/wheels").value();
  for (const Input& wheel : *plan.wheels) {
    store.verify(Shelf::inputs, wheel.digest).value();
    fs::create_hard_link(store.path(Shelf::inputs, wheel.digest), work.path + "/wheels/" + wheel.file);
  }
  const std::string archive = store.get(Shelf::inputs, lock.uv.digest).value();
  const std::string uv = work.path + "/wheels/uv";
  write_atomically("build", uv, read_zip_member(archive, ".data/scripts/uv").value()).value();
  check(::chmod(uv.c_str(), 0755) == 0, Code::os, "build: {} cannot be made a program", uv);
  make_owned_folder(work.path + "/opt", map).value();
  const std::string tree = os_tree.substr(store.root().size() + 1);
  const std::string text = in_namespaces("build", map, store.root(), [&]() -> Result<std::string> {
    check(::chown((work.inside + "/opt").c_str(), 0, 0) == 0, Code::os, "build: {} cannot be taken", work.inside);
    for (const char* folder : {"/opt/ninefold"}) make_folders("build", work.inside + folder).value();
    const Written written = fill(lock, plan, tree, work.inside, out, out_path);
    return fmt::format("{} {}", written.digest, written.size);
  }).value();
  const auto space = text.find(' ');
  return {text.substr(0, space), std::strtoull(text.c_str() + space, nullptr, 10)};
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
