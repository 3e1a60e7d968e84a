// In: nothing. Out: the table of C functions through which libninefold uses libpng and libjpeg-turbo, which a module of its
// own names, opened at first use: importing Ninefold does not pay for them. They throw nothing across this border.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ninefold::ops {

constexpr std::uint32_t kImageAbiVersion = 1;

struct PngWish {
  int channels;   // 1 to 4; 0: as the file has them
  bool wide;      // 16 bits a channel, else 8
};
struct JpegWish {
  int channels;   // 1, 3; 0: as the file has them
  int ratio;      // 1, 2, 4, 8: the size is divided by it
  bool fancy, recover, accurate;
  float acceptable;   // with `recover`: the part of the rows that must be there
  const std::int32_t* window;   // top, left, height, width; null: the whole image
};
struct JpegForm {
  int quality, density_unit, x_density, y_density;
  bool progressive, optimised, downsampled;
  const char* xmp;        // null: none
  std::size_t xmp_size;
};
// Asked for memory of this many bytes once the size is known; null: it is refused, and decoding fails.
using ImageRoom = void* (*)(void* user, std::int64_t height, std::int64_t width, int channels);
using ImageTake = void (*)(void* user, const void* data, std::size_t size);

// All say false where they fail; `why`, of why_size bytes, then holds the library's reason or nothing.
struct ImageTable {
  std::uint32_t version;
  bool (*png_read)(const void* data, std::size_t size, PngWish wish, ImageRoom room, void* user, char* why, std::size_t why_size);
  bool (*png_write)(const void* pixels, std::int64_t height, std::int64_t width, int channels, bool wide, int compression, ImageTake take,
                    void* user, char* why, std::size_t why_size);
  bool (*jpeg_size)(const void* data, std::size_t size, int* height, int* width, int* channels, char* why, std::size_t why_size);
  bool (*jpeg_read)(const void* data, std::size_t size, JpegWish wish, ImageRoom room, void* user, char* why, std::size_t why_size);
  bool (*jpeg_write)(const void* pixels, std::int64_t height, std::int64_t width, int channels, JpegForm form, ImageTake take, void* user,
                     char* why, std::size_t why_size);
};

// The module's only symbol.
constexpr const char* kImageSymbol = "ninefold_image_table";

}  // namespace ninefold::ops
