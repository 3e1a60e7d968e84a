// In: what threads and devices tell while a session is open. Out: one space of planes and lines.
#include "engine/profile/session.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <mutex>

#include "base/check.h"

namespace ninefold::profile {
namespace {

struct Session {
  std::mutex mutex;                            // guards what follows
  bool active = false;
  Options options;
  int64_t epoch = 0;                           // what UNIX' clock is ahead of the steady one
  std::vector<Source> sources;
};
Session& session() {
  static Session* const s = new Session();
  return *s;
}

Stat stat_of(std::string_view fact) {
  const size_t at = std::min(fact.find('='), fact.size());
  const std::string_view text = at < fact.size() ? fact.substr(at + 1) : "";
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = !text.empty() && fault == std::errc() && end == text.data() + text.size();
  Stat s{std::string(fact.substr(0, at)), {}};
  if (whole) s.value = number;
  else s.value = std::string(text);
  return s;
}

}  // namespace

AddSource::AddSource(Source s) {
  const std::lock_guard hold(session().mutex);
  session().sources.push_back(s);
}

bool active() {
  const std::lock_guard hold(session().mutex);
  return session().active;
}

void start(const Options& options) {
  Session& s = session();
  const std::lock_guard hold(s.mutex);
  check(!s.active, Code::already_exists, "Another profiler is running.");
  check(options.host >= 0 && options.host <= timeline::verbose, "profiler: host_tracer_level must be 0, 1, 2 or 3, got {}", options.host);
  check(options.device == 0 || options.device == 1, "profiler: device_tracer_level must be 0 or 1, got {}", options.device);
  check(options.delay_ms >= 0, "profiler: delay_ms must not be negative, got {}", options.delay_ms);
  using namespace std::chrono;
  s.epoch = duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count() - timeline::now();
  if (options.device)
    for (const Source& source : s.sources) source.start();
  NINEFOLD_INVARIANT(timeline::start(options.host, options.delay_ms * 1000000));
  s.options = options;
  s.active = true;
}

Space stop() {
  Session& s = session();
  const std::lock_guard hold(s.mutex);
  check(s.active, Code::unavailable, "Cannot export profiling results. No profiler is running.");
  s.active = false;
  const timeline::Recording recording = timeline::stop();
  Space space{recording.begin + s.epoch, std::max<int64_t>(0, recording.end - recording.begin), {}, {}};
  space.planes.push_back(host_plane(recording));
  if (recording.dropped > 0)
    space.warnings.push_back(fmt::format("{} spans were not kept: a session holds about a million; profile fewer steps, or with a "
                                         "lower host_tracer_level", recording.dropped));
  if (s.options.device)
    for (const Source& source : s.sources) source.stop(recording.begin, recording.end, space);
  annotate(space, steps(space));
  return space;
}

Plane host_plane(const timeline::Recording& recording) {
  Plane plane{"/host:CPU", {}, {}};
  for (const timeline::Thread& thread : recording.threads) {
    Line line{thread.id, thread.name, {}};
    for (const timeline::Event& e : thread.events) {
      Event event{e.name, e.type, e.begin - recording.begin, e.end - e.begin, e.kind, {}};
      for (size_t at = 0; at < e.facts.size();) {
        const size_t end = std::min(e.facts.find(timeline::kBetween, at), e.facts.size());
        event.stats.push_back(stat_of(std::string_view(e.facts).substr(at, end - at)));
        at = end + 1;
      }
      line.events.push_back(std::move(event));
    }
    // They come in the order of their ends: of two that begin at once, the later one told holds the other.
    std::reverse(line.events.begin(), line.events.end());
    std::stable_sort(line.events.begin(), line.events.end(), [](const Event& a, const Event& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.length > b.length;
    });
    plane.lines.push_back(std::move(line));
  }
  return plane;
}

}  // namespace ninefold::profile
