// In: loops from any thread. Out: their pieces, claimed one by one by the caller and idle workers.
// A worker without work spins while loops come in quick succession, as in a training step; else it sleeps.
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/timeline.h"

namespace ninefold {
namespace {

using Clock = std::chrono::steady_clock;

// Lies on its caller's stack. `next` is claimed without a lock; the rest is guarded by Pool::mutex.
struct Job {
  int64_t n = 0, grain = 1;
  threads_detail::Body body = nullptr;
  const void* context = nullptr;
  std::atomic<int64_t> next{0};
  int helpers = 0;
  std::exception_ptr error;
  Job* later = nullptr;
};

thread_local bool inside = false;

struct Pool {
  std::mutex mutex;                // guards jobs, begun, begun_on, asleep, workers, stopping, and Job's locked fields
  std::condition_variable wake, idle;
  std::atomic<int64_t> epoch{0};   // grows with every job: what a spinning worker watches
  Clock::time_point begun;         // of the youngest job: when, and on which processor
  int begun_on = -1;
  Job* jobs = nullptr;
  int asleep = 0;                  // workers that only `wake` reaches
  std::vector<std::thread> workers;
  std::atomic<bool> stopping{false};
  std::atomic<Clock::rep> alone_until{0};   // of Clock: until then callers compute alone, see `help`
};

// Never destroyed: a forked child leaves its parent's pool as it is, and exit must not wait for workers.
std::atomic<Pool*> pool{nullptr};
std::atomic<int> wanted{0};          // 0: not asked yet
std::mutex start_mutex;              // guards the creation and the joining of workers
constexpr int kMostThreads = 1024;   // of a number that a variable gives

// OMP_NUM_THREADS, where somebody says how many it shall be: a limit by shares of time shows in no set of processors.
int allowed_processors() {
  if (const char* asked = std::getenv("OMP_NUM_THREADS"))
    if (const int count = std::atoi(asked); count > 0) return std::min(count, kMostThreads);
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

// A child has one thread: it computes alone until set_thread_count starts a pool of its own.
void forked_child() {
  pool.store(nullptr);
  wanted.store(1);
  inside = false;
  new (&start_mutex) std::mutex;
}

inline void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

void work(Pool& p, Job& job) {
  const bool outer = inside;
  inside = true;
  try {
    for (;;) {
      const int64_t begin = job.next.fetch_add(job.grain, std::memory_order_relaxed);
      if (begin >= job.n) break;
      job.body(job.context, begin, std::min(job.n, begin + job.grain));
    }
  } catch (...) {
    job.next.store(job.n);  // pieces not begun are dropped
    std::lock_guard lock(p.mutex);
    if (!job.error) job.error = std::current_exception();
  }
  inside = outer;
}

Job* open_job(Pool& p) {
  for (Job* j = p.jobs; j; j = j->later)
    if (j->next.load(std::memory_order_relaxed) < j->n) return j;
  return nullptr;
}

// Waking a thread costs more than many kernels. So a worker watches for the next loop as long as the gap before
// it may last, if loops came in such gaps lately; a program that computes now and then costs little spinning.
constexpr auto kGap = std::chrono::microseconds(200), kBrief = std::chrono::microseconds(10);

// True iff a loop came within `limit`.
bool comes_within(const Pool& p, int64_t seen, Clock::duration limit) {
  const auto end = Clock::now() + limit;
  do {
    for (int i = 0; i < 32; ++i) {
      if (p.epoch.load(std::memory_order_relaxed) != seen) return true;
      pause_cpu();
    }
  } while (Clock::now() < end);
  return false;
}

// Where other programs want the processors, a worker loses its own in the middle of a piece, and its caller waits
// for milliseconds. Time lost so is answered by eight times as much without help, so that it stays a small part.
constexpr auto kLost = std::chrono::microseconds(200), kMostAlone = std::chrono::microseconds(50000);

std::chrono::nanoseconds processor_time() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

// The worker's part of a job. Out: the end of the time for which callers had better be alone; 0: none.
Clock::rep help(Pool& p, Job& job) {
  const Clock::time_point begin = Clock::now();
  const std::chrono::nanoseconds computed = processor_time();
  {
    const timeline::Span span(timeline::info, timeline::Kind::op, "ParallelLoop");
    work(p, job);
  }
  const Clock::time_point end = Clock::now();
  if (end - begin < kLost) return 0;
  const Clock::duration lost = (end - begin) - (processor_time() - computed);
  if (lost < kLost) return 0;
  return (end + std::min<Clock::duration>(8 * lost, kMostAlone)).time_since_epoch().count();
}

// A busy system wakes a thread on the processor of the one that woke it, where it waits for its own caller.
// Out: the calling thread elsewhere, if it may run elsewhere.
void leave_processor(int processor) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  cpu_set_t others = allowed;
  CPU_CLR(static_cast<size_t>(processor), &others);
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof others, &others) != 0) return;
  sched_setaffinity(0, sizeof allowed, &allowed);
}

