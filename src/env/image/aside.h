// In: a piece of work. Out: its answer, worked out in a process beside the caller's. A process and not a
// thread: what runs in namespaces must be started by a process with one thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "base/fd.h"

namespace ninefold::env::image {

// How many processors this process may use.
int processors();

class Aside {
 public:
  Aside() = default;
  // Starts at once. What `body` throws comes out of join().
  Aside(const std::string& operation, const std::function<std::string()>& body);
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;
  ~Aside();  // an answer that nobody waits for any more is not worked out
  std::string join();

 private:
  std::string operation_;
  pid_t pid_ = -1;
  Fd answer_;
};

}  // namespace ninefold::env::image
