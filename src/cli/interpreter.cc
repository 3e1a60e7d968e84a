// In: where this command lies. Out: the Python whose package it belongs to.
#include "cli/interpreter.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/check.h"

namespace ninefold::cli {
namespace fs = std::filesystem;
namespace {

bool runnable(const fs::path& path) { return access(path.c_str(), X_OK) == 0 && !fs::is_directory(path); }

// The versions X.Y for which prefix/lib*/pythonX.Y/{site,dist}-packages/ninefold exists.
std::vector<std::string> versions_with_package(const fs::path& prefix) {
  std::vector<std::string> found;
  std::error_code ignored;  // an unreadable folder holds nothing for us
  for (const char* lib : {"lib", "lib64", "local/lib"})
    for (const auto& entry : fs::directory_iterator(prefix / lib, ignored)) {
      const std::string name = entry.path().filename();
      if (name.rfind("python", 0) != 0) continue;
      for (const char* packages : {"site-packages", "dist-packages"})
        if (fs::exists(entry.path() / packages / "ninefold", ignored)) found.push_back(name);
    }
  return found;
}

std::string on_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string rest = path ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    const fs::path candidate = fs::path(rest.substr(0, colon)) / name;
    if (runnable(candidate)) return candidate;
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
  }
  return {};
}

}  // namespace

std::string interpreter() {
  if (const char* named = std::getenv("NINEFOLD_PYTHON"); named && *named) {
    const std::string path = std::strchr(named, '/') ? named : on_path(named);
    check(!path.empty() && runnable(path), Code::not_found,
          "python: NINEFOLD_PYTHON is '{}', which is no program; unset it or name a Python", named);
    return path;
  }
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  const std::vector<std::string> versions = versions_with_package(here.parent_path());
  for (const std::string& name : versions)
    if (runnable(here / name)) return here / name;
  // A virtual environment's python may be named without its version.
  if (!versions.empty() && runnable(here / "python")) return here / "python";
  for (const std::string& name : versions)
    if (std::string path = on_path(name); !path.empty()) return path;
  fail(Code::not_found,
       "python: no Python with the package ninefold beside {}; install the wheel with pip and use the "
       "command it installs, or set NINEFOLD_PYTHON",
       here.string());
}

void become(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  fail(Code::os, "python: {}: {}", program, std::strerror(errno));
}

}  // namespace ninefold::cli
