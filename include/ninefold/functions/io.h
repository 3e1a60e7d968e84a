// Generated from the records by tools/generate/generate.py: change those, not this.
// In: values. Out: what the functions of tf.io make of them.
#pragma once

#include "ninefold/functions/arguments.h"

namespace ninefold::io {

// decode_jpeg of the window [top, left, height, width] only. Raises InvalidArgumentError where it is not
// within the image.
struct DecodeAndCropJpegOptions {
  int64_t channels = 0;
  int64_t ratio = 1;
  bool fancy_upscaling = true;
  bool try_recover_truncated = false;
  double acceptable_fraction = 1;
  std::string dct_method = "";
};
NINEFOLD_API Tensor decode_and_crop_jpeg(const Value& contents, const Value& crop_window,
    const DecodeAndCropJpegOptions& options = {});

// What tf.io.encode_base64 encoded.
NINEFOLD_API Tensor decode_base64(const Value& input);

// The pixels [height, width, channels], uint8, of a bitmap. channels: those of the file, or 0. Raises
// InvalidArgumentError for what is no bitmap.
struct DecodeBmpOptions {
  int64_t channels = 0;
};
NINEFOLD_API Tensor decode_bmp(const Value& contents, const DecodeBmpOptions& options = {});

// The fields of each record, a tensor a column. record_defaults says each column's dtype and what an empty
// field means: [] that it must not be empty. Of select_cols (rising) only these columns.
struct DecodeCsvOptions {
  std::string field_delim = ",";
  bool use_quote_delim = true;
  std::string na_value = "";
  Value select_cols = {};
};
NINEFOLD_API Tensors decode_csv(const Value& records, const Value& record_defaults,
    const DecodeCsvOptions& options = {});

// The frames [frames, height, width, 3], uint8, of an image file. Raises InvalidArgumentError for what is
// none.
NINEFOLD_API Tensor decode_gif(const Value& contents);

// The pixels of a JPEG, PNG, GIF or BMP: [height, width, channels], of a GIF [frames, height, width, 3]
// unless expand_animations is False. Integers fill the range of dtype, floats [0, 1]. Raises
// InvalidArgumentError for what is no image.
struct DecodeImageOptions {
  Value channels = {};
  DType dtype = dtype_named("uint8");
  bool expand_animations = true;
};
NINEFOLD_API Tensor decode_image(const Value& contents, const DecodeImageOptions& options = {});

// The pixels [height, width, channels], uint8, of an image file, smaller by ratio (1, 2, 4, 8). Of a JPEG
// that ends too early at least acceptable_fraction of the rows must be there, if try_recover_truncated.
// dct_method: 'INTEGER_FAST' (also '') or 'INTEGER_ACCURATE'. Raises InvalidArgumentError for what is no
// image.
struct DecodeJpegOptions {
  int64_t channels = 0;
  int64_t ratio = 1;
  bool fancy_upscaling = true;
  bool try_recover_truncated = false;
  double acceptable_fraction = 1;
  std::string dct_method = "";
};
NINEFOLD_API Tensor decode_jpeg(const Value& contents, const DecodeJpegOptions& options = {});

// The pixels [height, width, channels] of an image file. channels: 1 (grey), 3 (red, green, blue), 4 (and
// how opaque); 0: as the file has them. dtype: tf.uint8 or tf.uint16. Raises InvalidArgumentError for what
// is no image.
struct DecodePngOptions {
  int64_t channels = 0;
  DType dtype = dtype_named("uint8");
};
NINEFOLD_API Tensor decode_png(const Value& contents, const DecodePngOptions& options = {});

// The bytes of strings as numbers, along a new last axis; with fixed_length strings are cut or filled with
// zeros.
struct DecodeRawOptions {
  bool little_endian = true;
  Value fixed_length = {};
};
NINEFOLD_API Tensor decode_raw(const Value& input_bytes, DType out_type,
    const DecodeRawOptions& options = {});

// Web-safe base 64.
struct EncodeBase64Options {
  bool pad = false;
};
NINEFOLD_API Tensor encode_base64(const Value& input, const EncodeBase64Options& options = {});

// An image [height, width, 1 or 3], uint8, as the bytes of a JPEG. format: '', 'grayscale', 'rgb'.
// quality: 0 to 100.
struct EncodeJpegOptions {
  std::string format = "";
  int64_t quality = 95;
  bool progressive = false;
  bool optimize_size = false;
  bool chroma_downsampling = true;
  std::string density_unit = "in";
  int64_t x_density = 300;
  int64_t y_density = 300;
  std::string xmp_metadata = "";
};
NINEFOLD_API Tensor encode_jpeg(const Value& image, const EncodeJpegOptions& options = {});

// An image [height, width, 1 to 4], uint8 or uint16, as the bytes of a PNG. compression: 0 to 9, -1: the
// library's own choice.
struct EncodePngOptions {
  int64_t compression = -1;
};
NINEFOLD_API Tensor encode_png(const Value& image, const EncodePngOptions& options = {});

// [height, width, channels] of a JPEG, from its header alone. Raises InvalidArgumentError for what is
// none.
struct ExtractJpegShapeOptions {
  DType output_type = dtype_named("int32");
};
NINEFOLD_API Tensor extract_jpeg_shape(const Value& contents, const ExtractJpegShapeOptions& options = {});

// Whether the bytes begin as those of a JPEG do.
NINEFOLD_API Tensor is_jpeg(const Value& contents);

// The names of the files that match a pattern, or one of several.
NINEFOLD_API Tensor matching_files(const Value& pattern);

// The tensor whose bytes tf.io.serialize_tensor wrote. Raises InvalidArgumentError for other bytes and
// another dtype.
NINEFOLD_API Tensor parse_tensor(const Value& serialized, DType out_type);

// The bytes of a file, as a string. Raises NotFoundError if there is none.
NINEFOLD_API Tensor read_file(const Value& filename);

// The bytes of a TensorProto, which tf.io.parse_tensor reads.
NINEFOLD_API Tensor serialize_tensor(const Value& tensor);

// Writes a string to a file, whose folder is made if it is not there.
NINEFOLD_API Value write_file(const Value& filename, const Value& contents);

}  // namespace ninefold::io
