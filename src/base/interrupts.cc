// In: loops that go on. Out: calls of the hook that may end them.
#include "base/interrupts.h"

#include <algorithm>
#include <mutex>

namespace ninefold {
namespace {

using namespace std::chrono_literals;

std::mutex hook_mutex;   // guards the function; it is called without it
std::function<void()>& hook() {
  static auto* f = new std::function<void()>();
  return *f;
}

}  // namespace

void set_interrupt_hook(std::function<void()> f) {
  std::lock_guard hold(hook_mutex);
  hook() = std::move(f);
}

void poll_interrupts() {
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point last{};
  const Clock::time_point now = Clock::now();
  if (now - last < 50ms) return;
  last = now;
  std::unique_lock hold(hook_mutex);
  const auto f = hook();
  hold.unlock();
  if (f) f();
}

void InterruptWatch::look() {
  const Clock::time_point now = Clock::now();
  const auto passed = now - last_;
  const bool first = last_ == Clock::time_point{};
  every_ = passed < 1ms ? std::min(2 * every_, 1 << 16) : passed > 2ms ? std::max(every_ / 2, 1) : every_;
  left_ = every_;
  last_ = now;
  if (!first && passed >= 1ms) poll_interrupts();
}

}  // namespace ninefold
