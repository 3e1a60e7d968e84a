// In: a folder that fills, and how many bytes it will hold. Out: how far it is and how long it will still
// take, said twice a second. Such a line begins with '\r': a terminal shows it in place of the last one; "\r" takes it away.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace ninefold::env {

using Say = std::function<void(const std::string& line)>;

// "[####............]", as every long work shows how far it is; share is 0 to 1.
std::string bar(double share);
std::string time_text(double seconds);  // "14 s", "3 min 15 s"

// "\rwheels: [##..............] 12.3 of 85.2 MB, 14 s left"; no time while too little is known to tell one.
std::string pace_text(const std::string& what, std::uint64_t done, std::uint64_t total, double seconds);

// Watches while it lives, and says from a thread of its own.
class Pace {
 public:
  Pace(std::string what, std::string folder, std::uint64_t total, Say say);
  ~Pace();
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;
  // Bytes that have left the folder again, since they are where they belong.
  void moved(std::uint64_t bytes) { moved_ += bytes; }

 private:
  void watch();
  const std::string what_, folder_;
  const std::uint64_t total_;
  const Say say_;
  std::atomic<std::uint64_t> moved_{0};
  std::mutex mutex_;  // of stop_
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace ninefold::env
