// In: lines. Out: the user's terminal, and nothing where there is none.
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
    // A line that begins with '\r' stands until the next one takes its place; "\r" alone takes it away. Several processes
    // may say something, so that each wipes what it finds.
    const bool passing = !line.empty() && line[0] == '\r';
    std::string text = "\r\033[K";
    if (line != "\r") text += fmt::format("[{:4.0f} s] {}{}", passed, line.substr(passing), passing ? "" : "\n");
    io.err << text << std::flush;
  };
}

std::string program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace ninefold::cli
