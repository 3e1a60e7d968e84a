// In: how far each part of a build is. Out: one line for all of it. What is shared lies in memory that forked processes see.
#include "env/image/course.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <new>

namespace ninefold::env::image {

struct Course::Shared {
  struct Part {
    double seconds = 0;
    std::uint64_t bytes = 0;
    std::atomic<std::uint32_t> share{0};  // of a million
    char file[512] = {};
    std::size_t lines = 0;
    std::atomic<bool> watched{false};  // set after file and lines
  } parts[kStages];
};

std::string standing_text(const Standing& standing) {
  double seconds = 0, done = 0, bytes = 0, moved = 0;
  for (const Standing::Part& part : standing.parts) {
    seconds += part.seconds, done += part.seconds * part.share;
    bytes += static_cast<double>(part.bytes), moved += static_cast<double>(part.bytes) * part.share;
  }
  if (seconds <= 0) return "\r";
  const auto of = [&](Stage stage) { return standing.parts[static_cast<std::size_t>(stage)]; };
  // Debian's part and Python's are made side by side, the tree after both.
  const auto left = [&](std::initializer_list<Stage> stages) {
    double sum = 0;
    for (const Stage stage : stages) sum += of(stage).seconds * (1 - of(stage).share);
    return sum;
  };
  const double guess = std::max(left({Stage::system, Stage::packages}), left({Stage::tools, Stage::python, Stage::ninefold})) + left({Stage::tree});
  const double share = done / seconds;
  std::string text = fmt::format("\rbuilding: {} {:.0f} %, {:.1f} of {:.1f} MB of packages", bar(share), 100 * share, moved / 1e6, bytes / 1e6);
  // At first what other machines took, then what this one does.
  if (standing.passed >= 1 && share < 1) {
    const double paced = share > 0.02 ? standing.passed * (1 - share) / share : guess;
    text += ", " + time_text((1 - share) * guess + share * paced) + " left";
  }
  return text;
}

Course::Course(Say say) : say_(std::move(say)), shared_(nullptr) {
  void* memory = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) shared_ = new (memory) Shared;  // without it nothing is told
}

Course::~Course() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    say_("\r");
  }
  if (shared_) ::munmap(shared_, sizeof(Shared));
}

void Course::expect(Stage stage, double seconds, std::uint64_t bytes) {
  if (!shared_) return;
  shared_->parts[static_cast<std::size_t>(stage)].seconds = seconds;
  shared_->parts[static_cast<std::size_t>(stage)].bytes = bytes;
}

void Course::at(Stage stage, double share) {
  if (!shared_) return;
  std::atomic<std::uint32_t>& mark = shared_->parts[static_cast<std::size_t>(stage)].share;
  const auto now = static_cast<std::uint32_t>(std::clamp(share, 0.0, 1.0) * 1e6);
  for (std::uint32_t before = mark; before < now && !mark.compare_exchange_weak(before, now);) {
  }
}

void Course::watch(Stage stage, const std::string& file, std::size_t lines) {
  if (!shared_ || file.size() >= sizeof(Shared::Part::file) || lines == 0) return;
  Shared::Part& part = shared_->parts[static_cast<std::size_t>(stage)];
  std::memcpy(part.file, file.c_str(), file.size() + 1);
  part.lines = lines;
  part.watched = true;
}

void Course::begin() {
  if (!shared_ || pid_ > 0) return;
  pid_ = ::fork();
  if (pid_ == 0) tell();
}

void Course::tell() const {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto began = std::chrono::steady_clock::now();
  for (;;) {
    ::usleep(500000);
    Standing now;
    now.passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    for (std::size_t i = 0; i < kStages; ++i) {
      const Shared::Part& part = shared_->parts[i];
      now.parts[i] = {part.seconds, part.bytes, part.share / 1e6};
      if (!part.watched) continue;
      std::ifstream file(part.file);
      std::size_t lines = 0;
      for (std::string line; std::getline(file, line);)
        lines += line.find(" status unpacked ") != std::string::npos || line.find(" status installed ") != std::string::npos;
      // A tenth is left for what comes after dpkg.
      now.parts[i].share = std::max(now.parts[i].share, 0.9 * std::min(1.0, static_cast<double>(lines) / static_cast<double>(part.lines)));
    }
    say_(standing_text(now));
  }
}

}  // namespace ninefold::env::image
