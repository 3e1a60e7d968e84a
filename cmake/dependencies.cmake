# What the engine is built on (docs/architecture.md says why each). All come as packages.
# Linked statically, with their symbols hidden: the wheel brings nothing but itself.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)

find_path(HWY_INCLUDE hwy/highway.h REQUIRED)
find_library(HWY_LIBRARY NAMES libhwy.a hwy REQUIRED)
find_library(ZLIB_ARCHIVE NAMES libz.a REQUIRED)
find_path(PROTOZERO_INCLUDE protozero/pbf_writer.hpp REQUIRED)

add_library(ninefold_dependencies INTERFACE)
target_include_directories(ninefold_dependencies SYSTEM INTERFACE ${HWY_INCLUDE} ${PROTOZERO_INCLUDE})
target_link_libraries(ninefold_dependencies INTERFACE ${HWY_LIBRARY} ${ZLIB_ARCHIVE} Threads::Threads
                      ${CMAKE_DL_LIBS})
