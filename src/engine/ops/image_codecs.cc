// In: bytes of image files; pixels. Out: tf.io's and tf.image's functions that read and write images.
#include "base/check.h"
#include "engine/ops/array_args.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/image.h"

namespace ninefold::ops {
namespace {

int64_t channels_of(const Args& a) { return a.none("channels") ? 0 : a.integer("channels"); }
Tensor file_in(const Args& a) { return operand(a, "contents", DType::string); }

const Function decode_png_function = {
    .names = {"tf.io.decode_png", "tf.image.decode_png"},
    .signature = "(contents: tensor, channels: int = 0, dtype: dtype = tf.uint8, name: str = None)",
    .doc = "The pixels [height, width, channels] of an image file. channels: 1 (grey), 3 (red, green, blue), 4 (and how opaque); 0: as the "
           "file has them. dtype: tf.uint8 or tf.uint16. Raises InvalidArgumentError for what is no image.",
    .body = [](Args& a) -> Value { return op("DecodePng", {file_in(a)}, {{"channels", channels_of(a)}, {"dtype", a.dtype("dtype")}}); },
};
NINEFOLD_REGISTER(decode_png_function);

const char* const kJpegParameters =
    "channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True, try_recover_truncated: bool = False, "
    "acceptable_fraction: float = 1, dct_method: str = '', name: str = None)";
Tensor read_jpeg(const Args& a, const char* name, std::initializer_list<Tensor> inputs) {
  return op(name, inputs, {{"channels", channels_of(a)}, {"ratio", a.integer("ratio")}, {"fancy_upscaling", a.flag("fancy_upscaling")},
      {"try_recover_truncated", a.flag("try_recover_truncated")}, {"acceptable_fraction", a.number("acceptable_fraction")},
      {"dct_method", a.text("dct_method")}});
}
const Function decode_jpeg_function = {
    .names = {"tf.io.decode_jpeg", "tf.image.decode_jpeg"}, .signature = std::string("(contents: tensor, ") + kJpegParameters,
    .doc = "The pixels [height, width, channels], uint8, of an image file, smaller by ratio (1, 2, 4, 8). Of a JPEG that ends too early at "
           "least acceptable_fraction of the rows must be there, if try_recover_truncated. dct_method: 'INTEGER_FAST' (also '') or "
           "'INTEGER_ACCURATE'. Raises InvalidArgumentError for what is no image.",
    .body = [](Args& a) -> Value { return read_jpeg(a, "DecodeJpeg", {file_in(a)}); },
};
NINEFOLD_REGISTER(decode_jpeg_function);

const Function decode_and_crop_jpeg = {
    .names = {"tf.io.decode_and_crop_jpeg", "tf.image.decode_and_crop_jpeg"},
    .signature = std::string("(contents: tensor, crop_window: tensor, ") + kJpegParameters,
    .doc = "decode_jpeg of the window [top, left, height, width] only. Raises InvalidArgumentError where it is not within the image.",
    .body = [](Args& a) -> Value {
      return read_jpeg(a, "DecodeAndCropJpeg", {file_in(a), operand(a, "crop_window", DType::i32)});
    },
};
NINEFOLD_REGISTER(decode_and_crop_jpeg);

const Function decode_bmp_function = {
    .names = {"tf.io.decode_bmp", "tf.image.decode_bmp"}, .signature = "(contents: tensor, channels: int = 0, name: str = None)",
    .doc = "The pixels [height, width, channels], uint8, of a bitmap. channels: those of the file, or 0. Raises InvalidArgumentError for what is "
           "no bitmap.",
    .body = [](Args& a) -> Value { return op("DecodeBmp", {file_in(a)}, {{"channels", channels_of(a)}}); },
};
NINEFOLD_REGISTER(decode_bmp_function);

const Function decode_gif_function = {
    .names = {"tf.io.decode_gif", "tf.image.decode_gif"}, .signature = "(contents: tensor, name: str = None)",
    .doc = "The frames [frames, height, width, 3], uint8, of an image file. Raises InvalidArgumentError for what is none.",
    .body = [](Args& a) -> Value { return op("DecodeGif", {file_in(a)}); },
};
NINEFOLD_REGISTER(decode_gif_function);

const Function decode_image_function = {
    .names = {"tf.io.decode_image", "tf.image.decode_image"},
    .signature = "(contents: tensor, channels: int = None, dtype: dtype = tf.uint8, name: str = None, expand_animations: bool = True)",
    .doc = "The pixels of a JPEG, PNG, GIF or BMP: [height, width, channels], of a GIF [frames, height, width, 3] unless expand_animations is "
           "False. Integers fill the range of dtype, floats [0, 1]. Raises InvalidArgumentError for what is no image.",
    .body = [](Args& a) -> Value {
      const DType wanted = a.dtype("dtype");
      const bool direct = wanted == DType::u8 || wanted == DType::u16 || wanted == DType::f32;
      const Tensor image = op("DecodeImage", {file_in(a)}, {{"channels", channels_of(a)}, {"dtype", direct ? wanted : DType::u16},
                                                            {"expand_animations", a.flag("expand_animations")}});
      return direct ? image : image::converted(image, wanted, false);
    },
};
NINEFOLD_REGISTER(decode_image_function);

const Function is_jpeg = {
    .names = {"tf.io.is_jpeg", "tf.image.is_jpeg"}, .signature = "(contents: tensor, name: str = None)",
    .doc = "Whether the bytes begin as those of a JPEG do.",
    .body = [](Args& a) -> Value {
      return op("Equal", {op("Substr", {file_in(a), int_scalar(0), int_scalar(3)}), to_tensor(Value(std::string("\xff\xd8\xff")), DType::string)});
    },
};
NINEFOLD_REGISTER(is_jpeg);

const Function extract_jpeg_shape = {
    .names = {"tf.io.extract_jpeg_shape", "tf.image.extract_jpeg_shape"},
    .signature = "(contents: tensor, output_type: dtype = tf.int32, name: str = None)",
    .doc = "[height, width, channels] of a JPEG, from its header alone. Raises InvalidArgumentError for what is none.",
    .body = [](Args& a) -> Value { return op("ExtractJpegShape", {file_in(a)}, {{"output_type", a.dtype("output_type")}}); },
};
NINEFOLD_REGISTER(extract_jpeg_shape);

const Function encode_png_function = {
    .names = {"tf.io.encode_png", "tf.image.encode_png"}, .signature = "(image: tensor, compression: int = -1, name: str = None)",
    .doc = "An image [height, width, 1 to 4], uint8 or uint16, as the bytes of a PNG. compression: 0 to 9, -1: the library's own choice.",
    .body = [](Args& a) -> Value { return op("EncodePng", {operand(a, "image")}, {{"compression", a.integer("compression")}}); },
};
NINEFOLD_REGISTER(encode_png_function);

const Function encode_jpeg_function = {
    .names = {"tf.io.encode_jpeg", "tf.image.encode_jpeg"},
    .signature = "(image: tensor, format: str = '', quality: int = 95, progressive: bool = False, optimize_size: bool = False, "
                 "chroma_downsampling: bool = True, density_unit: str = 'in', x_density: int = 300, y_density: int = 300, xmp_metadata: str = '', "
                 "name: str = None)",
    .doc = "An image [height, width, 1 or 3], uint8, as the bytes of a JPEG. format: '', 'grayscale', 'rgb'. quality: 0 to 100.",
    .body = [](Args& a) -> Value {
      return op("EncodeJpeg", {operand(a, "image", DType::u8)}, {{"format", a.text("format")}, {"quality", a.integer("quality")},
          {"progressive", a.flag("progressive")}, {"optimize_size", a.flag("optimize_size")}, {"chroma_downsampling", a.flag("chroma_downsampling")},
          {"density_unit", a.text("density_unit")}, {"x_density", a.integer("x_density")}, {"y_density", a.integer("y_density")},
          {"xmp_metadata", a.text("xmp_metadata")}});
    },
};
NINEFOLD_REGISTER(encode_jpeg_function);

}  // namespace
}  // namespace ninefold::ops
