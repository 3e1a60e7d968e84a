// In: what cards did while a profile was recorded. Out: their planes, each span with the op that asked for it.
#include "engine/device/cuda/timeline.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/check.h"

namespace ninefold::cuda {
namespace {

constexpr const char* kNumber = "correlation_id";   // TensorFlow's word for it
std::atomic<uint64_t> next_mark{1};

int64_t number_of(const profile::Event& e, const char* name) {
  for (const profile::Stat& s : e.stats)
    if (s.name == name)
      if (const int64_t* n = std::get_if<int64_t>(&s.value)) return *n;
  return -1;
}

struct Asker {
  std::string op;
  int64_t step = -1;
};
// Who asked for work, by its number: the innermost op and the step around the call.
std::map<uint64_t, Asker> askers(const profile::Plane& host) {
  std::map<uint64_t, Asker> out;
  for (const profile::Line& line : host.lines) {
    std::vector<const profile::Event*> open;
    for (const profile::Event& e : line.events) {
      while (!open.empty() && open.back()->begin + open.back()->length <= e.begin) open.pop_back();
      if (const int64_t number = number_of(e, kNumber); number > 0) {
        Asker& a = out[static_cast<uint64_t>(number)];
        for (const profile::Event* around : open) {
          if (!around->type.empty()) a.op = around->name + ":" + around->type;
          if (const int64_t step = number_of(*around, "step_num"); step >= 0) a.step = step;
        }
      }
      open.push_back(&e);
    }
  }
  return out;
}

std::string name_of(const Work& w) {
  switch (w.what.kind) {
    case Activity::kernel: return w.name;
    case Activity::upload: return "MemcpyH2D";
    case Activity::download: return "MemcpyD2H";
    case Activity::copy: return "MemcpyD2D";
    case Activity::fill: return "Memset";
  }
  return w.name;
}

struct Recorder {
  std::string why_not;                       // of the session that is open; profile::start and stop come in turn
} recorder;

void begin_recording() {
  const Table* t = table();
  if (!t) return;
  const char* missing = t->record();
  recorder.why_not = missing ? missing : "";
  card_records.store(!missing);
}

void end_recording(int64_t begin, int64_t end, profile::Space& into) {
  if (!recorder.why_not.empty()) into.warnings.push_back("what the GPU did is missing: " + recorder.why_not);
  recorder.why_not.clear();
  if (!card_records.exchange(false)) return;
  finish_all();
  std::vector<Work> done;
  table()->recorded(&done, [](void* to, const Activity* a) {
    static_cast<std::vector<Work>*>(to)->push_back({*a, a->name ? a->name : ""});
  });
  add_planes(into, std::move(done), begin, end);
  for (profile::Plane& plane : into.planes) {   // what TensorFlow's tools judge a card by
    Properties p{};
    if (!profile::is_device(plane) || table()->properties(std::atoi(plane.name.c_str() + plane.name.rfind(':') + 1), &p)) continue;
    plane.stats = {{"device_vendor", std::string("Nvidia")}, {"compute_cap_major", int64_t{p.major}}, {"compute_cap_minor", int64_t{p.minor}},
                   {"core_count", int64_t{p.processors}}, {"memory_size", static_cast<int64_t>(p.memory)}};
  }
}

const profile::AddSource source({begin_recording, end_recording});

}  // namespace

void Asks::mark() {
  const uint64_t number = next_mark.fetch_add(1, std::memory_order_relaxed);
  span_.fact(kNumber, static_cast<int64_t>(number));
  table()->mark(number);
  marked_ = true;
}

void add_planes(profile::Space& space, std::vector<Work> done, int64_t begin, int64_t end) {
  const std::map<uint64_t, Asker> who = space.planes.empty() ? std::map<uint64_t, Asker>() : askers(space.planes[0]);
  std::stable_sort(done.begin(), done.end(), [](const Work& a, const Work& b) { return a.what.begin < b.what.begin; });
  std::map<int, std::map<uint64_t, profile::Line>> cards;
  for (const Work& w : done) {
    const int64_t from = std::max(w.what.begin, begin), to = std::min(w.what.end, end);
    if (from > to) continue;
    profile::Line& line = cards[w.what.ordinal][w.what.stream];
    line.id = static_cast<int64_t>(w.what.stream);
    line.name = fmt::format("Stream #{}", w.what.stream);
    profile::Event e{name_of(w), "", from - begin, to - from, timeline::Kind::op, {}};
    if (w.what.mark) e.stats.push_back({kNumber, static_cast<int64_t>(w.what.mark)});
    if (w.what.bytes) e.stats.push_back({"bytes", static_cast<int64_t>(w.what.bytes)});
    if (const auto asked = who.find(w.what.mark); asked != who.end()) {
      if (!asked->second.op.empty()) e.stats.push_back({"tf_op", asked->second.op});
      if (asked->second.step >= 0) e.stats.push_back({"step_num", asked->second.step});
    }
    line.events.push_back(std::move(e));
  }
  for (auto& [ordinal, streams] : cards) {
    profile::Plane plane{fmt::format("/device:GPU:{}", ordinal), {}, {}};
    for (auto& [stream, line] : streams) plane.lines.push_back(std::move(line));
    space.planes.push_back(std::move(plane));
  }
}

}  // namespace ninefold::cuda
