// In: text for the user; what may interrupt a loop. Out: the sink's calls, and the hook where loops find it.
#include "train/fit/text.h"

#include <mutex>

#include "base/interrupts.h"
#include "base/log.h"
#include "ninefold/keras.h"

namespace ninefold::keras {
namespace {

std::mutex sink_mutex;   // guards the function; it is called without it
std::function<void(std::string_view)>& sink() {
  static auto* f = new std::function<void(std::string_view)>();
  return *f;
}

void to_sink(std::string_view text) {
  std::unique_lock hold(sink_mutex);
  const auto f = sink();
  hold.unlock();
  if (f) f(text);
}

}  // namespace

void set_text_sink(std::function<void(std::string_view)> f) {
  std::lock_guard hold(sink_mutex);
  sink() = std::move(f);
  set_user_sink(sink() ? &to_sink : nullptr);
}
void set_interrupt_hook(std::function<void()> f) { ninefold::set_interrupt_hook(std::move(f)); }

void show(std::string_view text) { user_text(text); }

}  // namespace ninefold::keras
