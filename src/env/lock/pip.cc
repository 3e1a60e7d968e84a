// In: requirements. Out: wheels. The index and its addresses stay outside of what is returned.
#include "env/lock/pip.h"

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/atomic_file.h"
#include "base/process.h"
#include "base/text.h"
#include "env/lock/zip.h"
#include "env/spec/toml.h"

namespace ninefold::env {
namespace fs = std::filesystem;
namespace {

// Never from the index: Ninefold's own wheel carries their metadata. The marker is true nowhere, so a
// dependency on one of them vanishes.
constexpr const char* kOverrides =
    "tensorflow ; sys_platform == 'never'\ntensorflow-cpu ; sys_platform == 'never'\ntensorflow-gpu ; sys_platform == 'never'\n"
    "tensorflow-intel ; sys_platform == 'never'\ntensorflow-io-gcs-filesystem ; sys_platform == 'never'\n"
    "keras ; sys_platform == 'never'\ntf-keras ; sys_platform == 'never'\n";

std::string base_name(const std::string& path) {
  const std::string plain = path.substr(0, path.find_first_of("?#"));
  return plain.substr(plain.rfind('/') + 1);
}

std::string unescape(std::string text) {
  for (std::size_t at = 0; (at = text.find("%2B", at)) != std::string::npos || (at = text.find("%2b")) != std::string::npos;) text.replace(at, 3, "+");
  return text;
}

std::vector<std::string> environment(const PipSource& source, const std::string& folder) {
  std::vector<std::string> all = {"HOME=" + folder, "UV_CACHE_DIR=" + folder + "/cache", "UV_NO_CONFIG=1", "UV_PYTHON_DOWNLOADS=never", "LC_ALL=C.UTF-8", "NO_COLOR=1"};
  for (const char* name : {"PATH", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"})
    if (const char* value = ::getenv(name)) all.push_back(fmt::format("{}={}", name, value));
  all.insert(all.end(), source.environment.begin(), source.environment.end());
  return all;
}

// apt's downloader: on every Debian, knows proxies and certificates.
Result<void> download(const std::vector<std::pair<std::string, std::string>>& files, const PipSource& source) {
  Program run;
  run.arguments = {"/usr/lib/apt/apt-helper", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3", "-qq", "download-file"};
  for (const auto& [address, path] : files) run.arguments.insert(run.arguments.end(), {address, path, ""});
  run.environment = environment(source, "/tmp");
  Result<Finished> done = run_or_fail("lock: fetch from the Python index", run);
  if (!done) return Error(Code::unavailable, done.error().message() + "; check the network, and pip's configuration or [sources]");
  return {};
}

}  // namespace

Result<std::vector<std::pair<Input, std::string>>> parse_pylock(const std::string& text) {
  const toml::parse_result parsed = toml::parse(text);
  const auto bad = [](const std::string& what) { return Error(Code::data_loss, "lock: uv's answer cannot be read: " + what); };
  if (!parsed) return bad(std::string(parsed.error().description()));
  std::vector<std::pair<Input, std::string>> all;
  const toml::array* packages = parsed.table()["packages"].as_array();
  if (!packages) return all;
  for (const toml::node& node : *packages) {
    const toml::table* table = node.as_table();
    if (!table) return bad("a package is no table");
    Input input;
    input.name = (*table)["name"].value_or(std::string());
    input.version = (*table)["version"].value_or(std::string());
    const toml::array* wheels = (*table)["wheels"].as_array();
    if (!wheels || wheels->empty())
      return Error(Code::not_found, fmt::format("lock: {} {} has no wheel for this Python and platform; ask for another version, or build one "
                                                "and name its folder in [sources] pip_links", input.name, input.version));
    const toml::table* wheel = wheels->front().as_table();
    if (!wheel) return bad("a wheel is no table");
    std::string address = (*wheel)["url"].value_or(std::string());
    if (address.empty()) address = (*wheel)["path"].value_or(std::string());
    input.file = (*wheel)["name"].value_or(unescape(base_name(address)));
    input.size = static_cast<std::uint64_t>((*wheel)["size"].value_or(std::int64_t{0}));
    if (const auto hash = (*wheel)["hashes"]["sha256"].value<std::string>()) input.digest = "sha256:" + *hash;
    if (input.name.empty() || address.empty()) return bad("a package has no name or address");
    all.emplace_back(std::move(input), std::move(address));
  }
  return all;
}

Result<Input> Pip::tool(Store& store, const Input* locked, const Say& say) {
  Input input;
  if (locked && store.has(Shelf::inputs, locked->digest)) {
    input = *locked;
  } else {
    // The machine's own pip knows its index, proxies and certificates.
    say("fetching uv, the resolver and installer");
    const std::string into = folder_ + "/tool";
    std::string wheel, said = "no Python was found";
    for (const std::string& python : {program_folder_ + "/python", program_folder_ + "/../../../.venv/bin/python", std::string("python3"),
                                      std::string("/usr/bin/python3")}) {
      Program run;
      run.arguments = {python, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "-d", into, "uv"};
      Result<Finished> done = run_or_fail("lock", run);
      if (!done) {
        said = done.error().message();
        continue;
      }
      std::error_code error;
      for (const auto& entry : fs::directory_iterator(into, error)) wheel = entry.path();
      if (!wheel.empty()) break;
    }
    if (wheel.empty())
      return Error(Code::unavailable, "lock: pip cannot fetch uv: " + said + "; check the network and pip's configuration, or install python3-pip");
    Result<std::string> put = store.put_file(Shelf::inputs, wheel);
    if (!put) return put.error();
    struct stat status {};
    ::stat(wheel.c_str(), &status);
    const std::string name = fs::path(wheel).filename();
    input = {"uv", std::string(split(name, '-').at(1)), name, static_cast<std::uint64_t>(status.st_size), put.value()};
  }
  Result<std::string> archive = store.get(Shelf::inputs, input.digest);
  if (!archive) return archive.error();
  Result<std::string> program = read_zip_member(archive.value(), ".data/scripts/uv");
  if (!program) return program.error();
  uv_ = folder_ + "/uv";
  if (Result<void> written = write_atomically("lock", uv_, program.value()); !written) return written.error();
  if (::chmod(uv_.c_str(), 0755) != 0) return errno_error(errno, "lock: chmod " + uv_);
  return input;
}

// uv names platforms up to glibc 2.40 and refuses what is newer. Every newer glibc loads such wheels, and no wheel of
// the index asked for more when Debian 13 (2.41) came out.
std::string wheel_platform(const std::string& architecture, const std::string& glibc) {
  constexpr int kNewest = 40;
  const int minor = std::min(std::atoi(glibc.substr(glibc.find('.') + 1).c_str()), kNewest);
  return fmt::format("{}-manylinux_2_{}", architecture == "arm64" ? "aarch64" : "x86_64", minor);
}

Result<std::vector<Input>> Pip::resolve(Store& store, const std::string& part, const std::vector<std::string>& requirements,
                                        const std::vector<Input>& before, bool wanted, const Say& say) {
  if (requirements.empty()) return std::vector<Input>();
  std::string wishes, kept;
  for (const std::string& one : requirements) wishes += one + "\n";
  for (const Input& one : before) kept += one.name + "==" + one.version + "\n";
  const std::string in = folder_ + "/" + part + ".in", overrides = folder_ + "/overrides.txt", constraints = folder_ + "/" + part + ".kept",
                    out = folder_ + "/pylock." + part + ".toml";
  for (const auto& [path, text] : {std::pair{in, wishes}, {overrides, std::string(kOverrides)}, {constraints, kept}})
    if (Result<void> written = write_atomically("lock", path, text); !written) return written.error();
  const auto run_uv = [&](bool keep) {
    Program run;
    run.arguments = {uv_, "pip", "compile", in, "--override", overrides, "--python-version", python_, "--python-platform",
                     wheel_platform(machine_architecture(), glibc_), "--only-binary", ":all:", "--format", "pylock.toml", "--no-header",
                     "--no-annotate", "-q", "-o", out};
    if (keep) run.arguments.insert(run.arguments.end(), {"-c", constraints});
    run.arguments.insert(run.arguments.end(), source_.arguments.begin(), source_.arguments.end());
    run.environment = environment(source_, folder_);
    return run_or_fail("lock: uv", run);
  };
  Result<Finished> done = run_uv(!kept.empty());
  if (!done && !kept.empty()) done = run_uv(false);  // what was locked no longer fits the wishes
  if (!done) {
    const std::string& said = done.error().message();
    const bool network = said.find("Failed to fetch") != std::string::npos || said.find("error sending request") != std::string::npos;
    return Error(network ? Code::unavailable : Code::not_found,
                 said + (network ? "; check the network, and pip's configuration or [sources]" : "; see [packages] pip in ninefold.toml"));
  }
  Result<std::string> text = read_file("lock", out);
  if (!text) return text.error();
  auto wheels = parse_pylock(text.value());
  if (!wheels) return wheels.error();
  if (Result<void> fetched = wanted ? fetch(store, wheels.value(), say) : Result<void>(); !fetched) return fetched.error();
  std::vector<Input> all;
  for (auto& [input, address] : wheels.value()) {
    struct stat status {};
    if (::stat(store.path(Shelf::inputs, input.digest).c_str(), &status) == 0) input.size = static_cast<std::uint64_t>(status.st_size);
    all.push_back(std::move(input));
  }
  std::sort(all.begin(), all.end(), [](const Input& a, const Input& b) { return a.name < b.name; });
  return all;
}

Result<void> Pip::fetch(Store& store, const std::vector<std::pair<Input, std::string>>& wheels, const Say& say) {
  std::vector<std::pair<std::string, std::string>> files;
  std::uint64_t bytes = 0;  // an index may keep sizes to itself
  for (const auto& [input, address] : wheels) {
    if (store.has(Shelf::inputs, input.digest)) continue;
    const bool local = address.find("://") == std::string::npos || address.rfind("file://", 0) == 0;
    if (local) {
      std::string path = address.rfind("file://", 0) == 0 ? address.substr(7) : address;
      if (path[0] != '/') path = folder_ + "/" + path;
      if (Result<std::string> put = store.put_file(Shelf::inputs, path, input.digest); !put) return put.error();
    } else {
      files.emplace_back(address, folder_ + "/" + input.file);
      bytes += input.size;
    }
  }
  if (files.empty()) return {};
  say(fmt::format("fetching {} wheels, {:.1f} MB", files.size(), static_cast<double>(bytes) / 1e6));
  Pace pace("wheels", folder_, bytes, say);
  constexpr std::size_t kBatch = 20;  // apt-helper fetches a batch at once; a batch that is in the store stays there
  for (std::size_t start = 0; start < files.size(); start += kBatch) {
    const std::vector<std::pair<std::string, std::string>> batch(files.begin() + static_cast<long>(start),
                                                                 files.begin() + static_cast<long>(std::min(files.size(), start + kBatch)));
    if (Result<void> got = download(batch, source_); !got) return got;
    for (const auto& [input, address] : wheels) {
      const std::string path = folder_ + "/" + input.file;
      if (store.has(Shelf::inputs, input.digest) || ::access(path.c_str(), R_OK) != 0) continue;
      if (Result<std::string> put = store.put_file(Shelf::inputs, path, input.digest); !put) return put.error();
      ::unlink(path.c_str());
      pace.moved(input.size);
    }
  }
  return {};
}

}  // namespace ninefold::env
