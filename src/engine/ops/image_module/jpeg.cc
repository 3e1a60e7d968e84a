// In: bytes of JPEG files, or pixels. Out: pixels, or bytes, by libjpeg-turbo, whose errors come back as a reason.
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <jpeglib.h>

#include "engine/ops/image_module/formats.h"

namespace ninefold::ops::image_module {
namespace {

struct Faults {
  jpeg_error_mgr pub;   // first: libjpeg knows this part
  std::jmp_buf back;
  char* why;
  std::size_t why_size;
};
[[noreturn]] void jpeg_failed(j_common_ptr c) {
  auto* f = reinterpret_cast<Faults*>(c->err);
  char text[JMSG_LENGTH_MAX] = "";
  c->err->format_message(c, text);
  if (f->why_size > 0) {
    std::strncpy(f->why, text, f->why_size - 1);
    f->why[f->why_size - 1] = 0;
  }
  std::longjmp(f->back, 1);
}
void jpeg_quiet(j_common_ptr, int) {}
void jpeg_silent(j_common_ptr) {}
jpeg_error_mgr* prepare(Faults& f, char* why, std::size_t size) {
  f.why = why;
  f.why_size = size;
  jpeg_std_error(&f.pub);
  f.pub.error_exit = jpeg_failed;
  f.pub.emit_message = jpeg_quiet;
  f.pub.output_message = jpeg_silent;
  return &f.pub;
}

// The file in memory. At its end comes an end mark, if the rest shall be recovered; else that is an error.
struct Source {
  jpeg_source_mgr pub;
  bool recover, ended;
};
void source_begin(j_decompress_ptr) {}
boolean source_more(j_decompress_ptr c) {
  static const JOCTET kEnd[2] = {0xFF, JPEG_EOI};
  auto* s = reinterpret_cast<Source*>(c->src);
  s->ended = true;
  if (!s->recover) {
    auto* f = reinterpret_cast<Faults*>(c->err);
    std::snprintf(f->why, f->why_size, "the file ends too early");
    std::longjmp(f->back, 1);
  }
  s->pub.next_input_byte = kEnd;
  s->pub.bytes_in_buffer = 2;
  return TRUE;
}
void source_skip(j_decompress_ptr c, long n) {
  jpeg_source_mgr* s = c->src;
  if (n <= 0) return;
  if (static_cast<std::size_t>(n) > s->bytes_in_buffer) {
    s->next_input_byte += s->bytes_in_buffer;
    s->bytes_in_buffer = 0;
    return;
  }
  s->next_input_byte += n;
  s->bytes_in_buffer -= static_cast<std::size_t>(n);
}
void give_source(jpeg_decompress_struct& c, Source& s, const void* data, std::size_t size, bool recover) {
  s = {};
  s.recover = recover;
  s.pub.next_input_byte = static_cast<const JOCTET*>(data);
  s.pub.bytes_in_buffer = size;
  s.pub.init_source = source_begin;
  s.pub.fill_input_buffer = source_more;
  s.pub.skip_input_data = source_skip;
  s.pub.resync_to_restart = jpeg_resync_to_restart;
  s.pub.term_source = source_begin;
  c.src = &s.pub;
}

unsigned char parts(unsigned a, unsigned b) { return static_cast<unsigned char>(a * b / 255); }
// Four inks to three colours; Adobe writes them inverted.
void inks_to_colours(const unsigned char* from, unsigned char* to, std::size_t width, bool inverted) {
  for (std::size_t x = 0; x < width; ++x, from += 4, to += 3)
    for (int i = 0; i < 3; ++i)
      to[i] = inverted ? parts(from[i], from[3]) : parts(255u - from[i], 255u - from[3]);
}

bool read_scanlines(jpeg_decompress_struct& c, Faults& f, Source& s, const void* data, std::size_t size, JpegWish wish, ImageRoom room,
                    void* user, std::vector<unsigned char>& line) {
  if (setjmp(f.back)) return false;
  jpeg_create_decompress(&c);
  give_source(c, s, data, size, wish.recover);
  if (jpeg_read_header(&c, TRUE) != JPEG_HEADER_OK) return false;
  const int wanted = wish.channels != 0 ? wish.channels : c.num_components < 3 ? c.num_components : 3;
  const bool inks = c.jpeg_color_space == JCS_CMYK || c.jpeg_color_space == JCS_YCCK;
  if (wanted == 1) c.out_color_space = JCS_GRAYSCALE;
  else if (wanted == 3) c.out_color_space = inks ? JCS_CMYK : JCS_RGB;
  else return false;
  c.do_fancy_upsampling = wish.fancy ? TRUE : FALSE;
  c.scale_num = 1;
  c.scale_denom = static_cast<unsigned>(wish.ratio);
  c.dct_method = wish.accurate ? JDCT_ISLOW : JDCT_IFAST;
  c.mem->max_memory_to_use = 0;
  jpeg_calc_output_dimensions(&c);
  const auto full_width = static_cast<std::int64_t>(c.output_width), full_height = static_cast<std::int64_t>(c.output_height);
  if (static_cast<std::int64_t>(c.image_width) * c.image_height >= std::int64_t{1} << 29) {
    std::snprintf(f.why, f.why_size, "the image is too large");
    return false;
  }
  const std::int32_t* const window = wish.window;
  if (window && (window[0] < 0 || window[1] < 0 || window[2] <= 0 || window[3] <= 0 || window[0] + std::int64_t{window[2]} > full_height ||
                 window[1] + std::int64_t{window[3]} > full_width))
    return false;
  if (jpeg_start_decompress(&c) == FALSE) return false;
  JDIMENSION from = window ? static_cast<JDIMENSION>(window[1]) : 0, read_width = c.output_width;
  if (window) {   // the library reads whole blocks: some columns before and after those that are wanted
    read_width = static_cast<JDIMENSION>(window[3]);
    jpeg_crop_scanline(&c, &from, &read_width);
    if (window[0] > 0) jpeg_skip_scanlines(&c, static_cast<JDIMENSION>(window[0]));
  }
  const std::int64_t height = window ? window[2] : full_height, width = window ? window[3] : full_width;
  const JDIMENSION first = c.output_scanline, last = first + static_cast<JDIMENSION>(height);
  const std::size_t skipped = window ? static_cast<std::size_t>(window[1]) - from : 0;
  auto* const to = static_cast<unsigned char*>(room(user, height, width, wanted));
  if (!to) return false;
  const std::size_t each = static_cast<std::size_t>(width) * static_cast<std::size_t>(wanted);
  std::memset(to, 0, each * static_cast<std::size_t>(height));
  const bool convert = wanted == 3 && inks;
  if (convert || window) line.resize(static_cast<std::size_t>(full_width) * 4);
  std::int64_t whole = 0;   // rows that came before the file's end
  while (c.output_scanline < last) {
    unsigned char* const row = to + each * (c.output_scanline - first);
    JSAMPROW into = convert || window ? line.data() : row;
    if (jpeg_read_scanlines(&c, &into, 1) != 1) return false;
    if (convert) inks_to_colours(line.data() + skipped * 4, row, static_cast<std::size_t>(width), c.saw_Adobe_marker != 0);
    else if (window) std::memcpy(row, line.data() + skipped * static_cast<std::size_t>(wanted), each);
    if (s.ended) {
      std::memset(row, 0, each);   // made up by the library
      break;
    }
    ++whole;
  }
  if (s.ended) {
    if (static_cast<float>(whole) < wish.acceptable * static_cast<float>(height)) return false;
    jpeg_abort_decompress(&c);
    return true;
  }
  if (c.output_scanline < c.output_height) {   // what is below the window needs no reading
    jpeg_abort_decompress(&c);
    return true;
  }
  jpeg_finish_decompress(&c);
  return true;
}

bool read_size(jpeg_decompress_struct& c, Faults& f, Source& s, const void* data, std::size_t size, int* height, int* width, int* channels) {
  if (setjmp(f.back)) return false;
  jpeg_create_decompress(&c);
  give_source(c, s, data, size, false);
  if (jpeg_read_header(&c, TRUE) != JPEG_HEADER_OK) return false;
  jpeg_calc_output_dimensions(&c);
  *height = static_cast<int>(c.output_height);
  *width = static_cast<int>(c.output_width);
  *channels = c.num_components;
  return true;
}

bool write_scanlines(jpeg_compress_struct& c, Faults& f, const unsigned char* pixels, std::int64_t height, std::int64_t width, int channels,
                     const JpegForm& form, const unsigned char* xmp, std::size_t xmp_size, unsigned char** out, unsigned long* out_size) {
  if (setjmp(f.back)) return false;
  jpeg_create_compress(&c);
  jpeg_mem_dest(&c, out, out_size);
  c.image_width = static_cast<JDIMENSION>(width);
  c.image_height = static_cast<JDIMENSION>(height);
  c.input_components = channels;
  c.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&c);
  if (form.optimised) c.optimize_coding = TRUE;
  c.density_unit = static_cast<UINT8>(form.density_unit);
  c.X_density = static_cast<UINT16>(form.x_density);
  c.Y_density = static_cast<UINT16>(form.y_density);
  jpeg_set_quality(&c, form.quality, TRUE);
  if (form.progressive) jpeg_simple_progression(&c);
  if (!form.downsampled)
    for (int i = 0; i < c.num_components; ++i) c.comp_info[i].h_samp_factor = c.comp_info[i].v_samp_factor = 1;
  jpeg_start_compress(&c, TRUE);
  if (xmp_size > 0) jpeg_write_marker(&c, JPEG_APP0 + 1, xmp, static_cast<unsigned>(xmp_size));
  while (c.next_scanline < c.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(pixels + static_cast<std::int64_t>(c.next_scanline) * width * channels);
    jpeg_write_scanlines(&c, &row, 1);
  }
  jpeg_finish_compress(&c);
  return true;
}

}  // namespace

