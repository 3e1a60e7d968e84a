// In: a test's name. Out: a folder of its own, which goes with the object.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace ninefold::env {

class TemporaryFolder {
 public:
  // In memory where the machine has such a place, for tests that would wait for a disk all the time.
  enum class Where { usual, memory };

  explicit TemporaryFolder(const std::string& name, Where where = Where::usual) {
    const bool memory = where == Where::memory && ::access("/dev/shm", W_OK) == 0;
    path = (memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) + "/ninefold-" + name + ".XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder can be made: " + path);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  std::string path;
};

}  // namespace ninefold::env
