// In: folders that may hold Ninefold's wheels. Out: the one for a Python, and the wheel that stands for
// TensorFlow: distribution "tensorflow 2.9.0", modules `tensorflow` and `keras`, both Ninefold's.
#include <fmt/format.h>
#include <gnu/libc-version.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/fd.h"
#include "base/hash.h"
#include "base/text.h"
#include "env/lock/pip.h"
#include "env/lock/zip.h"

namespace ninefold::env {
namespace fs = std::filesystem;
namespace {

// The module gives way to Ninefold's under the same name, as in the programs that `ninefold python` runs.
std::string alias(const std::string& name) {
  return fmt::format("\"\"\"In: `import {0}`. Out: Ninefold, which has TensorFlow 2.9's API.\"\"\"\nimport sys\n\nimport ninefold.alias\n\n"
                     "del sys.modules[\"{0}\"]\nninefold.alias.install()\nimport {0}  # noqa: E402,F401\n", name);
}

std::string record_digest(const std::string& bytes) {
  Sha256 hash;
  hash.update(bytes);
  const Sha256::Digest digest = hash.finish();
  // base64url without padding
  constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  for (std::size_t i = 0; i < digest.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, digest.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < have ? digest[i + j] : 0u);
    for (std::size_t j = 0; j <= have; ++j) text += letters[bits >> (18 - 6 * j) & 63];
  }
  return text;
}

// cp311-cp311, and cp312-abi3 for every later one.
bool fits(const std::string& file, const std::string& python) {
  const std::string minor = python.substr(python.find('.') + 1);
  if (file.find("-cp3" + minor + "-") != std::string::npos) return true;
  return std::atoi(minor.c_str()) >= 12 && file.find("-cp312-abi3-") != std::string::npos;
}

// The glibc that a wheel's name says it needs: manylinux_2_31 is (2, 31). A plain "linux" says nothing: it needs
// what the machine that made it has, which is taken for this one.
std::pair<int, int> needed_glibc(const std::string& file) {
  if (const auto at = file.find("-manylinux_"); at != std::string::npos) {
    const auto parts = split(std::string_view(file).substr(at + 11), '_');
    if (parts.size() >= 2) return {std::atoi(std::string(parts[0]).c_str()), std::atoi(std::string(parts[1]).c_str())};
  }
  const auto parts = split(::gnu_get_libc_version(), '.');
  return {std::atoi(std::string(parts.at(0)).c_str()), std::atoi(std::string(parts.at(1)).c_str())};
}

bool loads_on(const std::string& file, const std::string& glibc) {
  const auto parts = split(glibc, '.');
  return needed_glibc(file) <= std::pair(std::atoi(std::string(parts.at(0)).c_str()), std::atoi(std::string(parts.at(1)).c_str()));
}

// The wheel that a command was installed from, put together again from its files: an installation needs
// nothing beside itself to make environments of its own Python.
std::string installed_wheel(const std::string& program_folder, const std::string& python, std::string& name) {
  const std::string site = program_folder + "/../lib/python" + python + "/site-packages";
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(site, error)) {
    const std::string info = entry.path().filename();
    if (info.rfind("ninefold-", 0) != 0 || entry.path().extension() != ".dist-info") continue;
    const std::string base = info.substr(0, info.size() - 10);
    const Result<std::string> record = read_file("lock", entry.path() / "RECORD"), facts = read_file("lock", entry.path() / "WHEEL");
    if (!record || !facts) return {};
    std::map<std::string, std::string> files;
    for (std::string_view line : split(record.value(), '\n')) {
      const std::string path(line.substr(0, line.find(',')));
      const std::string file = path.substr(path.rfind('/') + 1);
      if (path.empty() || path.find("__pycache__") != std::string::npos || file == "RECORD" || file == "INSTALLER" || file == "REQUESTED" ||
          file == "direct_url.json" || file == "uv_cache.json")
        continue;
      const Result<std::string> bytes = read_file("lock", site + "/" + path);
      if (!bytes) return {};
      files[path.rfind("../", 0) == 0 ? base + ".data/scripts/" + file : path] = bytes.value();
    }
    std::string text;
    for (const auto& [path, bytes] : files) text += fmt::format("{},sha256={},{}\n", path, record_digest(bytes), bytes.size());
    files[info + "/RECORD"] = text + info + "/RECORD,,\n";
    for (std::string_view line : split(facts.value(), '\n'))
      if (line.substr(0, 5) == "Tag: ") name = base + "-" + std::string(strip(line.substr(5))) + ".whl";
    return write_zip(files);
  }
  return {};
}

}  // namespace

