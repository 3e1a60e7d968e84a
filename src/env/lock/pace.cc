// In: bytes and seconds. Out: a line of progress.
#include "env/lock/pace.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace ninefold::env {
namespace fs = std::filesystem;
namespace {

std::uint64_t bytes_in(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (auto at = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, ignored);
       at != fs::recursive_directory_iterator(); at.increment(ignored)) {
    if (ignored) break;
    std::error_code gone;  // files are renamed while they are looked at
    if (at->is_regular_file(gone))
      if (const std::uintmax_t size = at->file_size(gone); !gone) bytes += size;
  }
  return bytes;
}

}  // namespace

std::string bar(double share) {
  constexpr int kWidth = 24;
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * kWidth);
  return "[" + std::string(static_cast<std::size_t>(full), '#') + std::string(static_cast<std::size_t>(kWidth - full), '.') + "]";
}

std::string time_text(double seconds) {
  const int whole = static_cast<int>(seconds + 0.5);
  return whole < 60 ? fmt::format("{} s", whole) : fmt::format("{} min {} s", whole / 60, whole % 60);
}

std::string pace_text(const std::string& what, std::uint64_t done, std::uint64_t total, double seconds) {
  if (total == 0) return fmt::format("\r{}: {:.1f} MB", what, static_cast<double>(done) / 1e6);  // nobody told sizes
  done = std::min(done, total);
  std::string text = fmt::format("\r{}: {} {:.1f} of {:.1f} MB", what, bar(static_cast<double>(done) / static_cast<double>(total)),
                                 static_cast<double>(done) / 1e6, static_cast<double>(total) / 1e6);
  if (seconds >= 1 && done > total / 50 && done < total)
    text += ", " + time_text(seconds * static_cast<double>(total - done) / static_cast<double>(done)) + " left";
  return text;
}

Pace::Pace(std::string what, std::string folder, std::uint64_t total, Say say)
    : what_(std::move(what)), folder_(std::move(folder)), total_(total), say_(std::move(say)), thread_([this] { watch(); }) {}

Pace::~Pace() {
  {
    const std::lock_guard<std::mutex> held(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
  say_("\r");
}

void Pace::watch() {
  const auto began = std::chrono::steady_clock::now();
  const std::uint64_t before = bytes_in(folder_);
  std::unique_lock<std::mutex> held(mutex_);
  while (!wake_.wait_for(held, std::chrono::milliseconds(500), [this] { return stop_; })) {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const std::uint64_t now = bytes_in(folder_) + moved_;
    say_(pace_text(what_, now > before ? now - before : 0, total_, seconds));
  }
}

}  // namespace ninefold::env
