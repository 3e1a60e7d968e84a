// In: text for the user; what may interrupt a loop. Out: the sink's and the hook's calls.
#include "train/fit/text.h"

#include <chrono>
#include <mutex>

#include "base/log.h"
#include "ninefold/keras.h"

namespace ninefold::keras {
namespace {

std::mutex hooks_mutex;   // guards both functions; they are called without it
std::function<void(std::string_view)>& sink() {
  static auto* f = new std::function<void(std::string_view)>();
  return *f;
}
std::function<void()>& interrupt() {
  static auto* f = new std::function<void()>();
  return *f;
}

void to_sink(std::string_view text) {
  std::unique_lock hold(hooks_mutex);
  const auto f = sink();
  hold.unlock();
  if (f) f(text);
}

}  // namespace

void set_text_sink(std::function<void(std::string_view)> f) {
  std::lock_guard hold(hooks_mutex);
  sink() = std::move(f);
  set_user_sink(sink() ? &to_sink : nullptr);
}
void set_interrupt_hook(std::function<void()> f) {
  std::lock_guard hold(hooks_mutex);
  interrupt() = std::move(f);
}

void show(std::string_view text) { user_text(text); }

void poll_interrupts() {
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point last{};
  const Clock::time_point now = Clock::now();
  if (now - last < std::chrono::milliseconds(50)) return;
  last = now;
  std::unique_lock hold(hooks_mutex);
  const auto f = interrupt();
  hold.unlock();
  if (f) f();
}

}  // namespace ninefold::keras
