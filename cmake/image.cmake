# The image module, opened by libninefold at first use. It names libpng and libjpeg-turbo, which a wheel brings along beside it.
find_path(PNG_INCLUDE png.h REQUIRED)
find_library(PNG_LIBRARY NAMES png16 png REQUIRED)
find_path(JPEG_INCLUDE jpeglib.h REQUIRED)
find_library(JPEG_LIBRARY NAMES jpeg REQUIRED)

add_library(ninefold_image MODULE src/engine/ops/image_module/module.cc src/engine/ops/image_module/png.cc
            src/engine/ops/image_module/jpeg.cc)
set_target_properties(ninefold_image PROPERTIES OUTPUT_NAME ninefold-image INSTALL_RPATH "$ORIGIN")
target_include_directories(ninefold_image PRIVATE src)
target_include_directories(ninefold_image SYSTEM PRIVATE ${PNG_INCLUDE} ${JPEG_INCLUDE})
target_link_libraries(ninefold_image PRIVATE ninefold_warnings ${PNG_LIBRARY} ${JPEG_LIBRARY})
target_link_options(ninefold_image PRIVATE -Wl,--exclude-libs,ALL)
if(NOT NINEFOLD_SANITIZE)  # a sanitizer's symbols come from the program
  target_link_options(ninefold_image PRIVATE -Wl,-z,defs)
endif()
ninefold_floor(ninefold_image)
add_dependencies(ninefold ninefold_image)
install(TARGETS ninefold_image LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
