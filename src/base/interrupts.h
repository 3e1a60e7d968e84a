// In: what may stop a long computation. Out: loops that ask for it now and then.
#pragma once

#include <chrono>
#include <functional>

namespace ninefold {

// Called now and then by whatever may run for long; it may throw. Empty: nothing interrupts.
void set_interrupt_hook(std::function<void()> hook);
// Calls the hook if 50 ms have passed since this thread last did.
void poll_interrupts();

// For loops of any speed: polls about once a millisecond, and looks at the clock hardly more often.
class InterruptWatch {
 public:
  void tick() { if (--left_ == 0) look(); }

 private:
  using Clock = std::chrono::steady_clock;
  void look();
  int left_ = 1, every_ = 1;   // ticks until the next look, and from one to the next
  Clock::time_point last_{};
};

}  // namespace ninefold
