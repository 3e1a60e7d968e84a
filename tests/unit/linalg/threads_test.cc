// In: loops from one thread, many threads, a worker, a forked child. Out: every piece once, errors rethrown.
#include "base/threads.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace ninefold {
namespace {

int64_t covered(int64_t n, int64_t grain) {
  std::vector<std::atomic<int>> seen(static_cast<size_t>(n));
  parallel_for(n, grain, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) seen[size_t(i)].fetch_add(1);
  });
  int64_t once = 0;
  for (auto& s : seen) once += s == 1;
  return once;
}

TEST(Threads, EveryIndexIsVisitedOnce) {
  for (int count : {1, 2, 5}) {
    set_thread_count(count);
    for (int64_t n : {0, 1, 7, 1000})
      for (int64_t grain : {0, 1, 3, 2000}) EXPECT_EQ(covered(n, grain), n) << n << " by " << grain;
  }
  set_thread_count(1);
}

// Workers watch for the next loop or sleep, by how closely loops follow each other; both ways give all pieces.
TEST(Threads, LoopsFollowInAnyRhythm) {
  set_thread_count(2);
  for (int gap : {0, 20, 100, 1000, 50, 0, 1000})   // microseconds
    for (int i = 0; i < 20; ++i) {
      const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(gap);
      while (std::chrono::steady_clock::now() < end) {}
      EXPECT_EQ(covered(64, 3), 64) << "gap " << gap;
    }
  set_thread_count(1);
}

TEST(Threads, NestedLoopsRunInline) {
  set_thread_count(3);
  std::atomic<int64_t> sum{0};
  parallel_for(20, 1, [&](int64_t, int64_t) {
    EXPECT_TRUE(in_parallel_loop());
    parallel_for(10, 1, [&](int64_t from, int64_t to) { sum += to - from; });
  });
  EXPECT_EQ(sum, 200);
  EXPECT_FALSE(in_parallel_loop());
  set_thread_count(1);
}

TEST(Threads, ManyCallersShareThePool) {
  set_thread_count(3);
  std::vector<std::thread> callers;
  std::atomic<int64_t> sum{0};
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i)
        parallel_for(50, 7, [&](int64_t from, int64_t to) { sum += to - from; });
    });
  for (auto& c : callers) c.join();
  EXPECT_EQ(sum, 4 * 200 * 50);
  set_thread_count(1);
}

TEST(Threads, TheFirstExceptionIsRethrown) {
  set_thread_count(3);
  EXPECT_THROW(parallel_for(100, 1, [](int64_t i, int64_t) { if (i == 40) throw std::runtime_error("x"); }),
               std::runtime_error);
  EXPECT_EQ(covered(100, 1), 100);
  set_thread_count(1);
}

TEST(Threads, AForkedChildIsSingleThreadedUntilItAsks) {
  set_thread_count(3);
  ASSERT_EQ(covered(100, 1), 100);
  const pid_t child = fork();
  if (child == 0) {
    bool good = thread_count() == 1 && covered(100, 1) == 100;
    set_thread_count(2);
    good = good && covered(100, 1) == 100 && thread_count() == 2;
    _exit(good ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(thread_count(), 3);
  park_threads();
  EXPECT_EQ(covered(100, 1), 100);
  set_thread_count(1);
}

}  // namespace
}  // namespace ninefold
