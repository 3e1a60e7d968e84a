// In: spans of several threads, recorded and made up. Out: the timeline of a session; where the time of its steps went.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/timeline.h"
#include "engine/profile/session.h"
#include "ninefold/ops.h"
#include "ninefold/profiler.h"

namespace ninefold {
namespace {

using timeline::Kind;

std::vector<std::string> names_of(const timeline::Recording& r) {
  std::vector<std::string> out;
  for (const timeline::Thread& t : r.threads)
    for (const timeline::Event& e : t.events) out.push_back(e.name);
  return out;
}

TEST(Timeline, KeepsWhatBeginsAndEndsWhileSomebodyRecords) {
  { timeline::Span early(timeline::critical, Kind::other, "before"); }
  auto across = std::make_unique<timeline::Span>(timeline::critical, Kind::other, "across the beginning");
  ASSERT_TRUE(timeline::start(timeline::info));
  EXPECT_FALSE(timeline::start(timeline::info));
  across.reset();
  { timeline::Span span(timeline::critical, Kind::other, "a"); span.fact("x", 3); span.fact("y", "text"); }
  { timeline::Span span(timeline::info, Kind::op, "b", "B"); }
  { timeline::Span span(timeline::verbose, Kind::op, "too much"); }
  { timeline::Span span(timeline::info, Kind::op, "forgotten"); span.forget(); }
  auto late = std::make_unique<timeline::Span>(timeline::critical, Kind::other, "across the end");
  const timeline::Recording r = timeline::stop();
  late.reset();
  EXPECT_EQ(names_of(r), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(r.threads.at(0).events.at(0).facts, std::string("x=3") + timeline::kBetween + "y=text");
  EXPECT_EQ(r.threads.at(0).events.at(1).type, "B");
  EXPECT_GE(r.threads[0].events[0].begin, r.begin);
  EXPECT_LE(r.threads[0].events[1].end, r.end);
  ASSERT_TRUE(timeline::start(timeline::info));
  EXPECT_TRUE(names_of(timeline::stop()).empty());
  ASSERT_TRUE(timeline::start(timeline::info, int64_t{60} * 1000000000));
  { timeline::Span span(timeline::critical, Kind::other, "before the delay is over"); }
  EXPECT_TRUE(names_of(timeline::stop()).empty());
}

// Threads write all the time, come and go, while sessions begin and end: what is kept is whole, and nothing is kept twice.
TEST(Timeline, TakesNothingTwiceFromThreadsThatGoOn) {
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      for (int64_t i = 0; !over; ++i) {
        timeline::Span span(timeline::critical, Kind::other, "work");
        if (span) span.fact("i", i);
      }
    });
  size_t kept = 0;
  for (int session = 0; session < 20; ++session) {
    ASSERT_TRUE(timeline::start(timeline::critical));
    std::thread([] { timeline::Span span(timeline::critical, Kind::other, "short life"); }).join();
    const timeline::Recording r = timeline::stop();
    size_t short_lives = 0;
    for (const timeline::Thread& t : r.threads) {
      std::string last;
      for (const timeline::Event& e : t.events) {
        EXPECT_GE(e.begin, r.begin);
        short_lives += e.name == "short life";
        if (e.name != "work") continue;
        EXPECT_NE(e.facts, last) << "the same span twice";
        last = e.facts;
        ++kept;
      }
    }
    EXPECT_EQ(short_lives, 1u);
  }
  over = true;
  for (std::thread& t : threads) t.join();
  EXPECT_GT(kept, 0u);
}

TEST(Timeline, AForkedChildRecordsNothingUntilItStarts) {
  ASSERT_TRUE(timeline::start(timeline::info));
  const pid_t child = ::fork();
  if (child == 0) {
    const bool quiet = !timeline::records(timeline::critical) && timeline::stop().threads.empty();
    const bool starts = timeline::start(timeline::info) && timeline::records(timeline::critical);
    ::_exit(quiet && starts ? 0 : 1);
  }
  int status = 1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  { timeline::Span span(timeline::critical, Kind::other, "the parent goes on"); }
  EXPECT_EQ(names_of(timeline::stop()), std::vector<std::string>{"the parent goes on"});
}

TEST(Timeline, HoldsAMillionSpansAndCountsTheRest) {
  ASSERT_TRUE(timeline::start(timeline::critical));
  constexpr int64_t kMany = 1200000;
  for (int64_t i = 0; i < kMany; ++i) timeline::Span span(timeline::critical, Kind::other, "x");
  const timeline::Recording r = timeline::stop();
  EXPECT_EQ(r.dropped + static_cast<int64_t>(r.threads.at(0).events.size()), kMany);
  EXPECT_GE(r.threads.at(0).events.size(), 1000000u);
  EXPECT_GT(r.dropped, 0);
}

// ---- steps: pure. Times are microseconds here. ----

profile::Event span(const char* name, Kind kind, int64_t begin, int64_t end, int64_t step = -1) {
  profile::Event e{name, "", begin * 1000, (end - begin) * 1000, kind, {}};
  if (step >= 0) e.stats = {{"step_num", step}, {"_r", int64_t{1}}};
  return e;
}
struct StepRow {
  const char* what;
  std::vector<profile::Event> host, device;
  std::vector<std::array<int64_t, 9>> want;   // begin, length, input, making, ops, waiting, engine, program, device busy
};

TEST(Profile, StepsTellWhereTheirTimeWent) {
  const StepRow rows[] = {
      {"no step", {span("op", Kind::op, 1, 5)}, {}, {}},
      {"one step: its own time is the program's", {span("train", Kind::step, 10, 30, 0)}, {}, {{10, 20, 0, 0, 0, 0, 0, 20, 0}}},
      {"a step begins where the one before ended", {span("train", Kind::step, 0, 10, 0), span("next", Kind::input, 12, 18), span("train", Kind::step, 20, 30, 1)},
       {}, {{0, 10, 0, 0, 0, 0, 0, 10, 0}, {10, 20, 6, 0, 0, 0, 0, 14, 0}}},
      {"the innermost counts", {span("train", Kind::step, 0, 100, 0), span("run", Kind::run, 10, 90), span("op", Kind::op, 20, 50),
                                span("wait", Kind::wait, 30, 40), span("op", Kind::op, 60, 70)},
       {}, {{0, 100, 0, 0, 30, 10, 40, 20, 0}}},
      {"what input computes is input", {span("train", Kind::step, 0, 50, 0), span("next", Kind::input, 0, 40), span("run", Kind::run, 5, 30), span("op", Kind::op, 10, 20)},
       {}, {{0, 50, 40, 0, 0, 0, 0, 10, 0}}},
      {"tracing", {span("train", Kind::step, 0, 50, 0), span("trace", Kind::make, 10, 40), span("op", Kind::op, 20, 30)}, {}, {{0, 50, 0, 30, 0, 0, 0, 20, 0}}},
      {"spans without a mark are no steps", {span("mine", Kind::step, 0, 50), span("train", Kind::step, 10, 20, 7)}, {}, {{10, 10, 0, 0, 0, 0, 0, 10, 0}}},
      {"a device that works while the host goes on", {span("train", Kind::step, 0, 100, 0), span("next", Kind::input, 60, 90)},
       {span("k", Kind::op, 10, 40), span("k", Kind::op, 30, 60), span("k", Kind::op, 95, 120)}, {{0, 100, 30, 0, 0, 0, 0, 70, 55}}},
  };
  for (const StepRow& r : rows) {
    profile::Space space{0, 200000, {{"/host:CPU", {{1, "main", r.host}}}}, {}};
    if (!r.device.empty()) space.planes.push_back({"/device:GPU:0", {{7, "stream", r.device}}});
    const std::vector<profile::Step> got = profile::steps(space);
    ASSERT_EQ(got.size(), r.want.size()) << r.what;
    for (size_t i = 0; i < got.size(); ++i) {
      std::array<int64_t, 9> is{got[i].begin, got[i].length};
      std::copy(got[i].host.begin(), got[i].host.end(), is.begin() + 2);
      is[8] = got[i].device_busy;
      for (int64_t& n : is) n /= 1000;
      EXPECT_EQ(is, r.want[i]) << r.what << ", step " << i;
    }
  }
  // What the host did while the device had nothing to do: 0-10 and 90-95 its program, 60-90 its input.
  profile::Space space{0, 200000, {{"/host:CPU", {{1, "main", rows[7].host}}}, {"/device:GPU:0", {{7, "stream", rows[7].device}}}}, {}};
  const std::vector<profile::Step> steps = profile::steps(space);
  EXPECT_EQ(steps.at(0).device_idle[static_cast<size_t>(profile::Cause::input)], 30000);
  EXPECT_EQ(steps.at(0).device_idle[static_cast<size_t>(profile::Cause::program)], 15000);
  EXPECT_NE(profile::told(steps).find("Devices worked 55 % of it. While none did, the host was busy mostly (67 % of that time) with: input."),
            std::string::npos) << profile::told(steps);
}

TEST(Profile, ASessionHasOpsOfAllLevels) {
  struct Row { int level; bool ops, shapes; };
  for (const Row& r : {Row{0, false, false}, Row{1, false, false}, Row{2, true, false}, Row{3, true, true}}) {
    profile::start({.host = r.level});
    EXPECT_TRUE(profile::active());
    const Tensor sum = op("AddV2", {Tensor(1.0f), Tensor(2.0f)});
    const profile::Space space = profile::stop();
    bool ops = false, shapes = false;
    for (const profile::Line& line : space.planes.at(0).lines)
      for (const profile::Event& e : line.events)
        if (e.name == "AddV2") {
          ops = e.type == "AddV2" && e.kind == Kind::op;
          for (const profile::Stat& s : e.stats) shapes |= s.name == "shape" && std::get<std::string>(s.value) == "float[];float[]";
        }
    EXPECT_EQ(ops, r.ops) << r.level;
    EXPECT_EQ(shapes, r.shapes) << r.level;
    EXPECT_EQ(sum.item<float>(), 3.0f);
  }
}

TEST(Profile, OneAtATime) {
  const auto says = [](auto&& f) {
    try {
      f();
    } catch (const Error& e) {
      return std::to_string(static_cast<int>(e.code())) + " " + e.message();
    }
    return std::string("nothing");
  };
  EXPECT_EQ(says([] { profiler::stop(); }), "14 Cannot export profiling results. No profiler is running.");
  EXPECT_EQ(says([] { profile::start({.host = 4}); }), "3 profiler: host_tracer_level must be 0, 1, 2 or 3, got 4");
  EXPECT_EQ(says([] { profile::start({.delay_ms = -1}); }), "3 profiler: delay_ms must not be negative, got -1");
  profiler::start("");
  EXPECT_EQ(says([] { profiler::start(""); }), "6 Another profiler is running.");
  EXPECT_EQ(profiler::stop(false), "");
  EXPECT_FALSE(profiler::active());
}

}  // namespace
}  // namespace ninefold
