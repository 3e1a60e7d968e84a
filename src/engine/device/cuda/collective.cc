// In: tensors on several GPUs. Out: sums by the table's collectives; who is under way, and the end of it when a step fails.
#include "engine/device/cuda/collective.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "engine/device/cuda/capture.h"
#include "engine/device/cuda/launch.h"
#include "engine/tensor/accelerator.h"

namespace ninefold::cuda {

using Members = std::vector<Device*>;

// Guarded by Groups::mutex.
class Group {
 public:
  explicit Group(Members m) : members(std::move(m)) {}
  const Members members;
  void* handle = nullptr;                    // of the table's; null: these devices cannot be one
  uint64_t collected = 0, joined = 0;        // how many collectives were asked for, how many of them are in their devices' order
  double limit = 0;                          // in seconds: the least of those that are not joined; 0: none has one
  bool ended = false;                        // what is not joined will not come
  std::vector<Tensors> kept;                 // what is read and written until it is joined
  std::vector<std::weak_ptr<Graph>> graphs;  // that have sums of these communicators
  bool busy() const { return !ended && joined != collected; }
};

namespace {

struct Groups {
  std::recursive_mutex mutex;                // guards what follows; taken before devices, and once more by whoever has the turn
  std::map<Members, std::shared_ptr<Group>> all;
  std::vector<std::shared_ptr<Group>> captured;   // whose sums whoever has the turn has captured
  std::vector<std::shared_ptr<Group>> later;      // that are to end when that is no longer captured
};
Groups& groups() {
  static Groups* const g = new Groups();     // never freed: tensors may outlive static objects
  return *g;
}
std::atomic<bool> any_busy{false};

std::string names(const Members& members) {
  std::string all;
  for (const Device* d : members) all += (all.empty() ? "" : ", ") + d->name();
  return all;
}

void end_now(Group& gone) noexcept {
  for (const std::weak_ptr<Graph>& w : gone.graphs)
    if (const std::shared_ptr<Graph> graph = w.lock()) graph->drop();
  if (gone.handle) disconnect(gone.members, gone.handle, true);
}
void drop(Groups& g, const Members& members) noexcept {
  const auto at = g.all.find(members);
  if (at == g.all.end()) return;
  const std::shared_ptr<Group> gone = at->second;
  g.all.erase(at);
  gone->ended = true;
  gone->kept.clear();
  if (Session::capturing()) g.later.push_back(gone);
  else end_now(*gone);
}

// With the lock held: what was collected is done, or its limit is over. What devices still have to do before counts for nobody.
void await(Groups& all, Group& g, const Members& members) {
  using Clock = std::chrono::steady_clock;
  const double limit = std::exchange(g.limit, 0.0);
  for (std::optional<Clock::time_point> begun;;) {
    const int status = progress(members, g.handle);
    if (!status) return;
    const Clock::time_point now = Clock::now();
    if (status == kNotBegun) {
      begun.reset();
    } else if (status != kUnderWay) {
      drop(all, members);
      fail(Code::internal, "a sum over {}: {}; the communicators were ended, the next step makes new ones", names(members), error_text(status));
    } else if (!begun) {
      begun = now;
    } else if (std::chrono::duration<double>(now - *begun).count() > limit) {
      drop(all, members);
      fail(Code::deadline_exceeded, "NcclReduce: a sum over {} did not end within the {:g} s of timeout_seconds, counted from when every GPU had "
           "brought its part; the communicators were ended, the next step makes new ones. Give a larger timeout_seconds if it may take so long; "
           "NCCL_DEBUG=INFO lets NCCL say what it waits for", names(members), limit);
    }
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

// With the lock held. Memory goes back in the order of the devices' streams, which is behind the collective now.
void join_now(Groups& all, Group& g, const Members& members) {
  if (!g.busy()) return;
  if (g.limit > 0) await(all, g, members);
  g.joined = g.collected;
  const int status = join(members, g.handle);
  g.kept.clear();
  if (!status) return;
  drop(all, members);
  fail(Code::internal, "waiting for a sum over {}: {}; the communicators were ended, the next step makes new ones", names(members), error_text(status));
}

// What a buffer waits for: that its group is joined, or gone.
class Collected : public Event {
 public:
  Collected(std::shared_ptr<Group> group, Members members) : group_(std::move(group)), members_(std::move(members)), number_(group_->collected) {}
  void wait() override {
    const std::lock_guard hold(groups().mutex);
    if (number_ <= group_->joined) return;
    check(!group_->ended, Code::aborted, "a sum over {} was ended by the fault of another step", names(members_));
    join_now(groups(), *group_, members_);
  }
  bool ready() override {
    const std::lock_guard hold(groups().mutex);
    return number_ <= group_->joined;
  }

 private:
  const std::shared_ptr<Group> group_;
  const Members members_;
  const uint64_t number_;
};

// With the lock held.
std::shared_ptr<Group> group_of(const Members& members) {
  Groups& g = groups();
  if (const auto at = g.all.find(members); at != g.all.end()) return at->second;
  // That asks the cards for memory, and waits for them.
  if (Session::capturing()) Session::blocked("needs communicators that are not there any more");
  void* handle = nullptr;
  const int status = connect(members, &handle);
  if (status == kNoCollective) {
    warn("values are summed by copies and additions: {}", error_text(status));
    handle = nullptr;
  } else if (status) {
    fail(Code::internal, "connecting {}: {}", names(members), error_text(status));
  }
  const auto made = std::make_shared<Group>(members);
  made->handle = handle;
  return g.all[members] = made;
}

}  // namespace

bool connected(std::span<Device* const> devices) {
  if (devices.size() < 2) return false;
  std::vector<int> ordinals;
  for (const Device* d : devices) {
    if (d->host()) return false;
    ordinals.push_back(ordinal_of(*d));
  }
  std::sort(ordinals.begin(), ordinals.end());
  if (std::adjacent_find(ordinals.begin(), ordinals.end()) != ordinals.end()) return false;   // logical devices of one card
  const std::lock_guard hold(groups().mutex);
  return group_of({devices.begin(), devices.end()})->handle != nullptr;
}

void reduce(std::span<const Tensor> from, const Tensor& to, int root, double limit) {
  Members members;
  std::vector<const void*> in;
  std::vector<void*> out(from.size(), nullptr);
  for (const Tensor& t : from) {
    t.impl()->buffer->wait();
    members.push_back(&t.impl()->buffer->device());
    in.push_back(t.impl()->data);
  }
  out[static_cast<size_t>(root)] = to.impl()->data;
  const Collective c{Collective::reduce, static_cast<int>(to.dtype()), root, to.size(), in.data(), out.data()};
  Groups& g = groups();
  const std::lock_guard hold(g.mutex);
  const std::shared_ptr<Group> group = group_of(members);
  NINEFOLD_INVARIANT(group->handle);
  int status = fault_of(members, group->handle);
  if (!status) status = collect(members, group->handle, {&c, 1});
  if (status) {
    drop(g, members);
    fail(Code::internal, "NcclReduce: summing {} {}s over {}: {}; the communicators were ended, the next step makes new ones",
         c.count, name_of(to.dtype()), names(members), error_text(status));
  }
  ++group->collected;
  if (Session::capturing() && std::find(g.captured.begin(), g.captured.end(), group) == g.captured.end()) g.captured.push_back(group);
  if (limit > 0) group->limit = group->limit > 0 ? std::min(group->limit, limit) : limit;
  group->kept.push_back({from.begin(), from.end()});
  group->kept.back().push_back(to.with_shape(to.shape()));   // written until then, too
  to.impl()->buffer->ready = std::make_shared<Collected>(group, members);
  any_busy.store(true, std::memory_order_relaxed);
}

SumsTurn::SumsTurn() : hold_(groups().mutex) { settle(); }
SumsTurn::~SumsTurn() {
  groups().captured.clear();
  for (const std::shared_ptr<Group>& g : std::exchange(groups().later, {})) end_now(*g);
}
void SumsTurn::forget() noexcept {
  for (const std::shared_ptr<Group>& g : groups().captured) {
    if (g->busy()) cuda::join(g->members, g->handle);
    g->joined = g->collected;
    g->kept.clear();
  }
}
void SumsTurn::join() {
  for (const std::shared_ptr<Group>& g : groups().captured) join_now(groups(), *g, g->members);
}
const std::vector<std::shared_ptr<Group>>& SumsTurn::captured() const { return groups().captured; }

void drop_with(std::span<const std::shared_ptr<Group>> sums, const std::shared_ptr<Graph>& graph) {
  for (const std::shared_ptr<Group>& g : sums) {
    std::erase_if(g->graphs, [](const std::weak_ptr<Graph>& w) { return w.expired(); });
    g->graphs.push_back(graph);
  }
}

bool usable(std::span<const std::shared_ptr<Group>> sums) {
  if (std::any_of(sums.begin(), sums.end(), [](const std::shared_ptr<Group>& g) { return g->ended; })) return false;
  for (const std::shared_ptr<Group>& g : sums) {
    const int status = fault_of(g->members, g->handle);
    if (!status) continue;
    drop(groups(), g->members);
    fail(Code::internal, "a sum over {}, in the step before: {}; the communicators were ended, the next step makes new ones", names(g->members),
         error_text(status));
  }
  return true;
}

void settle() {
  if (!any_busy.load(std::memory_order_relaxed)) return;
  Groups& g = groups();
  const std::lock_guard hold(g.mutex);
  for (const auto& [members, group] : std::map(g.all)) join_now(g, *group, members);   // one that is late is dropped
  any_busy.store(false, std::memory_order_relaxed);
}

void abandon() noexcept {
  if (!any_busy.load(std::memory_order_relaxed) || Session::capturing()) return;   // what is captured is not under way
  Groups& g = groups();
  const std::lock_guard hold(g.mutex);
  any_busy.store(false, std::memory_order_relaxed);
  std::vector<Members> busy;
  for (const auto& [members, group] : g.all)
    if (group->busy()) busy.push_back(members);
  for (const Members& members : busy) drop(g, members);
}

}  // namespace ninefold::cuda
