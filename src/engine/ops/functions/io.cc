// Generated from the records by tools/generate/generate.py: change those, not this.
// In: C++ calls of the functions of tf.io. Out: calls of their records.
#include "ninefold/functions/io.h"

#include "engine/ops/functions/call.h"

namespace ninefold::io {

Tensor decode_and_crop_jpeg(const Value& contents, const Value& crop_window,
    const DecodeAndCropJpegOptions& options) {
  static const Function& f = named("tf.io.decode_and_crop_jpeg");
  return tensor_of(f, {contents, crop_window, options.channels, options.ratio, options.fancy_upscaling,
    options.try_recover_truncated, options.acceptable_fraction, options.dct_method, Value()});
}

Tensor decode_base64(const Value& input) {
  static const Function& f = named("tf.io.decode_base64");
  return tensor_of(f, {input, Value()});
}

Tensor decode_bmp(const Value& contents, const DecodeBmpOptions& options) {
  static const Function& f = named("tf.io.decode_bmp");
  return tensor_of(f, {contents, options.channels, Value()});
}

Tensors decode_csv(const Value& records, const Value& record_defaults, const DecodeCsvOptions& options) {
  static const Function& f = named("tf.io.decode_csv");
  return tensors_of(f, {records, record_defaults, options.field_delim, options.use_quote_delim,
    options.na_value, options.select_cols, Value()});
}

Tensor decode_gif(const Value& contents) {
  static const Function& f = named("tf.io.decode_gif");
  return tensor_of(f, {contents, Value()});
}

Tensor decode_image(const Value& contents, const DecodeImageOptions& options) {
  static const Function& f = named("tf.io.decode_image");
  return tensor_of(f, {contents, options.channels, options.dtype, Value(), options.expand_animations});
}

Tensor decode_jpeg(const Value& contents, const DecodeJpegOptions& options) {
  static const Function& f = named("tf.io.decode_jpeg");
  return tensor_of(f, {contents, options.channels, options.ratio, options.fancy_upscaling,
    options.try_recover_truncated, options.acceptable_fraction, options.dct_method, Value()});
}

Tensor decode_png(const Value& contents, const DecodePngOptions& options) {
  static const Function& f = named("tf.io.decode_png");
  return tensor_of(f, {contents, options.channels, options.dtype, Value()});
}

Tensor decode_raw(const Value& input_bytes, DType out_type, const DecodeRawOptions& options) {
  static const Function& f = named("tf.io.decode_raw");
  return tensor_of(f, {input_bytes, out_type, options.little_endian, options.fixed_length, Value()});
}

Tensor encode_base64(const Value& input, const EncodeBase64Options& options) {
  static const Function& f = named("tf.io.encode_base64");
  return tensor_of(f, {input, options.pad, Value()});
}

Tensor encode_jpeg(const Value& image, const EncodeJpegOptions& options) {
  static const Function& f = named("tf.io.encode_jpeg");
  return tensor_of(f, {image, options.format, options.quality, options.progressive, options.optimize_size,
    options.chroma_downsampling, options.density_unit, options.x_density, options.y_density,
    options.xmp_metadata, Value()});
}

Tensor encode_png(const Value& image, const EncodePngOptions& options) {
  static const Function& f = named("tf.io.encode_png");
  return tensor_of(f, {image, options.compression, Value()});
}

Tensor extract_jpeg_shape(const Value& contents, const ExtractJpegShapeOptions& options) {
  static const Function& f = named("tf.io.extract_jpeg_shape");
  return tensor_of(f, {contents, options.output_type, Value()});
}

Tensor is_jpeg(const Value& contents) {
  static const Function& f = named("tf.io.is_jpeg");
  return tensor_of(f, {contents, Value()});
}

Tensor matching_files(const Value& pattern) {
  static const Function& f = named("tf.io.matching_files");
  return tensor_of(f, {pattern, Value()});
}

Tensor parse_tensor(const Value& serialized, DType out_type) {
  static const Function& f = named("tf.io.parse_tensor");
  return tensor_of(f, {serialized, out_type, Value()});
}

Tensor read_file(const Value& filename) {
  static const Function& f = named("tf.io.read_file");
  return tensor_of(f, {filename, Value()});
}

Tensor serialize_tensor(const Value& tensor) {
  static const Function& f = named("tf.io.serialize_tensor");
  return tensor_of(f, {tensor, Value()});
}

Value write_file(const Value& filename, const Value& contents) {
  static const Function& f = named("tf.io.write_file");
  return value_of(f, {filename, contents, Value()});
}

}  // namespace ninefold::io
