// In: spans of time, from any thread. Out: what each thread did while somebody recorded; nothing otherwise.
// The whole engine says here what it does; who records, and what becomes of it, is engine/profile's.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ninefold::timeline {

// How much is kept, as TensorFlow counts it (host_tracer_level): steps, functions and waits; ops; their shapes.
enum Level : int { critical = 1, info = 2, verbose = 3 };
// What a span's time was for. `step` and `run` only hold others: their own time is the caller's program, and the engine's.
enum class Kind : uint8_t { other, step, run, op, make, input, wait };

inline constinit std::atomic<int> level{0};            // 0: nobody records, and a span costs this one load
inline bool records(Level l) { return level.load(std::memory_order_relaxed) >= l; }
int64_t now();                                         // nanoseconds of the steady clock

struct Event {
  int64_t begin = 0, end = 0;                          // of the steady clock
  Kind kind = Kind::other;
  std::string name, type;                              // "dense/MatMul", "MatMul"; a type may be missing
  std::string facts;                                   // "key=value" joined by kBetween
};
constexpr char kBetween = '\x1f';
struct Thread {
  int64_t id = 0;                                      // the kernel's number
  std::string name;
  std::vector<Event> events;                           // in the order of their ends
};
struct Recording {
  int64_t begin = 0, end = 0;
  std::vector<Thread> threads;                         // those that told something
  int64_t dropped = 0;                                 // spans beyond what is kept in memory
};

// One at a time: false where one is under way. What begins earlier than `delay` nanoseconds from now is not kept.
bool start(int most, int64_t delay = 0);
Recording stop();

// From here to the end of the scope, or to end(). One thread's; the views live as long as the span. Writing takes no
// lock: each thread has memory of its own, which is handed over when recording stops.
class Span {
 public:
  Span(Level l, Kind kind, std::string_view name, std::string_view type = {})
      : begin_(records(l) ? now() : 0), name_(name), type_(type), kind_(kind) {}
  Span(const Span&) = delete;
  ~Span() { end(); }
  // True iff it is recorded: then what costs time to say is worth saying.
  explicit operator bool() const { return begin_ != 0; }
  void rename(std::string_view name) { name_ = name; }
  void fact(std::string_view key, std::string_view value);
  void fact(std::string_view key, int64_t value);
  void end() {
    if (begin_ != 0) [[unlikely]] keep();
  }
  void forget() { begin_ = 0; }

 private:
  void keep() noexcept;
  int64_t begin_;
  std::string_view name_, type_;
  Kind kind_;
  std::string facts_;
};

}  // namespace ninefold::timeline
