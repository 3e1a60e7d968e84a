// In: bytes of PNG files, or pixels. Out: pixels, or bytes, by libpng, whose errors come back as a reason.
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "engine/ops/image_module/formats.h"

namespace ninefold::ops::image_module {
namespace {

struct Reader {
  const unsigned char* at;
  std::size_t left;
  char* why;
  std::size_t why_size;
};
void keep(char* why, std::size_t size, const char* text) {
  if (size == 0) return;
  std::strncpy(why, text, size - 1);
  why[size - 1] = 0;
}
[[noreturn]] void png_failed(png_structp png, png_const_charp text) {
  auto* r = static_cast<Reader*>(png_get_error_ptr(png));
  keep(r->why, r->why_size, text);
  png_longjmp(png, 1);
}
void png_warned(png_structp, png_const_charp) {}
void png_take(png_structp png, png_bytep to, png_size_t n) {
  auto* r = static_cast<Reader*>(png_get_io_ptr(png));
  if (n > r->left) png_error(png, "the file ends too early");
  std::memcpy(to, r->at, n);
  r->at += n;
  r->left -= n;
}
void png_give(png_structp png, png_bytep from, png_size_t n) {
  auto* out = static_cast<std::vector<unsigned char>*>(png_get_io_ptr(png));
  out->insert(out->end(), from, from + n);
}
void png_done(png_structp) {}

// What becomes of the pixels on their way, as TensorFlow asks libpng for it. Gives the channels of the result.
int arrange(png_structp png, png_infop info, PngWish wish) {
  const int color = png_get_color_type(png, info), depth = png_get_bit_depth(png, info);
  const bool palette = color == PNG_COLOR_TYPE_PALETTE, alpha = (color & PNG_COLOR_MASK_ALPHA) != 0;
  const bool transparent = png_get_valid(png, info, PNG_INFO_tRNS) != 0, gray = (color & PNG_COLOR_MASK_COLOR) == 0;
  int channels = wish.channels;
  if (channels == 0) channels = palette ? (transparent ? 4 : 3) : png_get_channels(png, info);
  if (channels % 2 == 0) {
    if (!alpha && transparent) png_set_tRNS_to_alpha(png);
    else if (!alpha) png_set_add_alpha(png, (1u << depth) - 1, PNG_FILLER_AFTER);
  } else if (alpha || transparent) {
    png_set_strip_alpha(png);
  }
  if (depth > 8 && !wish.wide) png_set_strip_16(png);
  png_set_packing(png);
  if (wish.wide && depth > 8) png_set_swap(png);
  if (palette) png_set_palette_to_rgb(png);
  if (gray && depth < 8) png_set_expand_gray_1_2_4_to_8(png);
  if (channels < 3 && !gray) png_set_rgb_to_gray(png, PNG_ERROR_ACTION_NONE, 0.299, 0.587);
  if (channels >= 3 && gray) png_set_gray_to_rgb(png);
  return channels;
}

// Between setjmp and the end nothing may need a destructor: what does lives in the caller.
bool read_rows(png_structp png, png_infop info, Reader& reader, PngWish wish, ImageRoom room, void* user, std::vector<png_bytep>& rows) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_read_fn(png, &reader, png_take);
  png_set_user_limits(png, 1 << 27, 1 << 27);
  png_set_chunk_malloc_max(png, 64 << 20);
  png_read_info(png, info);
  const std::int64_t height = png_get_image_height(png, info), width = png_get_image_width(png, info);
  if (width >= (1 << 27) || height >= (1 << 27) || width * height >= (std::int64_t{1} << 29)) png_error(png, "the image is too large");
  const bool widen = wish.wide && png_get_bit_depth(png, info) <= 8;
  const int channels = arrange(png, info, wish);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  const std::size_t each = static_cast<std::size_t>(width) * static_cast<std::size_t>(channels) * (wish.wide ? 2 : 1);
  if (png_get_rowbytes(png, info) != each / (widen ? 2 : 1)) png_error(png, "the rows have another size than the header says");
  auto* const to = static_cast<unsigned char*>(room(user, height, width, channels));
  if (!to) png_error(png, "there is no memory for the image");
  std::memset(to, 0, each * static_cast<std::size_t>(height));
  rows.resize(static_cast<std::size_t>(height));
  for (std::int64_t y = 0; y < height; ++y) rows[static_cast<std::size_t>(y)] = to + each * static_cast<std::size_t>(y);
  png_read_image(png, rows.data());
  if (widen)   // 8 bits become 16: 0xab is 0xabab
    for (std::int64_t y = 0; y < height; ++y)
      for (std::size_t i = each / 2; i-- > 0;) {
        unsigned char* row = rows[static_cast<std::size_t>(y)];
        row[2 * i] = row[2 * i + 1] = row[i];
      }
  png_read_end(png, info);
  return true;
}

bool write_rows(png_structp png, png_infop info, const unsigned char* pixels, std::int64_t height, std::int64_t width, int channels, bool wide,
                int compression, std::vector<unsigned char>& out) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_write_fn(png, &out, png_give, png_done);
  if (compression >= 0) png_set_compression_level(png, compression);
  static constexpr int kColors[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), wide ? 16 : 8, kColors[channels],
               PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (wide) png_set_swap(png);
  const std::int64_t each = width * channels * (wide ? 2 : 1);
  for (std::int64_t y = 0; y < height; ++y) png_write_row(png, const_cast<png_bytep>(pixels + y * each));
  png_write_end(png, nullptr);
  return true;
}

}  // namespace

bool png_read(const void* data, std::size_t size, PngWish wish, ImageRoom room, void* user, char* why, std::size_t why_size) {
  Reader reader{static_cast<const unsigned char*>(data), size, why, why_size};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, png_failed, png_warned);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  std::vector<png_bytep> rows;
  const bool ok = info && read_rows(png, info, reader, wish, room, user, rows);
  png_destroy_read_struct(&png, &info, nullptr);
  return ok;
}
bool png_write(const void* pixels, std::int64_t height, std::int64_t width, int channels, bool wide, int compression, ImageTake take, void* user,
               char* why, std::size_t why_size) {
  Reader faults{nullptr, 0, why, why_size};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &faults, png_failed, png_warned);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  std::vector<unsigned char> out;
  const bool ok = info && write_rows(png, info, static_cast<const unsigned char*>(pixels), height, width, channels, wide, compression, out);
  png_destroy_write_struct(&png, &info);
  if (ok) take(user, out.data(), out.size());
  return ok;
}

}  // namespace ninefold::ops::image_module
