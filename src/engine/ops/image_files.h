// In: bytes of image files. Out: what the kernels and the formats of our own share.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace ninefold::ops::image_files {

// Memory for frames of height x width x channels bytes, once their number and size are known; null: there is none.
using Room = std::function<uint8_t*(int64_t frames, int64_t height, int64_t width, int64_t channels)>;
// Raise InvalidArgumentError as TensorFlow words it. Of a GIF that ends too early the frames before count; `all`: every
// frame, else the first one.
void read_gif(std::string_view file, bool all, const Room& room);
void read_bmp(std::string_view file, int64_t channels, const Room& room);

}  // namespace ninefold::ops::image_files
