# The private HDF5 module: HDF5 and its codecs inside, one visible symbol. libninefold opens it at first use.
# Debian's libhdf5.a is position-independent but for two variables of the C library; in a copy of it these are
# renamed to variables of the module (src/train/io/hdf5_module/module.cc). Remote drivers, hence curl and ssl, are
# not linked, because nothing refers to them.
find_path(HDF5_INCLUDE hdf5.h PATH_SUFFIXES hdf5/serial REQUIRED)
find_library(HDF5_ARCHIVE NAMES libhdf5_serial.a libhdf5.a PATH_SUFFIXES hdf5/serial REQUIRED)
find_library(SZIP_ARCHIVE NAMES libsz.a REQUIRED)
find_library(AEC_ARCHIVE NAMES libaec.a REQUIRED)

set(hdf5_private ${CMAKE_CURRENT_BINARY_DIR}/libhdf5_private.a)
add_custom_command(OUTPUT ${hdf5_private} DEPENDS ${HDF5_ARCHIVE} VERBATIM
  COMMAND ${CMAKE_OBJCOPY} --redefine-sym stderr=ninefold_hdf5_stderr
          --redefine-sym stdout=ninefold_hdf5_stdout ${HDF5_ARCHIVE} ${hdf5_private}
  COMMENT "Preparing HDF5 for the private module")
add_custom_target(ninefold_hdf5_archive DEPENDS ${hdf5_private})

add_library(ninefold_hdf5 MODULE src/train/io/hdf5_module/module.cc)
add_dependencies(ninefold_hdf5 ninefold_hdf5_archive)
set_target_properties(ninefold_hdf5 PROPERTIES OUTPUT_NAME ninefold-hdf5)
target_include_directories(ninefold_hdf5 PRIVATE src)
target_include_directories(ninefold_hdf5 SYSTEM PRIVATE ${HDF5_INCLUDE})
target_link_libraries(ninefold_hdf5 PRIVATE ninefold_warnings ${hdf5_private} ${SZIP_ARCHIVE} ${AEC_ARCHIVE}
                      ${ZLIB_ARCHIVE} m ${CMAKE_DL_LIBS})
target_link_options(ninefold_hdf5 PRIVATE -Wl,--exclude-libs,ALL -Wl,--gc-sections)
if(NOT NINEFOLD_SANITIZE)  # a sanitizer's symbols come from the program
  target_link_options(ninefold_hdf5 PRIVATE -Wl,-z,defs)
endif()
ninefold_floor(ninefold_hdf5)
add_dependencies(ninefold ninefold_hdf5)
include(GNUInstallDirs)
install(TARGETS ninefold_hdf5 LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
