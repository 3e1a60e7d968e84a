// In: bytes of image files; pixels. Out: DecodeImage and its kin, which all read every format; EncodePng, EncodeJpeg.
#include "engine/ops/image_files.h"

#include <dlfcn.h>

#include <cstring>

#include "base/check.h"
#include "engine/op/kernel_ctx.h"
#include "engine/op/shape_ctx.h"
#include "engine/ops/image_abi.h"

namespace ninefold::ops {
namespace {

// The module lies beside the library (or program) that holds this code, or one folder above (tests).
const ImageTable* load_image_table() {
  Dl_info self{};
  NINEFOLD_INVARIANT(::dladdr(reinterpret_cast<const void*>(&load_image_table), &self) != 0);
  const std::string image = self.dli_fname;
  const size_t slash = image.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : image.substr(0, slash);
  std::string reason;
  for (const std::string& place : {folder, folder + "/.."}) {
    void* module = ::dlopen((place + "/libninefold-image.so").c_str(), RTLD_NOW | RTLD_LOCAL);   // never closed
    if (!module) {
      if (reason.empty()) reason = ::dlerror();
      continue;
    }
    using Get = const ImageTable* (*)();
    const auto get = reinterpret_cast<Get>(::dlsym(module, kImageSymbol));
    if (get && get()->version == kImageAbiVersion) return get();
    fail(Code::failed_precondition, "images: {}/libninefold-image.so belongs to another version of Ninefold; install Ninefold anew", place);
  }
  fail(Code::failed_precondition, "images: libpng and libjpeg could not be loaded: {}; install Ninefold anew", reason);
}
const ImageTable& table() {
  static const ImageTable* const loaded = load_image_table();
  return *loaded;
}

enum class Format { unknown, jpeg, png, gif, bmp };
Format format_of(std::string_view file) {
  using namespace std::string_view_literals;
  if (file.starts_with("\xff\xd8\xff"sv)) return Format::jpeg;
  if (file.starts_with("\x89PNG\r\n\x1a\n"sv)) return Format::png;
  if (file.starts_with("GIF8"sv)) return Format::gif;
  if (file.starts_with("BM"sv)) return Format::bmp;
  return Format::unknown;
}

// Where pixels go: into the output as they are, or into bytes that become the output's numbers.
struct Target {
  KernelCtx& k;
  DType dtype;                 // of the output
  bool frames_too = false;     // a dimension of frames, of one too
  std::vector<uint8_t> aside = {};
  bool wide = false;           // 16 bits come
  Shape shape = {};
  uint8_t* room(int64_t frames, int64_t height, int64_t width, int64_t channels) {
    shape = frames_too ? Shape({frames, height, width, channels}) : Shape({height, width, channels});
    const bool as_it_is = dtype == (wide ? DType::u16 : DType::u8);
    if (!as_it_is) return aside.resize(static_cast<size_t>(shape.size()) * (wide ? 2 : 1)), aside.data();
    if (!k.has_output(0)) k.allocate(0, dtype, shape);
    k.check(k.out(0).shape() == shape, "the image has another shape than the graph says: {} instead of {}", shape.str(), k.out(0).shape().str());
    return k.out<uint8_t>(0);
  }
  // Integers fill their range, floats [0, 1].
  void finish() {
    if (dtype == (wide ? DType::u16 : DType::u8)) return;
    if (!k.has_output(0)) k.allocate(0, dtype, shape);
    k.check(k.out(0).shape() == shape, "the image has another shape than the graph says: {} instead of {}", shape.str(), k.out(0).shape().str());
    const int64_t n = shape.size();
    for (int64_t i = 0; i < n; ++i) {
      uint16_t v = aside[static_cast<size_t>(i)];
      if (wide) std::memcpy(&v, aside.data() + 2 * i, 2);
      if (dtype == DType::f32) k.out<float>(0)[i] = static_cast<float>(v) * (1.0f / (wide ? 65535.0f : 255.0f));
      else k.out<uint16_t>(0)[i] = static_cast<uint16_t>(v * 256);
    }
  }
};
void* module_room(void* user, int64_t height, int64_t width, int channels) {
  try {
    return static_cast<Target*>(user)->room(1, height, width, channels);
  } catch (...) {   // it must not cross the module
    return nullptr;
  }
}

void check_channels(int64_t channels, const std::function<void(const std::string&)>& refuse) {
  if (channels != 0 && channels != 1 && channels != 3 && channels != 4)
    refuse(fmt::format("`channels` must be 0, 1, 3 or 4 but got {}", channels));
}
void check_jpeg_attrs(const auto& c) {
  const int64_t ratio = c.integer("ratio");
  c.check(ratio == 1 || ratio == 2 || ratio == 4 || ratio == 8, "ratio must be 1, 2, 4, or 8, got {}", ratio);
  const std::string& method = c.text("dct_method");
  c.check(method.empty() || method == "INTEGER_FAST" || method == "INTEGER_ACCURATE",
          "dct_method must be one of {{'', 'INTEGER_FAST', 'INTEGER_ACCURATE'}}");
}

struct How {
  const char* op;
  int64_t channels = 0;
  DType dtype = DType::u8;
  JpegWish jpeg = {0, 1, true, false, false, 1, nullptr};
  bool frames = true, always_frames = false;
  const int32_t* window = nullptr;
};

void decode_any(KernelCtx& k, const How& how) {
  k.check(k.shape(0).rank() == 0, "`contents` must be scalar but got shape{}", k.shape(0).str());
  const std::string_view file = *k.in<std::string>(0);
  k.check(!file.empty(), "Input is empty.");
  check_channels(how.channels, [&](const std::string& text) { k.check(false, "{}", text); });
  Target to{k, how.dtype, how.always_frames};
  char why[256] = "";
  const std::string_view name = how.op;
  const auto also = [&](int64_t frames, int64_t h, int64_t w, int64_t c) { return to.room(frames, h, w, c); };
  switch (format_of(file)) {
    case Format::jpeg: {
      k.check(name != "DecodeBmp", "Trying to decode JPEG format using DecodeBmp op. Use `decode_jpeg` or `decode_image` instead.");
      k.check(how.channels != 4, "JPEG does not support 4 channels");
      JpegWish wish = how.jpeg;
      wish.channels = static_cast<int>(how.channels);
      wish.window = how.window;
      const bool read = table().jpeg_read(file.data(), file.size(), wish, module_room, &to, why, sizeof why);
      k.check(read, "jpeg::Uncompress failed. Invalid JPEG data or crop window.{}{}", *why ? " " : "", why);
      break;
    }
    case Format::png: {
      k.check(name != "DecodeBmp", "Trying to decode PNG format using DecodeBmp op. Use `decode_png` or `decode_image` instead.");
      k.check(name != "DecodeAndCropJpeg", "DecodeAndCropJpeg operation can run on JPEG only, but detected PNG.");
      to.wide = how.dtype != DType::u8;
      const PngWish wish{static_cast<int>(how.channels), to.wide};
      const bool read = table().png_read(file.data(), file.size(), wish, module_room, &to, why, sizeof why);
      k.check(read, "Invalid PNG data, size {}{}{}", file.size(), *why ? ": " : "", why);
      break;
    }
    case Format::gif: {
      k.check(name != "DecodeBmp", "Trying to decode GIF format using DecodeBmp op. Use `decode_gif` or `decode_image` instead.");
      k.check(name != "DecodeAndCropJpeg", "DecodeAndCropJpeg operation can run on JPEG only, but detected GIF.");
      k.check(how.channels == 0 || how.channels == 3, "channels must be 0 or 3 for GIF, got {}", how.channels);
      if (name == "DecodeGif" || (name == "DecodeImage" && how.frames)) to.frames_too = true;
      const bool all = to.frames_too;
      int64_t count = 0;
      image_files::read_gif(file, all || name != "DecodeImage", [&](int64_t frames, int64_t h, int64_t w, int64_t c) {
        count = frames;
        k.check(all || frames == 1, "Got {} frames, but animated gifs can only be decoded by tf.io.decode_gif or tf.io.decode_image", frames);
        return to.room(frames, h, w, c);
      });
      break;
    }
    case Format::bmp:
      k.check(name == "DecodeBmp" || name == "DecodeImage", "Trying to decode BMP format using a wrong op. Use `decode_bmp` or `decode_image` "
              "instead. Op used: {}", name);
      k.check(how.channels != 1, "`channels` must be 0, 3 or 4 for BMP, but got {}", how.channels);
      image_files::read_bmp(file, how.channels, also);
      break;
    case Format::unknown:
      k.check(false, "Unknown image file format. One of JPEG, PNG, GIF, BMP required.");
  }
  to.finish();
}

void decode(KernelCtx& k, const How& how) {
  try {
    decode_any(k, how);
  } catch (const Error& e) {   // of the formats of our own, which do not know the op
    if (e.code() != Code::invalid_argument || e.message().find("[Op:") != std::string::npos) throw;
    k.raise(e.message());
  }
}

void image_shape(ShapeCtx& c, int64_t channels, bool frames) {
  c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 0, "`contents` must be scalar but got shape{}", c.shape(0).str());
  check_channels(channels, [&](const std::string& text) { c.check(false, "{}", text); });
  c.output(frames ? Shape({-1, -1, -1, 3}) : Shape({-1, -1, channels == 0 ? -1 : channels}));
}

const std::vector<std::string> kJpegAttrs = {"channels: int = 0", "ratio: int = 1", "fancy_upscaling: bool = true",
                                             "try_recover_truncated: bool = false", "acceptable_fraction: float = 1.0",
                                             "dct_method: string = ''"};
JpegWish jpeg_wish(const KernelCtx& k) {
  return {0, static_cast<int>(k.integer("ratio")), k.flag("fancy_upscaling"), k.flag("try_recover_truncated"),
          k.text("dct_method") == "INTEGER_ACCURATE", static_cast<float>(k.number("acceptable_fraction")), nullptr};
}

const Op decode_png = {
    .name = "DecodePng", .inputs = {"contents: string"}, .outputs = {"image: dtype"},
    .attrs = {"channels: int = 0", "dtype: {uint8, uint16} = uint8"}, .doc = "The pixels of an image file.",
    .shape = [](ShapeCtx& c) { image_shape(c, c.integer("channels"), false); }, .stops_gradient = true};
NINEFOLD_REGISTER(decode_png);
NINEFOLD_KERNEL(decode_png, "CPU", (Kernel{[](KernelCtx& k) { decode(k, {"DecodePng", k.integer("channels"), k.type("dtype")}); }}));

const Op decode_jpeg = {
    .name = "DecodeJpeg", .inputs = {"contents: string"}, .outputs = {"image: uint8"}, .attrs = kJpegAttrs, .doc = "The pixels of an image file.",
    .shape = [](ShapeCtx& c) {
      check_jpeg_attrs(c);
      image_shape(c, c.integer("channels"), false);
    },
    .stops_gradient = true};
NINEFOLD_REGISTER(decode_jpeg);
NINEFOLD_KERNEL(decode_jpeg, "CPU", (Kernel{[](KernelCtx& k) { decode(k, {"DecodeJpeg", k.integer("channels"), DType::u8, jpeg_wish(k)}); }}));

const Op crop_jpeg = {
    .name = "DecodeAndCropJpeg", .inputs = {"contents: string", "crop_window: int32"}, .outputs = {"image: uint8"}, .attrs = kJpegAttrs,
    .doc = "The window [top, left, height, width] of a JPEG's pixels.",
    .shape = [](ShapeCtx& c) {
      check_jpeg_attrs(c);
      image_shape(c, c.integer("channels"), false);
      c.check(!c.shape(1).known_rank() || (c.shape(1).rank() == 1 && (c.shape(1)[0] == 4 || c.shape(1)[0] < 0)),
              "crop_size must have four elements {}", c.shape(1).str());
    },
    .host = {"crop_window"}, .stops_gradient = true};
NINEFOLD_REGISTER(crop_jpeg);
NINEFOLD_KERNEL(crop_jpeg, "CPU", (Kernel{[](KernelCtx& k) {
  k.check(k.shape(1).size() == 4, "crop_size must have four elements {}", k.shape(1).str());
  decode(k, {.op = "DecodeAndCropJpeg", .channels = k.integer("channels"), .jpeg = jpeg_wish(k), .window = k.in<int32_t>(1)});
}}));
const Op jpeg_shape = {
    .name = "ExtractJpegShape", .inputs = {"contents: string"}, .outputs = {"image_shape: output_type"},
    .attrs = {"output_type: {int32, int64} = int32"}, .doc = "Height, width and channels of a JPEG, from its header.",
    .shape = [](ShapeCtx& c) {
      c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 0, "contents must be scalar, got shape {}", c.shape(0).str());
      c.output(Shape({3}));
    },
    .stops_gradient = true};
