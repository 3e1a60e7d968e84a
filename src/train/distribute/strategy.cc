// In: a body a replica. Out: all replicas run, one at a time, meeting where they merge.
#include <condition_variable>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

#include "base/check.h"
#include "engine/device/cuda/collective.h"
#include "engine/op/place.h"
#include "engine/op/scope.h"
#include "ninefold/distribute.h"

namespace ninefold::distribute {
namespace {

// The threads of one run. Exactly one of them has the turn; all fields change only with it, or under
// `mutex` while the turn is handed on.
struct Meeting {
  explicit Meeting(int n) : brought(static_cast<size_t>(n)), finished(static_cast<size_t>(n)) {}
  std::mutex mutex;
  std::condition_variable changed;
  int turn = 0;
  std::vector<Tensors> brought;         // of the merge under way
  std::vector<bool> finished;
  int arrived = 0;                      // replicas that wait at the merge
  uint64_t merges = 0;                  // merges that are done
  Tensors merged;
  std::exception_ptr fault;             // the first one: the others stop at their next turn

  int size() const { return static_cast<int>(brought.size()); }
  void hand_on(int from) {
    for (int step = 1; step <= size(); ++step) {
      const int next = (from + step) % size();
      if (!finished[static_cast<size_t>(next)]) {
        turn = next;
        break;
      }
    }
    changed.notify_all();
  }
};
struct Stopped {};                      // unwinds a replica after another one failed

struct Place {
  Meeting* meeting = nullptr;
  int replica = -1;
};
thread_local Place place;
struct Within {                         // this thread is there while it lives
  explicit Within(Place p) : before(std::exchange(place, p)) {}
  ~Within() { place = before; }
  Place before;
};
thread_local StrategyPtr around;

void wait_for_turn(Meeting& m, int replica, std::unique_lock<std::mutex>& hold) {
  m.changed.wait(hold, [&] { return m.turn == replica; });
  if (m.fault) throw Stopped{};
}

}  // namespace

Strategy::Strategy(std::string name, std::vector<std::string> devices, Communication communication)
    : name_(std::move(name)), devices_(std::move(devices)), communication_(std::move(communication)) {}

const std::string& Strategy::root() const {
  const bool named = communication_.how == Communication::one_device && !communication_.device.empty();
  return named ? communication_.device : devices_[0];
}

std::vector<Value> Strategy::run(const std::function<Value(int)>& body) {
  check(place.replica < 0, Code::runtime, "Cannot run a strategy within a replica of another run: `strategy.run` was called "
        "from inside a function that `strategy.run` runs");
  std::vector<Value> results(static_cast<size_t>(replicas()));
  if (replicas() == 1) {
    Scope scope(shared_from_this());
    const Within replica({nullptr, 0});
    const AtHome own(this == default_strategy().get() ? std::string() : devices_[0]);
    results[0] = body(0);
    return results;
  }
  Meeting meeting(replicas());
  const ninefold::Scope outer = scope();
  std::vector<std::thread> threads;
  for (int r = 0; r < replicas(); ++r) {
    threads.emplace_back([&, r] {
      std::unique_lock hold(meeting.mutex);
      try {
        wait_for_turn(meeting, r, hold);
        hold.unlock();
        scope() = outer;                // the trace, the tapes and the names of the thread that waits
        around = shared_from_this();
        place = {&meeting, r};
        const AtHome own(devices_[static_cast<size_t>(r)]);
        results[static_cast<size_t>(r)] = body(r);
        hold.lock();
      } catch (const Stopped&) {
        if (!hold.owns_lock()) hold.lock();
      } catch (...) {
        if (!hold.owns_lock()) hold.lock();
        if (!meeting.fault) meeting.fault = std::current_exception();
      }
      scope() = ninefold::Scope();
      place = {};
      around = nullptr;
      if (meeting.arrived > 0 && !meeting.fault)
        meeting.fault = std::make_exception_ptr(Error(Code::runtime,
            "merge_call: replica " + std::to_string(r) + " ended while others wait for it; all replicas must make the "
            "same updates in the same order"));
      meeting.finished[static_cast<size_t>(r)] = true;
      meeting.hand_on(r);
    });
  }
  for (std::thread& t : threads) t.join();
  if (meeting.fault) {
    cuda::abandon();
    std::rethrow_exception(meeting.fault);
  }
  return results;
}

Tensors merge_call(const Tensors& own, const std::function<Tensors(const std::vector<Tensors>&)>& merge) {
  Meeting* m = place.meeting;
  if (!m) {
    const Within outside({});           // the merge itself counts as outside of any replica
    return merge({own});
  }
  const int replica = place.replica;
  std::unique_lock hold(m->mutex);
  m->brought[static_cast<size_t>(replica)] = own;
  ++m->arrived;
  const bool last = m->arrived == m->size();
  if (last) {
    // All are here. The turn stays with this replica.
    std::exception_ptr fault;
    hold.unlock();
    try {
      const Within outside({});
      const AtHome root(around->root());
      m->merged = merge(m->brought);
      if (!ninefold::scope().tracer()) cuda::settle();
    } catch (...) {
      fault = std::current_exception();
    }
    hold.lock();
    m->arrived = 0;
    ++m->merges;
    if (fault) std::rethrow_exception(fault);
    // Replica 0 goes on first, so that what follows is in order again; this one waits for its turn.
    m->turn = 0;
    m->changed.notify_all();
  } else {
    const uint64_t before = m->merges;
    m->hand_on(replica);
    m->changed.wait(hold, [&] { return m->fault || (m->merges != before && m->turn == replica); });
    if (m->fault) throw Stopped{};
    return m->merged;
  }
  if (replica != 0) wait_for_turn(*m, replica, hold);
  return m->merged;
}

// ---- strategies ----

StrategyPtr mirrored(std::vector<std::string> devices, Communication communication) {
  if (devices.empty())
    for (int i = 0; i < find_gpus(); ++i) devices.push_back("/device:GPU:" + std::to_string(i));
  if (devices.empty()) devices = {"/device:CPU:0"};
  const std::set<std::string> distinct(devices.begin(), devices.end());
  check(distinct.size() == devices.size(), Code::value, "Duplicates in the devices of MirroredStrategy: got {} devices, {} of "
        "them distinct", devices.size(), distinct.size());
  return std::make_shared<Strategy>("MirroredStrategy", std::move(devices), std::move(communication));
}
StrategyPtr one_device(const std::string& device) {
  return std::make_shared<Strategy>("OneDeviceStrategy", std::vector<std::string>{device});
}
StrategyPtr default_strategy() {
  static const StrategyPtr one = std::make_shared<Strategy>("_DefaultDistributionStrategy",
                                                            std::vector<std::string>{"/device:CPU:0"});
  return one;
}

Scope::Scope(StrategyPtr strategy) : before_(std::exchange(around, std::move(strategy))) {}
Scope::~Scope() { around = std::move(before_); }

StrategyPtr current() { return around ? around : default_strategy(); }
bool in_scope() { return around && around != default_strategy(); }
int replica() { return place.replica; }
int replicas() { return place.meeting ? place.meeting->size() : 1; }

}  // namespace ninefold::distribute
