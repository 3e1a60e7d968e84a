// In: what threads (base/timeline.h) and devices tell while a session is open. Out: one space of planes and lines, times
// from its beginning on; and where the time of each step went. What is written of it is train/io's (profile_files.h).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/timeline.h"

namespace ninefold::profile {

struct Stat {
  std::string name;
  std::variant<int64_t, double, std::string> value;
};
struct Event {
  std::string name, type;
  int64_t begin = 0, length = 0;               // nanoseconds since the space's beginning
  timeline::Kind kind = timeline::Kind::other;
  std::vector<Stat> stats;
};
struct Line {
  int64_t id = 0;
  std::string name;
  std::vector<Event> events;                   // in the order of their beginnings, those that hold others first
};
struct Plane {
  std::string name;                            // "/host:CPU", "/device:GPU:0"
  std::vector<Line> lines;
  std::vector<Stat> stats = {};
};
struct Space {
  int64_t began = 0, length = 0;               // nanoseconds: since the epoch of UNIX; of the session
  std::vector<Plane> planes;
  std::vector<std::string> warnings;
};
inline bool is_device(const Plane& p) { return p.name.starts_with("/device:"); }

struct Options {
  int host = timeline::info;                   // timeline::Level; 0: nothing of the host
  int device = 1;                              // 0: nothing of devices
  int64_t delay_ms = 0;                        // from when on something is kept
};

// A device that has a timeline of its own. `begin` and `end` are of the steady clock.
struct Source {
  void (*start)();
  void (*stop)(int64_t begin, int64_t end, Space& into);
};
struct AddSource {
  explicit AddSource(Source);
};

// One session at a time: AlreadyExistsError "Another profiler is running.", UnavailableError where none is.
void start(const Options& = {});
Space stop();
bool active();

// ---- pure ----

// The host's plane of a recording: facts are told apart, numbers as numbers.
Plane host_plane(const timeline::Recording&);

// Where time went: of the thread that makes the step, by the innermost span.
enum class Cause { input, making, computing, waiting, engine, program };
constexpr std::array kCauses = {"input", "tracing, compiling", "ops", "waiting", "engine", "Python and the rest"};
using Shares = std::array<int64_t, kCauses.size()>;   // nanoseconds by Cause
struct Step {
  std::string name;
  int64_t number = -1;
  int64_t begin = 0, length = 0;               // from the step before (its own beginning, for the first) to its end
  Shares host{};
  int64_t device_busy = 0;                     // of all devices: when at least one computes or copies
  Shares device_idle{};                        // what the host did while none did; zeros where there is no device
};
// A step is a span with the fact _r=1, as Keras and programs mark them.
std::vector<Step> steps(const Space&);
// The same for people: a line a step, then what mattered most.
std::string told(const std::vector<Step>&);
// Puts what `steps` says beside the steps' events, where TensorBoard's trace viewer shows it.
void annotate(Space&, const std::vector<Step>&);

}  // namespace ninefold::profile
