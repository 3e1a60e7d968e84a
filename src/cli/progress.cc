// In: lines. Out: the user's terminal.
#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <ostream>

namespace ninefold::cli {

std::function<void(const std::string&)> progress(Io& io, bool always) {
  if (!always && !::isatty(2)) return [](const std::string&) {};
  const auto began = std::chrono::steady_clock::now();
  return [&io, began](const std::string& line) {
    const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    io.err << fmt::format("[{:4.0f} s] {}\n", passed, line) << std::flush;
  };
}

std::string program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace ninefold::cli