NINEFOLD_REGISTER(jpeg_shape);
NINEFOLD_KERNEL(jpeg_shape, "CPU", (Kernel{[](KernelCtx& k) {
  const std::string& file = *k.in<std::string>(0);
  int size[3] = {};
  char why[256] = "";
  k.check(table().jpeg_size(file.data(), file.size(), &size[0], &size[1], &size[2], why, sizeof why), "Invalid JPEG data, size {}", file.size());
  if (!k.has_output(0)) k.allocate(0, k.type("output_type"), Shape({3}));
  for (int i = 0; i < 3; ++i) {
    if (k.type("output_type") == DType::i64) k.out<int64_t>(0)[i] = size[i];
    else k.out<int32_t>(0)[i] = size[i];
  }
}}));

const Op decode_bmp = {
    .name = "DecodeBmp", .inputs = {"contents: string"}, .outputs = {"image: uint8"}, .attrs = {"channels: int = 0"},
    .doc = "The pixels of a bitmap file.", .shape = [](ShapeCtx& c) { image_shape(c, c.integer("channels"), false); }, .stops_gradient = true};
NINEFOLD_REGISTER(decode_bmp);
NINEFOLD_KERNEL(decode_bmp, "CPU", (Kernel{[](KernelCtx& k) { decode(k, {"DecodeBmp", k.integer("channels")}); }}));

