// In: lines. Out: stdout through the user's sink, stderr for warnings.
#include "base/log.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace ninefold {
namespace {

void to_stdout(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

Level level_of_environment() {
  const char* text = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (text == nullptr || text[0] < '0' || text[0] > '9') return Level::info;
  return static_cast<Level>(std::min(text[0] - '0', 3));
}

std::atomic<Sink> user_sink{&to_stdout}, print_sink{nullptr};
std::atomic<int> least_level{-1};  // -1: not asked the environment yet

}  // namespace

void set_user_sink(Sink sink) { user_sink.store(sink ? sink : &to_stdout, std::memory_order_release); }

void user_text(std::string_view text) { user_sink.load(std::memory_order_acquire)(text); }

void to_print_sink(Sink sink) { print_sink.store(sink, std::memory_order_release); }

void printed_text(bool to_stdout, std::string_view text) {
  if (const Sink sink = print_sink.load(std::memory_order_acquire)) return sink(text);
  if (to_stdout) return user_text(text);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void set_log_level(Level least) { least_level.store(static_cast<int>(least), std::memory_order_relaxed); }

void log_line(Level level, std::string_view text) {
  int least = least_level.load(std::memory_order_relaxed);
  if (least < 0) {
    least = static_cast<int>(level_of_environment());
    least_level.store(least, std::memory_order_relaxed);
  }
  if (static_cast<int>(level) < least) return;
  constexpr const char* kNames[] = {"info", "warning", "error"};
  // One write a line: lines of several threads never mix.
  std::string line = fmt::format("ninefold: {}: {}\n", kNames[static_cast<int>(level)], text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace ninefold
