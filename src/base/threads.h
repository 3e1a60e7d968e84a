// In: a count of pieces and a function of a range. Out: all pieces done, on one process-wide pool.
// Callers block until their loop is finished; a loop inside a loop runs inline on its worker.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace ninefold {

namespace threads_detail {
using Body = void (*)(const void* context, int64_t begin, int64_t end);
void run(int64_t n, int64_t grain, Body body, const void* context);
}  // namespace threads_detail

// Calls body(begin, end) over [0, n) in pieces of `grain` (the last may be shorter). The pieces depend on
// n and grain only, never on the thread count. The first exception thrown is rethrown here.
// Allocates nothing.
template <class F>
void parallel_for(int64_t n, int64_t grain, const F& body) {
  if (n <= 0) return;
  threads_detail::run(n, grain < 1 ? 1 : grain,
                      [](const void* f, int64_t begin, int64_t end) {
                        (*static_cast<const F*>(f))(begin, end);
                      },
                      std::addressof(body));
}

// Threads that take part in a loop, the caller's included; at first OMP_NUM_THREADS, else the processors this process may use.
int thread_count();
// Joins the workers and sets the count (at least 1); the next loop starts what it needs. Also the way for
// a forked child to leave the single-threaded state in which it begins. Waits for loops under way.
void set_thread_count(int count);
// Joins the workers and keeps the count: for a host that is about to unload or to exit.
void park_threads();
// True iff the calling thread is inside a piece of a parallel loop.
bool in_parallel_loop();

}  // namespace ninefold