const Op decode_gif = {
    .name = "DecodeGif", .inputs = {"contents: string"}, .outputs = {"image: uint8"}, .attrs = {}, .doc = "The frames of an image file.",
    .shape = [](ShapeCtx& c) { image_shape(c, 3, true); }, .stops_gradient = true};
NINEFOLD_REGISTER(decode_gif);
NINEFOLD_KERNEL(decode_gif, "CPU", (Kernel{[](KernelCtx& k) { decode(k, {.op = "DecodeGif", .channels = 3, .always_frames = true}); }}));

const Op decode_image = {
    .name = "DecodeImage", .inputs = {"contents: string"}, .outputs = {"image: dtype"},
    .attrs = {"channels: int = 0", "dtype: {uint8, uint16, float} = uint8", "expand_animations: bool = true"},
    .doc = "The pixels of an image file; of a GIF its frames, if expand_animations says so.",
    .shape = [](ShapeCtx& c) {
      image_shape(c, c.integer("channels"), false);
      if (c.flag("expand_animations")) c.output(Shape::unknown());
    },
    .stops_gradient = true};
NINEFOLD_REGISTER(decode_image);
NINEFOLD_KERNEL(decode_image, "CPU", (Kernel{[](KernelCtx& k) {
  decode(k, {.op = "DecodeImage", .channels = k.integer("channels"), .dtype = k.type("dtype"), .frames = k.flag("expand_animations")});
}}));

