# The image module, opened by libninefold at first use. It names libpng and libjpeg-turbo, which a wheel brings along beside it.
find_path(PNG_INCLUDE png.h REQUIRED)
find_library(PNG_LIBRARY NAMES png16 png REQUIRED)
find_path(JPEG_INCLUDE jpeglib.h REQUIRED)
find_library(JPEG_LIBRARY NAMES jpeg REQUIRED)

ninefold_private_module(image BESIDE INCLUDES ${PNG_INCLUDE} ${JPEG_INCLUDE} LIBRARIES ${PNG_LIBRARY} ${JPEG_LIBRARY}
  SOURCES src/engine/ops/image_module/module.cc src/engine/ops/image_module/png.cc src/engine/ops/image_module/jpeg.cc)
