// In: bytes moved and bytes in all. Out: on a terminal, one line that is written over; nothing elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/verb.h"

namespace ninefold::cli {

// "120.3 MiB of 290.0 MiB, 41 s left" after so many seconds; the time is told once it can be guessed.
std::string moved_text(std::uint64_t done, std::uint64_t total, double seconds);

class Meter {
 public:
  Meter(Io& io, std::string what) : io_(io), what_(std::move(what)), began_(std::chrono::steady_clock::now()) {}
  ~Meter();
  void at(std::uint64_t done, std::uint64_t total);

 private:
  Io& io_;
  std::string what_;
  std::chrono::steady_clock::time_point began_, last_;
  bool open_ = false;  // the line waits for its end
};

}  // namespace ninefold::cli
