# The RE2 module, opened by libninefold at first use. Debian's libre2.a keeps a thread-local variable in a form that no
# shared object can hold, so the module names the shared library, which a wheel brings along beside it.
find_path(RE2_INCLUDE re2/re2.h REQUIRED)
find_library(RE2_LIBRARY NAMES re2 REQUIRED)

add_library(ninefold_re2 MODULE src/engine/ops/re2_module/module.cc src/engine/ops/re2_module/younger.cc)
set_target_properties(ninefold_re2 PROPERTIES OUTPUT_NAME ninefold-re2 INSTALL_RPATH "$ORIGIN")
target_include_directories(ninefold_re2 PRIVATE src)
target_include_directories(ninefold_re2 SYSTEM PRIVATE ${RE2_INCLUDE})
target_link_libraries(ninefold_re2 PRIVATE ninefold_warnings ${RE2_LIBRARY})
target_link_options(ninefold_re2 PRIVATE -Wl,--exclude-libs,ALL)
if(NOT NINEFOLD_SANITIZE)  # a sanitizer's symbols come from the program
  target_link_options(ninefold_re2 PRIVATE -Wl,-z,defs)
endif()
ninefold_floor(ninefold_re2)
add_dependencies(ninefold ninefold_re2)
install(TARGETS ninefold_re2 LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
