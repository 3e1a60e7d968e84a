// In: a space of planes and lines. Out: where the time of each step went, on the thread that made it and on devices.
#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "engine/profile/session.h"

namespace ninefold::profile {
namespace {

using timeline::Kind;

Cause cause_of(Kind kind) {
  switch (kind) {
    case Kind::input: return Cause::input;
    case Kind::make: return Cause::making;
    case Kind::op: return Cause::computing;
    case Kind::wait: return Cause::waiting;
    case Kind::run: return Cause::engine;
    case Kind::step:
    case Kind::other: break;
  }
  return Cause::program;
}

struct Piece {
  int64_t begin, end;
  Cause cause;
};

// A thread's time cut where the innermost span changes. What no span covers is the program's.
// An op that a map function runs while the step waits for its input is the input's, and so on: the outermost span that is
// not a step's, a run's or nobody's decides.
std::vector<Piece> pieces(const Line& line, int64_t length) {
  std::vector<Piece> out;
  struct Open {
    int64_t end;
    Cause cause;
  };
  std::vector<Open> open;
  int64_t at = 0;
  const auto until = [&](int64_t time) {
    if (time > at) out.push_back({at, time, open.empty() ? Cause::program : open.back().cause});
    at = std::max(at, time);
  };
  for (const Event& e : line.events) {
    while (!open.empty() && open.back().end <= e.begin) {
      until(open.back().end);
      open.pop_back();
    }
    until(e.begin);
    const Cause around = open.empty() ? Cause::program : open.back().cause;
    const bool decided = around == Cause::input || around == Cause::making || around == Cause::waiting;
    open.push_back({e.begin + e.length, decided ? around : cause_of(e.kind)});
  }
  while (!open.empty()) {
    until(open.back().end);
    open.pop_back();
  }
  until(length);
  return out;
}

Shares shares(const std::vector<Piece>& all, int64_t begin, int64_t end) {
  Shares s{};
  for (const Piece& p : all)
    s[static_cast<size_t>(p.cause)] += std::max<int64_t>(0, std::min(p.end, end) - std::max(p.begin, begin));
  return s;
}

using Interval = std::pair<int64_t, int64_t>;
// When at least one device is at work, in order and apart.
std::vector<Interval> busy_times(const Space& space) {
  std::vector<Interval> all, out;
  for (const Plane& plane : space.planes)
    if (is_device(plane))
      for (const Line& line : plane.lines)
        for (const Event& e : line.events) all.emplace_back(e.begin, e.begin + e.length);
  std::sort(all.begin(), all.end());
  for (const Interval& i : all)
    if (!out.empty() && i.first <= out.back().second) out.back().second = std::max(out.back().second, i.second);
    else out.push_back(i);
  return out;
}

int64_t number_in(const Event& e, std::string_view name, int64_t otherwise) {
  for (const Stat& s : e.stats)
    if (s.name == name)
      if (const int64_t* n = std::get_if<int64_t>(&s.value)) return *n;
  return otherwise;
}
bool is_step(const Event& e) { return number_in(e, "_r", 0) == 1; }

size_t largest(const Shares& s) { return static_cast<size_t>(std::max_element(s.begin(), s.end()) - s.begin()); }
double ms(int64_t ns) { return static_cast<double>(ns) / 1e6; }
double percent(int64_t part, int64_t whole) { return whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0; }

}  // namespace

std::vector<Step> steps(const Space& space) {
  std::vector<Step> out;
  const std::vector<Interval> busy = busy_times(space);
  const bool devices = std::any_of(space.planes.begin(), space.planes.end(), is_device);
  for (const Plane& plane : space.planes) {
    if (is_device(plane)) continue;
    for (const Line& line : plane.lines) {
      if (std::none_of(line.events.begin(), line.events.end(), is_step)) continue;
      const std::vector<Piece> all = pieces(line, space.length);
      int64_t before = -1;
      for (const Event& e : line.events) {
        if (!is_step(e)) continue;
        const int64_t begin = before < 0 ? e.begin : before, end = e.begin + e.length;
        if (end <= begin) continue;              // within another step
        Step step{e.name, number_in(e, "step_num", -1), begin, end - begin, shares(all, begin, end), 0, {}};
        int64_t at = begin;                      // until where devices are looked at
        for (const Interval& i : busy) {
          const int64_t from = std::max(i.first, begin), to = std::min(i.second, end);
          if (from >= to) continue;
          const Shares idle = shares(all, at, from);
          for (size_t c = 0; c < idle.size(); ++c) step.device_idle[c] += idle[c];
          step.device_busy += to - from;
          at = to;
        }
        if (devices) {
          const Shares idle = shares(all, at, end);
          for (size_t c = 0; c < idle.size(); ++c) step.device_idle[c] += idle[c];
        }
        out.push_back(std::move(step));
        before = end;
      }
    }
  }
  return out;
}

std::string told(const std::vector<Step>& all) {
  std::string text = "Where the time of each step went, in milliseconds of the thread that made it. A step lasts from the end of the one before\n"
                     "to its own end; what is nested counts for the innermost span.\n\n";
  const bool devices = std::any_of(all.begin(), all.end(), [](const Step& s) {
    return s.device_busy > 0 || std::accumulate(s.device_idle.begin(), s.device_idle.end(), int64_t{0}) > 0;
  });
  text += fmt::format("{:<16} {:>8} {:>10}", "step", "number", "ms");
  for (const char* cause : kCauses) text += fmt::format(" {:>20}", cause);
  text += devices ? fmt::format(" {:>12} {:>12}\n", "device busy", "idle") : "\n";
  Shares host{}, idle{};
  int64_t length = 0, busy = 0;
  for (const Step& s : all) {
    text += fmt::format("{:<16} {:>8} {:>10.3f}", s.name, s.number, ms(s.length));
    for (const int64_t ns : s.host) text += fmt::format(" {:>20.3f}", ms(ns));
    text += devices ? fmt::format(" {:>12.3f} {:>12.3f}\n", ms(s.device_busy), ms(s.length - s.device_busy)) : "\n";
    for (size_t c = 0; c < host.size(); ++c) host[c] += s.host[c], idle[c] += s.device_idle[c];
    length += s.length, busy += s.device_busy;
  }
  if (all.empty()) return text + "No step was marked: `with tf.profiler.experimental.Trace(\"train\", step_num=i, _r=1):` marks one; fit does by itself.\n";
  text += fmt::format("\n{} steps took {:.3f} ms; most of it, {:.0f} %: {}.\n", all.size(), ms(length), percent(host[largest(host)], length),
                      kCauses[largest(host)]);
  if (devices)
    text += fmt::format("Devices worked {:.0f} % of it. While none did, the host was busy mostly ({:.0f} % of that time) with: {}.\n", percent(busy, length),
                        percent(idle[largest(idle)], length - busy), kCauses[largest(idle)]);
  return text;
}

void annotate(Space& space, const std::vector<Step>& all) {
  size_t next = 0;
  for (Plane& plane : space.planes)
    for (Line& line : plane.lines)
      for (Event& e : line.events) {
        if (next >= all.size() || is_device(plane) || !is_step(e) || e.begin + e.length != all[next].begin + all[next].length) continue;
        const Step& step = all[next++];
        for (size_t c = 0; c < kCauses.size(); ++c)
          e.stats.push_back({fmt::format("{} (us)", kCauses[c]), static_cast<double>(step.host[c]) / 1e3});
        if (step.device_busy > 0) e.stats.push_back({"device busy (us)", static_cast<double>(step.device_busy) / 1e3});
      }
}

}  // namespace ninefold::profile