// ---- writing ----

void take_bytes(void* user, const void* data, size_t size) { static_cast<std::string*>(user)->assign(static_cast<const char*>(data), size); }
void one_image(ShapeCtx& c) {
  c.check(!c.shape(0).known_rank() || c.shape(0).rank() == 3, "image must be 3-dimensional{}", c.shape(0).str());
  c.output(Shape({}));
}

const Op encode_png = {
    .name = "EncodePng", .inputs = {"image: T"}, .outputs = {"contents: string"}, .attrs = {"compression: int = -1", "T: {uint8, uint16} = uint8"},
    .doc = "An image [height, width, channels] as the bytes of a PNG file.",
    .shape = [](ShapeCtx& c) {
      const int64_t level = c.integer("compression");
      c.check(level >= -1 && level <= 9, "compression should be in [-1,9], got {}", level);
      one_image(c);
    },
    .stops_gradient = true};
NINEFOLD_REGISTER(encode_png);
NINEFOLD_KERNEL(encode_png, "CPU", (Kernel{[](KernelCtx& k) {
  const Shape& s = k.shape(0);
  k.check(s.rank() == 3, "image must be 3-dimensional{}", s.str());
  k.check(s[2] >= 1 && s[2] <= 4, "image must have 1, 2, 3, or 4 channels, got {}", s[2]);
  if (s[0] == 0 || s[1] == 0) throw Error(Code::internal, "Invalid image provided. [Op:EncodePng]");
  if (!k.has_output(0)) k.allocate(0, DType::string, Shape({}));
  char why[256] = "";
  k.check(table().png_write(k.in<void>(0), s[0], s[1], static_cast<int>(s[2]), k.dtype(0) == DType::u16, static_cast<int>(k.integer("compression")),
                            take_bytes, k.out<std::string>(0), why, sizeof why), "EncodePng: {}", why);
}}));