std::string tensorflow_wheel() {
  std::map<std::string, std::string> files = {
      {"tensorflow.py", alias("tensorflow")},
      {"keras.py", alias("keras")},
      {"tensorflow-2.9.0.dist-info/METADATA",
       "Metadata-Version: 2.1\nName: tensorflow\nVersion: 2.9.0\nSummary: ninefold-tensorflow: Ninefold under TensorFlow's name\n"
       "License: Apache-2.0\nRequires-Python: >=3.9\n"},
      {"tensorflow-2.9.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: ninefold\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
      {"tensorflow-2.9.0.dist-info/top_level.txt", "keras\ntensorflow\n"}};
  std::string record;
  for (const auto& [name, bytes] : files) record += fmt::format("{},sha256={},{}\n", name, record_digest(bytes), bytes.size());
  files["tensorflow-2.9.0.dist-info/RECORD"] = record + "tensorflow-2.9.0.dist-info/RECORD,,\n";
  return write_zip(files);
}

static Result<std::vector<Input>> with_alias(Store& store, const std::string& name, const std::string& bytes) {
  const std::string alias_wheel = tensorflow_wheel();
  Result<std::string> digest = store.put(Shelf::inputs, bytes), alias_digest = store.put(Shelf::inputs, alias_wheel);
  if (!digest) return digest.error();
  if (!alias_digest) return alias_digest.error();
  return std::vector<Input>{{"ninefold", std::string(split(name, '-').at(1)), name, bytes.size(), digest.value()},
                            {"tensorflow", "2.9.0", "tensorflow-2.9.0-py3-none-any.whl", alias_wheel.size(), alias_digest.value()}};
}

Result<std::vector<Input>> own_wheels(Store& store, const std::string& python, const std::string& glibc, const Sources& sources,
                                      const std::string& program_folder) {
  std::vector<std::string> folders;
  if (const char* named = std::getenv("NINEFOLD_WHEELS"); named && *named)
    for (std::string_view one : split(named, ':')) folders.emplace_back(one);
  folders.insert(folders.end(), sources.pip_links.begin(), sources.pip_links.end());
  // Where a build leaves them, and where an installation may bring them.
  for (const char* relative : {"/../../../dist", "/../share/ninefold/wheels"}) folders.push_back(program_folder + relative);
  std::string seen;
  for (const std::string& folder : folders) {
    std::error_code error;
    std::vector<fs::path> wheels;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      const std::string name = entry.path().filename();
      if (name.rfind("ninefold-", 0) != 0 || entry.path().extension() != ".whl") continue;
      if (fits(name, python) && loads_on(name, glibc)) wheels.push_back(entry.path());
      else seen += " " + name;
    }
    if (wheels.empty()) continue;
    std::sort(wheels.begin(), wheels.end());
    Result<std::string> bytes = read_file("lock", wheels.back());
    if (!bytes) return bytes.error();
    return with_alias(store, wheels.back().filename(), bytes.value());
  }
  std::string name;
  if (const std::string bytes = installed_wheel(program_folder, python, name); !bytes.empty() && !name.empty() && loads_on(name, glibc)) return with_alias(store, name, bytes);
  return Error(Code::not_found, fmt::format("lock: no wheel of Ninefold for Python {} and glibc {}{}; build it (tools/wheel --python {}) and "
                                            "name its folder: NINEFOLD_WHEELS=FOLDER ninefold lock", python, glibc, seen.empty() ? "" : " (found:" + seen + ")", python));
}

}  // namespace ninefold::env
