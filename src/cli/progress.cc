// In: lines. Out: the user's terminal, and nothing where there is none.
#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <ostream>

namespace ninefold::cli {

std::function<void(const std::string&)> progress(Io& io, bool always) {
  if (!always && !::isatty(2)) return [](const std::string&) {};
  const auto began = std::chrono::steady_clock::now();
  return [&io, began, open = std::make_shared<bool>(false)](const std::string& line) {
    const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    // A line that begins with '\r' stands until the next one takes its place; "\r" alone takes it away.
    const bool passing = !line.empty() && line[0] == '\r';
    io.err << (*open ? "\r\033[K" : "");
    if (line != "\r") io.err << fmt::format("[{:4.0f} s] {}{}", passed, line.substr(passing), passing ? "" : "\n");
    io.err << std::flush;
    *open = passing && line != "\r";
  };
}

std::string program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace ninefold::cli