JpegForm jpeg_form(const KernelCtx& k) {
  const std::string& xmp = k.text("xmp_metadata");
  return {static_cast<int>(k.integer("quality")), k.text("density_unit") == "in" ? 1 : 2, static_cast<int>(k.integer("x_density")),
          static_cast<int>(k.integer("y_density")), k.flag("progressive"), k.flag("optimize_size"), k.flag("chroma_downsampling"),
          xmp.data(), xmp.size()};
}
const Op encode_jpeg = {
    .name = "EncodeJpeg", .inputs = {"image: uint8"}, .outputs = {"contents: string"},
    .attrs = {"format: string = ''", "quality: int = 95", "progressive: bool = false", "optimize_size: bool = false",
              "chroma_downsampling: bool = true", "density_unit: string = 'in'", "x_density: int = 300", "y_density: int = 300",
              "xmp_metadata: string = ''"},
    .doc = "An image [height, width, channels] as the bytes of a JPEG file.",
    .shape = [](ShapeCtx& c) {
      const int64_t quality = c.integer("quality");
      c.check(quality >= 0 && quality <= 100, "quality must be in [0,100], got {}", quality);
      for (const char* name : {"x_density", "y_density"})
        c.check(c.integer(name) >= 0 && c.integer(name) <= 65535, "{} must be in [0,65535], got {}", name, c.integer(name));
      c.check(c.text("density_unit") == "in" || c.text("density_unit") == "cm", "Invalid density_unit {}", c.text("density_unit"));
      c.check(c.text("xmp_metadata").size() < 65500, "xmp_metadata is too long: {} bytes", c.text("xmp_metadata").size());
      one_image(c);
    },
    .stops_gradient = true};
NINEFOLD_REGISTER(encode_jpeg);
NINEFOLD_KERNEL(encode_jpeg, "CPU", (Kernel{[](KernelCtx& k) {
  const Shape& s = k.shape(0);
  k.check(s.rank() == 3, "image must be 3-dimensional{}", s.str());
  const std::string& format = k.text("format");
  const auto wants = [&](int64_t channels) { k.check(s[2] == channels, "format {} expects {} channels, got {}", format, channels, s.str()); };
  if (format == "grayscale") wants(1);
  else if (format == "rgb") wants(3);
  else k.check(s[2] == 1 || s[2] == 3, "image must have 1 or 3 channels, got {}", s.str());
  if (s[0] == 0 || s[1] == 0) throw Error(Code::internal, "JPEG encoding failed [Op:EncodeJpeg]");
  if (!k.has_output(0)) k.allocate(0, DType::string, Shape({}));
  char why[256] = "";
  k.check(table().jpeg_write(k.in<void>(0), s[0], s[1], static_cast<int>(s[2]), jpeg_form(k), take_bytes, k.out<std::string>(0), why, sizeof why),
          "EncodeJpeg: {}", why);
}}));

}  // namespace
}  // namespace ninefold::ops
