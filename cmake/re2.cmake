# The RE2 module, opened by libninefold at first use. Debian's libre2.a keeps a thread-local variable in a form that no
# shared object can hold, so the module names the shared library, which a wheel brings along beside it.
find_path(RE2_INCLUDE re2/re2.h REQUIRED)
find_library(RE2_LIBRARY NAMES re2 REQUIRED)

ninefold_private_module(re2 BESIDE INCLUDES ${RE2_INCLUDE} LIBRARIES ${RE2_LIBRARY}
  SOURCES src/engine/ops/re2_module/module.cc src/engine/ops/re2_module/younger.cc)