bool jpeg_read(const void* data, std::size_t size, JpegWish wish, ImageRoom room, void* user, char* why, std::size_t why_size) {
  jpeg_decompress_struct c{};
  Faults f{};
  Source s{};
  c.err = prepare(f, why, why_size);
  std::vector<unsigned char> line;
  const bool ok = read_scanlines(c, f, s, data, size, wish, room, user, line);
  jpeg_destroy_decompress(&c);
  return ok;
}
bool jpeg_size(const void* data, std::size_t size, int* height, int* width, int* channels, char* why, std::size_t why_size) {
  jpeg_decompress_struct c{};
  Faults f{};
  Source s{};
  c.err = prepare(f, why, why_size);
  const bool ok = read_size(c, f, s, data, size, height, width, channels);
  jpeg_destroy_decompress(&c);
  return ok;
}
bool jpeg_write(const void* pixels, std::int64_t height, std::int64_t width, int channels, JpegForm form, ImageTake take, void* user, char* why,
                std::size_t why_size) {
  static constexpr char kSpace[] = "http://ns.adobe.com/xap/1.0/";   // the zero at its end belongs to it
  std::vector<unsigned char> xmp;
  if (form.xmp_size > 0) {
    xmp.assign(kSpace, kSpace + sizeof kSpace);
    xmp.insert(xmp.end(), form.xmp, form.xmp + form.xmp_size);
  }
  jpeg_compress_struct c{};
  Faults f{};
  c.err = prepare(f, why, why_size);
  unsigned char* out = nullptr;
  unsigned long out_size = 0;
  const bool ok = write_scanlines(c, f, static_cast<const unsigned char*>(pixels), height, width, channels, form, xmp.data(), xmp.size(),
                                  &out, &out_size);
  jpeg_destroy_compress(&c);
  if (ok) take(user, out, out_size);
  std::free(out);
  return ok;
}

}  // namespace ninefold::ops::image_module
