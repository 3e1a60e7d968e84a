// In: text that a program prints. Out: it reaches whoever listens: at first the process's stdout and stderr.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace ninefold {

enum class TextStream : uint8_t { out, error };
// An empty function restores the process's own stream. A sink may be called from any thread, one call at a time.
void set_text_sink(TextStream stream, std::function<void(std::string_view)> sink);
void write_text(TextStream stream, std::string_view text);

}  // namespace ninefold
