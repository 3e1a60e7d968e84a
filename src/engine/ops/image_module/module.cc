// In: calls through the table of image_abi.h. Out: what the libraries say. Built into libninefold-image.so alone; see
// cmake/image.cmake.
#include "engine/ops/image_module/formats.h"

extern "C" __attribute__((visibility("default"))) const ninefold::ops::ImageTable* ninefold_image_table() {
  using namespace ninefold::ops;
  static constexpr ImageTable table = {kImageAbiVersion, image_module::png_read, image_module::png_write, image_module::jpeg_size,
                                       image_module::jpeg_read, image_module::jpeg_write};
  return &table;
}