void worker(Pool* p) {
  pthread_setname_np(pthread_self(), "ninefold_pool");
  bool dense = false;   // the last loop began within kGap after the worker had nothing to do
  std::unique_lock lock(p->mutex);
  while (!p->stopping) {
    if (const int here = sched_getcpu(); here >= 0 && here == p->begun_on) {
      lock.unlock();
      leave_processor(here);
      lock.lock();
      if (p->begun_on == here) p->begun_on = -1;
    }
    if (Job* job = open_job(*p)) {
      ++job->helpers;
      lock.unlock();
      if (const Clock::rep until = help(*p, *job)) p->alone_until.store(until, std::memory_order_relaxed);
      lock.lock();
      if (--job->helpers == 0) p->idle.notify_all();
      continue;
    }
    const int64_t seen = p->epoch.load();
    lock.unlock();
    const Clock::time_point idle_since = Clock::now();
    const bool soon = comes_within(*p, seen, dense ? kGap : kBrief);
    lock.lock();
    if (!soon) {
      ++p->asleep;
      p->wake.wait(lock, [&] { return p->stopping || p->epoch.load() != seen; });
      --p->asleep;
    }
    dense = p->begun - idle_since < kGap;   // not by when this thread was woken: that may be late
  }
}

Pool* started() {
  if (Pool* p = pool.load(std::memory_order_acquire)) return p;
  std::lock_guard lock(start_mutex);
  if (Pool* p = pool.load()) return p;
  static const int hooked = pthread_atfork(nullptr, nullptr, forked_child);
  (void)hooked;
  Pool* p = new Pool;
  for (int i = 1; i < thread_count(); ++i) p->workers.emplace_back(worker, p);
  pool.store(p, std::memory_order_release);
  return p;
}

void stop_locked() {
  Pool* p = pool.exchange(nullptr);
  if (!p) return;
  {
    std::unique_lock lock(p->mutex);
    p->idle.wait(lock, [&] { return p->jobs == nullptr; });
    p->stopping = true;
    p->wake.notify_all();
  }
  for (std::thread& t : p->workers) t.join();
  p->workers.clear();
  // The pool itself stays: a caller that fetched it just before may still run its loop on it, alone.
  static auto& retired = *new std::vector<Pool*>;   // never destroyed: threads may outlive static objects
  retired.push_back(p);
}

}  // namespace

namespace threads_detail {

void run(int64_t n, int64_t grain, Body body, const void* context) {
  if (n <= grain || inside || thread_count() == 1) {
    for (int64_t begin = 0; begin < n; begin += grain) body(context, begin, std::min(n, begin + grain));
    return;
  }
  Pool& p = *started();
  const Clock::time_point now = Clock::now();
  Job job;
  job.n = n, job.grain = grain, job.body = body, job.context = context;
  if (now.time_since_epoch().count() < p.alone_until.load(std::memory_order_relaxed)) {
    work(p, job);
    if (job.error) std::rethrow_exception(job.error);
    return;
  }
  bool wake;
  {
    std::lock_guard lock(p.mutex);
    job.later = p.jobs;
    p.jobs = &job;
    p.begun = now;
    p.begun_on = sched_getcpu();
    p.epoch.fetch_add(1);
    wake = p.asleep > 0;
  }
  if (wake) p.wake.notify_all();
  work(p, job);
  std::unique_lock lock(p.mutex);
  for (Job** at = &p.jobs; *at; at = &(*at)->later)
    if (*at == &job) {
      *at = job.later;
      break;
    }
  // Helpers are mid-piece: a short spin is cheaper than a sleep for kernels of some microseconds.
  timeline::Span waits(timeline::info, timeline::Kind::wait, "WaitForWorkers");
  if (job.helpers == 0) waits.forget();
  for (int spin = 0; job.helpers > 0 && spin < 200; ++spin) {
    lock.unlock();
    for (int i = 0; i < 8; ++i) pause_cpu();
    lock.lock();
  }
  p.idle.wait(lock, [&] { return job.helpers == 0; });
  if (!p.jobs) p.idle.notify_all();
  lock.unlock();
  waits.end();
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace threads_detail

int thread_count() {
  int count = wanted.load(std::memory_order_relaxed);
  if (count == 0) {
    int none = 0;
    wanted.compare_exchange_strong(none, allowed_processors());
    count = wanted.load();
  }
  return count;
}

void set_thread_count(int count) {
  NINEFOLD_INVARIANT(!inside);  // would wait for the loop it is called from
  std::lock_guard lock(start_mutex);
  stop_locked();
  wanted.store(std::max(1, count));
}

void park_threads() {
  NINEFOLD_INVARIANT(!inside);
  std::lock_guard lock(start_mutex);
  stop_locked();
}

bool in_parallel_loop() { return inside; }

}  // namespace ninefold
