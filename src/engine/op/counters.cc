// In: random ops by their attributes. Out: streams that go on from call to call.
#include "engine/op/counters.h"

#include <atomic>
#include <list>
#include <mutex>
#include <unordered_map>

namespace ninefold {
namespace {

struct Stream {
  const Op* op;
  Attrs attrs;
  uint64_t hash;
  uint64_t counter;
};
constexpr size_t kMost = 65536;
std::atomic<uint64_t> epoch{1};
std::mutex mutex;                                                          // guards both
std::list<Stream> streams;                                                 // the last used first
std::unordered_multimap<uint64_t, std::list<Stream>::iterator> by_hash;

void forget_oldest() {
  auto [at, end] = by_hash.equal_range(streams.back().hash);
  while (at->second != std::prev(streams.end())) ++at;
  by_hash.erase(at);
  streams.pop_back();
}

}  // namespace

uint64_t reserve_eager(const Op& op, const Attrs& attrs, uint64_t blocks) {
  std::lock_guard hold(mutex);
  const uint64_t hash = attrs.hash() ^ reinterpret_cast<uintptr_t>(&op);
  auto [at, end] = by_hash.equal_range(hash);
  for (; at != end; ++at) {
    Stream& s = *at->second;
    if (s.op != &op || !(s.attrs == attrs)) continue;
    streams.splice(streams.begin(), streams, at->second);
    return std::exchange(s.counter, s.counter + blocks);
  }
  if (streams.size() >= kMost) forget_oldest();
  streams.push_front({&op, attrs, hash, blocks});
  by_hash.emplace(hash, streams.begin());
  return 0;
}

void drop_eager_counters() {
  std::lock_guard hold(mutex);
  by_hash.clear();
  streams.clear();
  epoch.fetch_add(1, std::memory_order_release);
}

Draws*& Draws::now() {
  thread_local Draws* mine = nullptr;
  return mine;
}

uint64_t seed_epoch() { return epoch.load(std::memory_order_acquire); }

}  // namespace ninefold
