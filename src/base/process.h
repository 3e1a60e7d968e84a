// In: a program, its arguments and environment. Out: what it printed and how it ended.
#pragma once

#include <csignal>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ninefold {

struct Program {
  std::vector<std::string> arguments;  // [0] is looked up on PATH unless it holds a slash
  // The whole environment; without it the caller's is inherited.
  std::optional<std::vector<std::string>> environment;
  std::string root;     // chroot to this folder first; needs the right to
  std::string folder;   // working folder; empty: the caller's
  std::string input;    // what it reads; then end of file
  bool merge = false;   // standard error goes where standard output goes
  // Called with every whole line of standard output as it comes.
  std::function<void(std::string_view line)> on_line;
};

struct Finished {
  int status = 0;      // exit status, or 128 + the signal's number
  std::string output;  // standard output
  std::string errors;  // standard error, its last 64 KiB
};

// Runs to the end. An error only where the program could not be started; `status` is the caller's to judge.
// The child dies with the thread that started it.
Result<Finished> run_program(const std::string& operation, const Program& program);

// As above, and a status other than 0 is an error with the last lines of what it said.
Result<Finished> run_or_fail(const std::string& operation, const Program& program);

// The path of a program on PATH (and in the sbin folders, which an ordinary user's PATH lacks), or empty.
std::string find_program(const std::string& name);

// While one lives, writing to a reader that is gone is an error (EPIPE) and not this process' end.
class NoPipeSignal {
 public:
  NoPipeSignal();
  ~NoPipeSignal();
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  struct sigaction before_;
};

}  // namespace ninefold
