// In: lines for the user, lines for the developer. Out: one sink each, replaceable by the host language.
#pragma once

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace ninefold {

// Text that belongs to the program (progress bars, print). Python points it at the current sys.stdout.
// Called with the bytes as they are, no newline added; may throw, for instance on Ctrl-C.
using Sink = void (*)(std::string_view text);
void set_user_sink(Sink sink);  // nullptr: stdout again
void user_text(std::string_view text);

// What tf.print writes, files excepted, whatever stream it names: notebooks show it among what Python prints. nullptr: the streams.
void to_print_sink(Sink sink);
void printed_text(bool to_stdout, std::string_view text);

enum class Level { info, warning, error, off };
// Warnings and errors go to stderr, one whole line a call; TF_CPP_MIN_LOG_LEVEL (0 to 3) hides the lower ones.
void set_log_level(Level least);
void log_line(Level level, std::string_view text);

template <class... A>
void warn(fmt::format_string<A...> form, A&&... args) {
  log_line(Level::warning, fmt::format(form, std::forward<A>(args)...));
}

}  // namespace ninefold
