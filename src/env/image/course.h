// In: how far each part of a build is, told by several processes. Out: one line for all of it, with the time that is left.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "env/lock/pace.h"

namespace ninefold::env::image {

enum class Stage { system, packages, tools, python, ninefold, tree };
inline constexpr std::size_t kStages = 6;

// What a build knows of itself at one moment; pure.
struct Standing {
  struct Part {
    double seconds = 0;       // that it takes on some machine; 0: there is nothing to do
    std::uint64_t bytes = 0;  // of its packages
    double share = 0;         // 0 to 1
  };
  Part parts[kStages];
  double passed = 0;
};
// "\rbuilding: [####....] 43 %, 125.3 of 290.1 MB of packages, 21 s left"
std::string standing_text(const Standing& standing);

class Course {
 public:
  explicit Course(Say say);
  ~Course();  // takes the line away
  Course(const Course&) = delete;
  Course& operator=(const Course&) = delete;

  // Before begin(): that a stage has something to do.
  void expect(Stage stage, double seconds, std::uint64_t bytes);
  // A process of its own says the line twice a second from now on.
  void begin();
  // From this process or one that it forked; a share never becomes smaller.
  void at(Stage stage, double share);
  // The stage is as far as `file` holds lines of dpkg's about packages, of so many.
  void watch(Stage stage, const std::string& file, std::size_t lines);

 private:
  struct Shared;
  [[noreturn]] void tell() const;
  Say say_;
  Shared* shared_;
  pid_t pid_ = -1;
};

}  // namespace ninefold::env::image
