# In: this machine's libraries. Out: ninefold_floor(target): what is shipped is linked for glibc 2.31 and the C++ library
# of GCC 10 (Debian 11, Ubuntu 20.04), whatever machine builds it. tools/portable.py says how; cmake/floor holds the few
# functions that glibc did not have then. Code, inlining and the machine's fast copies of memcpy stay what they are: only
# the versions differ that the linker writes beside the symbols.
include_guard(GLOBAL)
get_filename_component(NINEFOLD_FLOOR_SOURCE ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
if(NOT NINEFOLD_FLOOR)  # the project of a further binding is told the folder of the main build
  set(NINEFOLD_FLOOR ${CMAKE_BINARY_DIR}/floor)
endif()
file(GLOB NINEFOLD_FLOOR_PARTS CONFIGURE_DEPENDS ${NINEFOLD_FLOOR_SOURCE}/cmake/floor/*.c ${NINEFOLD_FLOOR_SOURCE}/tools/portable.py)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${NINEFOLD_FLOOR_PARTS})
set(NINEFOLD_FLOOR_STAMP ${NINEFOLD_FLOOR}/libc.so)
if(NOT NINEFOLD_SANITIZE)
  foreach(part ${NINEFOLD_FLOOR_PARTS})
    if(${part} IS_NEWER_THAN ${NINEFOLD_FLOOR_STAMP})
      set(NINEFOLD_FLOOR_STALE ON)
    endif()
  endforeach()
  if(NINEFOLD_FLOOR_STALE)
    find_program(NINEFOLD_ANY_PYTHON NAMES python3 REQUIRED)
    execute_process(COMMAND ${NINEFOLD_ANY_PYTHON} ${NINEFOLD_FLOOR_SOURCE}/tools/portable.py stubs ${NINEFOLD_FLOOR}
                            --compiler ${CMAKE_CXX_COMPILER} COMMAND_ERROR_IS_FATAL ANY)
  endif()
endif()

function(ninefold_floor target)
  if(NOT NINEFOLD_SANITIZE)  # a sanitizer's own library asks for what this machine has
    target_link_options(${target} PRIVATE -L${NINEFOLD_FLOOR})
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${NINEFOLD_FLOOR_STAMP})
  endif()
endfunction()
