// In: random ops of what is captured. Out: places on the cards that tell them where their streams stand.
#include "engine/graph/captured_draws.h"

#include <algorithm>
#include <atomic>

#include "engine/device/cuda/capture.h"
#include "engine/device/cuda/launch.h"

namespace ninefold::graph {
namespace {

Accelerator& device_of(const Tensor& places) { return static_cast<Accelerator&>(places.impl()->buffer->device()); }
uint64_t moved(uint64_t* counter, uint64_t by) { return std::atomic_ref<uint64_t>(*counter).fetch_add(by, std::memory_order_relaxed); }

}  // namespace

std::vector<uint64_t> DrawsOfGraph::begin() const {
  std::vector<uint64_t> stands;
  for (const Draw& d : draws) stands.push_back(moved(d.counter, d.blocks));
  for (const Tensor& p : places) {
    const bool draws_here = std::any_of(draws.begin(), draws.end(), [&](const Draw& d) { return d.device == &device_of(p); });
    if (draws_here) device_of(p).upload(p.impl()->data, stands.data(), stands.size() * sizeof(uint64_t));
  }
  return stands;
}

void DrawsOfGraph::end(const std::vector<uint64_t>& stands) const {
  for (const Tensor& p : places) {
    const auto asks = [&](const Draw& d) { return !d.blocks && d.device == &device_of(p); };
    if (std::none_of(draws.begin(), draws.end(), asks)) continue;
    std::vector<uint64_t> went(stands.size());
    device_of(p).download(went.data(), p.impl()->data, went.size() * sizeof(uint64_t));
    for (size_t i = 0; i < went.size(); ++i)
      if (asks(draws[i])) moved(draws[i].counter, went[i] - stands[i]);
  }
}

CapturedDraws::CapturedDraws(DrawsOfGraph& all, std::span<Accelerator* const> devices, size_t room)
    : all_(all), devices_(devices), room_(room) {
  all_.draws.clear();
  all_.unseeded.clear();
  now() = this;
}

uint64_t CapturedDraws::reserve(Device& device, uint64_t* counter, uint64_t blocks) {
  std::vector<DrawsOfGraph::Draw>& draws = all_.draws;
  move_on();
  const auto here = std::find(devices_.begin(), devices_.end(), &device);
  if (where || here == devices_.end()) cuda::Session::blocked("draws numbers on the host");
  size_t place = draws.size();
  for (size_t i = 0; counter && i < draws.size(); ++i) {
    if (draws[i].counter != counter || (!bodies_ && draws[i].blocks)) continue;
    if (!bodies_ || draws[i].blocks) cuda::Session::blocked("draws from one stream both within a branch or loop and outside");
    if (draws[i].device != *here) cuda::Session::blocked("draws from one stream within branches or loops of several GPUs");
    place = i;
  }
  if (place == room_) {
    wants_ = 2 * room_;
    cuda::Session::blocked("draws more often than the run before");
  }
  if (place == draws.size()) draws.push_back({*here, counter ? counter : &all_.unseeded.emplace_back(0), bodies_ ? 0 : blocks});
  where = static_cast<const uint64_t*>(all_.places[static_cast<size_t>(here - devices_.begin())].impl()->data) + place;
  drawing_ = &device;
  if (bodies_) pending_ = {const_cast<uint64_t*>(where), blocks};
  return 0;
}
void CapturedDraws::begin_body() {
  move_on();
  ++bodies_;
}
void CapturedDraws::end_body() {
  move_on();
  --bodies_;
}
// Behind the kernel that drew.
void CapturedDraws::move_on() {
  if (!pending_.counter) return;
  if (where) cuda::Session::blocked("draws numbers on the host");
  cuda::launch(*drawing_, "move_on", cuda::threads_for(1), std::exchange(pending_, {}));
}

}  // namespace ninefold::graph
