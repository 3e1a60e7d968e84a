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

ninefold_private_module(hdf5 SOURCES src/train/io/hdf5_module/module.cc INCLUDES ${HDF5_INCLUDE} OPTIONS -Wl,--gc-sections
  LIBRARIES ${hdf5_private} ${SZIP_ARCHIVE} ${AEC_ARCHIVE} ${ZLIB_ARCHIVE} m ${CMAKE_DL_LIBS})
add_dependencies(ninefold_hdf5 ninefold_hdf5_archive)
