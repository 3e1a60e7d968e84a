# In: the targets. Out: what `cmake --install` puts down: the library, its public headers, the
# `ninefold` command and a CMake package, so that find_package(ninefold) is all a C++ user needs.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(ninefold::ninefold ALIAS ninefold)
install(TARGETS ninefold EXPORT ninefoldTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/ninefold DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(EXPORT ninefoldTargets NAMESPACE ninefold:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ninefold)
if(TARGET ninefold_command)
  install(TARGETS ninefold_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# The public headers are C++20 and need nothing beside the standard library.
target_compile_features(ninefold PUBLIC cxx_std_20)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/ninefoldConfig.cmake
     "include(\${CMAKE_CURRENT_LIST_DIR}/ninefoldTargets.cmake)\n")
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ninefoldConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ninefoldConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/ninefoldConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ninefold)
