// In: what cards say they did, made up; ops on a GPU (emulated, or a card) under the profiler. Out: device planes, each span with
// the op and the step that asked for it.
#include "base/check.h"
#include "engine/device/cuda/timeline.h"
#include "ninefold/function.h"
#include "ninefold/profiler.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

using cuda::Activity;
using timeline::Kind;

std::string text_of(const profile::Event& e) {
  std::string out = fmt::format("{} {}+{}", e.name, e.begin, e.length);
  for (const profile::Stat& s : e.stats)
    out += " " + s.name + "=" + (std::holds_alternative<int64_t>(s.value) ? std::to_string(std::get<int64_t>(s.value)) : std::get<std::string>(s.value));
  return out;
}

struct PlaneRow {
  const char* what;
  std::vector<cuda::Work> done;              // times of the steady clock: the session is 1000 to 2000
  std::vector<std::string> want;             // plane/line/events, in order
};
TEST(CardTimeline, SpansFindWhoAskedForThem) {
  // The host: a step from 0 to 500 that holds an op, which holds two calls; a call outside of any.
  const auto call = [](int64_t begin, int64_t number) {
    return profile::Event{"LaunchKernel", "", begin, 10, Kind::op, {{"correlation_id", number}}};
  };
  const profile::Line host{1, "python", {{"train", "", 0, 500, Kind::step, {{"step_num", int64_t{4}}, {"_r", int64_t{1}}}},
                                         {"dense/MatMul", "MatMul", 100, 200, Kind::op, {}}, call(110, 1), call(150, 2), call(700, 3)}};
  const auto work = [](Activity::Kind kind, int ordinal, uint64_t stream, int64_t begin, int64_t end, uint64_t mark, uint64_t bytes = 0) {
    return cuda::Work{{kind, ordinal, stream, begin, end, mark, bytes, nullptr}, "gemm"};
  };
  const PlaneRow rows[] = {
      {"nothing", {}, {}},
      {"an op's kernel", {work(Activity::kernel, 0, 7, 1200, 1300, 1)},
       {"/device:GPU:0", "Stream #7", "gemm 200+100 correlation_id=1 tf_op=dense/MatMul:MatMul step_num=4"}},
      {"in the order of their times", {work(Activity::kernel, 0, 7, 1500, 1600, 2), work(Activity::upload, 0, 7, 1200, 1300, 1, 64)},
       {"/device:GPU:0", "Stream #7", "MemcpyH2D 200+100 correlation_id=1 bytes=64 tf_op=dense/MatMul:MatMul step_num=4",
        "gemm 500+100 correlation_id=2 tf_op=dense/MatMul:MatMul step_num=4"}},
      {"nobody's", {work(Activity::fill, 0, 7, 1200, 1300, 3, 8), work(Activity::download, 0, 7, 1400, 1500, 0, 8)},
       {"/device:GPU:0", "Stream #7", "Memset 200+100 correlation_id=3 bytes=8", "MemcpyD2H 400+100 bytes=8"}},
      {"streams and cards are apart", {work(Activity::copy, 1, 9, 1200, 1300, 0, 8), work(Activity::kernel, 0, 9, 1200, 1300, 0), work(Activity::kernel, 0, 7, 1200, 1300, 0)},
       {"/device:GPU:0", "Stream #7", "gemm 200+100", "Stream #9", "gemm 200+100", "/device:GPU:1", "Stream #9", "MemcpyD2D 200+100 bytes=8"}},
      {"what reaches over the ends is cut", {work(Activity::kernel, 0, 7, 900, 1100, 0), work(Activity::kernel, 0, 7, 1900, 2100, 0), work(Activity::kernel, 0, 7, 2100, 2200, 0)},
       {"/device:GPU:0", "Stream #7", "gemm 0+100", "gemm 900+100"}},
  };
  for (const PlaneRow& r : rows) {
    profile::Space space{0, 1000, {{"/host:CPU", {host}}}, {}};
    cuda::add_planes(space, r.done, 1000, 2000);
    std::vector<std::string> got;
    for (size_t p = 1; p < space.planes.size(); ++p) {
      got.push_back(space.planes[p].name);
      for (const profile::Line& line : space.planes[p].lines) {
        got.push_back(line.name);
        for (const profile::Event& e : line.events) got.push_back(text_of(e));
      }
    }
    EXPECT_EQ(got, r.want) << r.what;
  }
}

std::vector<std::string> card_events(const profile::Space& space) {
  std::vector<std::string> out;
  for (const profile::Plane& plane : space.planes)
    if (profile::is_device(plane))
      for (const profile::Line& line : plane.lines)
        for (const profile::Event& e : line.events) {
          std::string op = "nobody";
          for (const profile::Stat& s : e.stats)
            if (s.name == "tf_op") op = std::get<std::string>(s.value);
          out.push_back(plane.name + " " + (e.name.starts_with("Mem") ? e.name : "kernel") + " of " + op);
        }
  return out;
}

TEST_F(Gpu, AProfileHasWhatTheCardDid) {
  const device::Within gpu("/device:GPU:1");
  const Tensor host = Tensor::of<float>({2, 2}, {1, 2, 3, 4}), a = on_device(host, *gpu_device(1));
  const auto multiply = [&] { return op("MatMul", {a, a}); };
  multiply();                                // libraries are opened
  profile::start();
  std::vector<profile::Step> steps;
  {
    profiler::Trace step("train");
    step.set("step_num", "0");
    step.set("_r", "1");
    const Tensor product = multiply();
    EXPECT_EQ(product.float_at(3), 22);      // read by the host: a copy from the card
    op("Neg", {host});
  }
  const profile::Space space = profile::stop();
  EXPECT_TRUE(space.warnings.empty());
  EXPECT_EQ(card_events(space), (std::vector<std::string>{"/device:GPU:1 kernel of MatMul:MatMul", "/device:GPU:1 MemcpyD2H of nobody",
                                                             "/device:GPU:1 MemcpyH2D of Neg:Neg", "/device:GPU:1 kernel of Neg:Neg"}));
  EXPECT_EQ(std::get<std::string>(space.planes.at(1).stats.at(0).value), "Nvidia");
  steps = profile::steps(space);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_GT(steps[0].device_busy, 0);
  EXPECT_NE(profile::told(steps).find("Devices worked "), std::string::npos);
  // Asked for nothing of devices, or of a card that cannot be recorded: the host's plane alone, and why.
  profile::start({.device = 0});
  multiply();
  EXPECT_TRUE(card_events(profile::stop()).empty());
  if (std::string(std::getenv("NINEFOLD_CUDA_LIBRARY")).find("emulated") == std::string::npos) return;
  setenv("NINEFOLD_EMULATED_NO_CUPTI", "no CUPTI; install it", 1);
  profile::start();
  unsetenv("NINEFOLD_EMULATED_NO_CUPTI");
  multiply();
  const profile::Space without = profile::stop();
  EXPECT_TRUE(card_events(without).empty());
  EXPECT_EQ(without.warnings, std::vector<std::string>{"what the GPU did is missing: no CUPTI; install it"});
}

}  // namespace
}  // namespace ninefold
