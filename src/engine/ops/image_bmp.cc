// In: the bytes of a Windows bitmap without compression. Out: its pixels, top row first, red first.
#include <cstdlib>
#include <cstring>

#include "base/check.h"
#include "engine/ops/image_files.h"

namespace ninefold::ops::image_files {
namespace {

int32_t number_at(std::string_view file, size_t at) {
  int32_t v;
  std::memcpy(&v, file.data() + at, sizeof v);
  return v;
}

}  // namespace

void read_bmp(std::string_view file, int64_t channels, const Room& room) {
  check(file.size() >= 32, Code::invalid_argument, "Incomplete bmp content, requires at least 32 bytes to find the header size, width, "
        "height, and bpp, got {} bytes", file.size());
  const auto refuse = [](bool fine, const char* why) { check(fine, Code::invalid_argument, "{}", why); };
  const int64_t header = number_at(file, 10), width = number_at(file, 18), signed_height = number_at(file, 22);
  const int64_t inherent = (number_at(file, 28) & 0xFFFF) / 8;
  refuse(header >= 0, "header size must be nonnegative");
  refuse(width > 0, "Width must be positive");
  refuse(signed_height != 0, "Height must be nonzero");
  check(inherent == 1 || inherent == 3 || inherent == 4, Code::invalid_argument,
        "Number of channels inherent in the image must be 1, 3 or 4, was {}", inherent);
  const int64_t height = std::abs(signed_height), depth = channels == 0 ? inherent : channels;
  refuse(height < (int64_t{1} << 30) / width / 4, "Total possible pixel bytes must be less than 2^30");
  const int64_t row = (inherent * width + 3) / 4 * 4, needed = header + row * height;
  check(static_cast<int64_t>(file.size()) == needed, Code::invalid_argument,
        "Input size should match (header_size + row_size * abs_height) but they differ by {}", static_cast<int64_t>(file.size()) - needed);
  uint8_t* to = room(1, height, width, depth);
  for (int64_t y = 0; y < height; ++y) {
    const auto* from = reinterpret_cast<const uint8_t*>(file.data()) + header + (signed_height < 0 ? y : height - 1 - y) * row;
    for (int64_t x = 0; x < width; ++x, from += inherent, to += depth) {
      to[0] = inherent == 1 ? from[0] : from[2];
      if (depth == 1) continue;
      to[1] = inherent == 1 ? from[0] : from[1];
      to[2] = from[0];
      if (depth == 4) to[3] = inherent == 4 ? from[3] : 255;
    }
  }
}

}  // namespace ninefold::ops::image_files
