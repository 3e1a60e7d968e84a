// In: requirements. Out: the wheels that fulfil them, by digest, in the store. uv resolves; it is an input
// of the lock itself.
#pragma once

#include <string>
#include <vector>

#include "env/lock/apt.h"
#include "env/lock/lock.h"
#include "env/lock/machine.h"
#include "env/store/store.h"

namespace ninefold::env {

class Pip {
 public:
  // `python` and `glibc` name the target: "3.11", "2.36".
  // `program_folder`: where the ninefold command lies, with the Python that it belongs to.
  Pip(std::string folder, std::string python, std::string glibc, PipSource source, std::string program_folder)
      : folder_(std::move(folder)), python_(std::move(python)), glibc_(std::move(glibc)), source_(std::move(source)),
        program_folder_(std::move(program_folder)) {}

  // The newest uv, or `locked` if the store still has it.
  Result<Input> tool(Store& store, const Input* locked, const Say& say);

  // Wheels only. What stands for TensorFlow and Keras never comes from the index. `before` keeps the
  // versions of an earlier lock where they still fit. Without `fetch` the wheels themselves stay where they are.
  Result<std::vector<Input>> resolve(Store& store, const std::string& part, const std::vector<std::string>& requirements,
                                     const std::vector<Input>& before, bool fetch, const Say& say);

 private:
  Result<void> fetch(Store& store, const std::vector<std::pair<Input, std::string>>& wheels, const Say& say);
  std::string folder_, python_, glibc_;
  PipSource source_;
  std::string program_folder_;
  std::string uv_;  // the program
};

// Pure: what uv calls the platform of a Debian architecture and a glibc: ("amd64", "2.36") is x86_64-manylinux_2_36.
std::string wheel_platform(const std::string& architecture, const std::string& glibc);

// Pure: name, version, file, digest and address of every wheel in a pylock.toml.
Result<std::vector<std::pair<Input, std::string>>> parse_pylock(const std::string& text);

// Ninefold's own wheels for a Python and a glibc ("3.9", "2.31"): from NINEFOLD_WHEELS, [sources] pip_links, or beside the program.
Result<std::vector<Input>> own_wheels(Store& store, const std::string& python, const std::string& glibc, const Sources& sources,
                                      const std::string& program_folder);
// The wheel whose distribution is "tensorflow 2.9.0" and whose modules are Ninefold's.
std::string tensorflow_wheel();

}  // namespace ninefold::env
