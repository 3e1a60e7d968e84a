// In: text that a program prints. Out: it reaches whoever listens: at first the process's stdout and stderr.
#include "base/text_sink.h"

#include <cstdio>
#include <mutex>

namespace ninefold {
namespace {

std::recursive_mutex mutex;   // guards sinks; a sink may print
std::function<void(std::string_view)> sinks[2];

}  // namespace

void set_text_sink(TextStream stream, std::function<void(std::string_view)> sink) {
  std::lock_guard hold(mutex);
  sinks[static_cast<int>(stream)] = std::move(sink);
}

void write_text(TextStream stream, std::string_view text) {
  std::lock_guard hold(mutex);
  // A copy: the sink may set another one.
  if (const auto sink = sinks[static_cast<int>(stream)]) return sink(text);
  std::FILE* f = stream == TextStream::out ? stdout : stderr;
  std::fwrite(text.data(), 1, text.size(), f);
  std::fflush(f);
}

}  // namespace ninefold
