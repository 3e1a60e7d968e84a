// In: bytes moved. Out: how many of how many, and how long the rest will take.
#include "cli/meter.h"

#include <fmt/format.h>
#include <unistd.h>

#include <ostream>

#include "cli/environment.h"
#include "env/lock/pace.h"

namespace ninefold::cli {

std::string moved_text(std::uint64_t done, std::uint64_t total, double seconds) {
  std::string text = fmt::format("{} of {}", size_text(done), size_text(total));
  if (seconds >= 1 && done > 0 && done < total) {
    const double left = seconds * static_cast<double>(total - done) / static_cast<double>(done);
    text += fmt::format(", {} left", duration_text(static_cast<std::int64_t>(left) * 1000 + 1000));
  }
  return text;
}

Meter::~Meter() {
  if (open_) io_.err << "\n" << std::flush;
}

void Meter::at(std::uint64_t done, std::uint64_t total) {
  if (!::isatty(2)) return;
  const auto now = std::chrono::steady_clock::now();
  if (done < total && now - last_ < std::chrono::milliseconds(250)) return;
  last_ = now;
  open_ = true;
  const double passed = std::chrono::duration<double>(now - began_).count();
  const double share = total ? static_cast<double>(done) / static_cast<double>(total) : 0;
  io_.err << fmt::format("\r[{:4.0f} s] {}: {} {}\033[K", passed, what_, env::bar(share), moved_text(done, total, passed)) << std::flush;
}

}  // namespace ninefold::cli
