// In: nothing. Out: what image_abi.h's table holds, a file a format.
#pragma once

#include "engine/ops/image_abi.h"

namespace ninefold::ops::image_module {

bool png_read(const void* data, std::size_t size, PngWish wish, ImageRoom room, void* user, char* why, std::size_t why_size);
bool png_write(const void* pixels, std::int64_t height, std::int64_t width, int channels, bool wide, int compression, ImageTake take, void* user,
               char* why, std::size_t why_size);
bool jpeg_size(const void* data, std::size_t size, int* height, int* width, int* channels, char* why, std::size_t why_size);
bool jpeg_read(const void* data, std::size_t size, JpegWish wish, ImageRoom room, void* user, char* why, std::size_t why_size);
bool jpeg_write(const void* pixels, std::int64_t height, std::int64_t width, int channels, JpegForm form, ImageTake take, void* user, char* why,
                std::size_t why_size);

}  // namespace ninefold::ops::image_module
