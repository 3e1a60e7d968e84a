# libninefold-cuda.so: the kernels of src/engine/ops/*.cu and device/cuda/*.cu, where nvcc is there. libninefold opens it
# where a driver is (src/engine/device/cuda/library.cc); nothing else here knows CUDA.
#
# NINEFOLD_CUDA_TARGETS: "90" (one, as ./check builds it), "75;80;90;100" (what is shipped; the last also as PTX, which
# drivers compile for cards to come), or OFF.
set(NINEFOLD_CUDA_TARGETS "90" CACHE STRING "compute capabilities of the GPU library, or OFF")

# The kernels of element-wise ops are written by a program from the expressions that the CPU's loops come from.
add_executable(ninefold_cuda_kernels tools/generate/cuda_kernels.cc src/engine/op/elementwise/cuda_text.cc src/base/fmt.cc)
target_include_directories(ninefold_cuda_kernels PRIVATE src include)
target_link_libraries(ninefold_cuda_kernels PRIVATE ninefold_warnings)
target_compile_options(ninefold_cuda_kernels PRIVATE -O0)
set(generated ${PROJECT_BINARY_DIR}/cuda)
file(MAKE_DIRECTORY ${generated})
set(NINEFOLD_GENERATED_KERNELS)
foreach(family unary_math unary_special activations binary_math compare bitwise)
  foreach(dtype float double int32 int64 uint64 bool)
    if(family STREQUAL "unary_special" AND NOT dtype MATCHES "float|double")
      continue()
    elseif(family MATCHES "unary_math|activations|binary_math" AND dtype STREQUAL "bool")
      continue()
    elseif(family STREQUAL "bitwise" AND dtype MATCHES "float|double|bool")
      continue()
    endif()
    list(APPEND NINEFOLD_GENERATED_KERNELS ${generated}/${family}_${dtype}.cu)
  endforeach()
endforeach()
list(APPEND NINEFOLD_GENERATED_KERNELS ${generated}/complex64.cu ${generated}/complex128.cu)
add_custom_command(OUTPUT ${NINEFOLD_GENERATED_KERNELS} COMMAND ninefold_cuda_kernels ${generated}
                   DEPENDS ninefold_cuda_kernels COMMENT "Writing the kernels of element-wise ops")
add_custom_target(ninefold_cuda_sources DEPENDS ${NINEFOLD_GENERATED_KERNELS})

file(GLOB NINEFOLD_KERNELS CONFIGURE_DEPENDS src/engine/ops/*.cu)
file(GLOB NINEFOLD_CUDA_MODULE CONFIGURE_DEPENDS src/engine/device/cuda/*.cu)

# The same kernels by the C++ compiler, as loops: a GPU for tests (tests/cuda/emulator.cc), no part of what is shipped.
function(ninefold_emulated_gpu target)
  set(copies)
  foreach(source IN LISTS NINEFOLD_KERNELS NINEFOLD_GENERATED_KERNELS)
    get_filename_component(name ${source} NAME_WE)
    set(copy ${PROJECT_BINARY_DIR}/emulated/${name}.cc)
    file(CONFIGURE OUTPUT ${copy} CONTENT "#include \"${source}\"\n" @ONLY)
    set_source_files_properties(${copy} PROPERTIES OBJECT_DEPENDS ${source})
    list(APPEND copies ${copy})
  endforeach()
  file(GLOB emulator CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/cuda/*.cc)
  add_library(${target} MODULE ${emulator} ${copies})
  add_dependencies(${target} ninefold_cuda_sources)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(${target} PRIVATE ninefold_warnings)
  target_compile_options(${target} PRIVATE -O1 -Wno-unused-function -Wno-type-limits)
  target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS})
  # What a card would compile from text while a program runs, this compiler does.
  target_compile_definitions(${target} PRIVATE NINEFOLD_EMULATED_COMPILER="${CMAKE_CXX_COMPILER}"
                             NINEFOLD_EMULATED_SOURCE="${PROJECT_SOURCE_DIR}/src")
endfunction()

if(NOT NINEFOLD_CUDA_TARGETS OR NINEFOLD_SANITIZE)
  return()
endif()
find_program(NINEFOLD_NVCC nvcc HINTS ${CUDAToolkit_ROOT}/bin $ENV{CUDA_HOME}/bin PATHS /usr/local/cuda/bin)
if(NOT NINEFOLD_NVCC)
  message(STATUS "the GPU library is not built: there is no nvcc")
  return()
endif()
get_filename_component(cuda_root ${NINEFOLD_NVCC}/../.. ABSOLUTE)
find_file(cuda_runtime NAMES libcudart_static.a PATHS ${cuda_root}/lib64 ${cuda_root}/lib NO_CACHE NO_DEFAULT_PATH REQUIRED)

# What kernels that are compiled while a program runs may include (device/cuda/compile.cu).
set(embedded)
foreach(header device/cuda/kernel.cuh ops/numbers.cuh ops/complex.cuh ops/elementwise_launch.h ops/elementwise.cuh ops/fused_launch.h ops/fused.cuh)
  set(source ${PROJECT_SOURCE_DIR}/src/engine/${header})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} text)
  string(APPEND embedded "{\"engine/${header}\", R\"nf(${text})nf\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${generated}/cuda_headers.inc CONTENT "${embedded}" @ONLY)

set(codes)
set(names)
foreach(target IN LISTS NINEFOLD_CUDA_TARGETS)
  list(APPEND codes -gencode arch=compute_${target},code=sm_${target})
  list(APPEND names sm_${target})
  set(last ${target})
endforeach()
list(LENGTH NINEFOLD_CUDA_TARGETS count)
if(count GREATER 1)
  list(APPEND codes -gencode arch=compute_${last},code=compute_${last})
  list(APPEND names compute_${last})
endif()
list(JOIN names " " names)
set(flags -std=c++20 -O3 ${codes} -ccbin ${CMAKE_CXX_COMPILER} -I ${PROJECT_SOURCE_DIR}/src -I ${PROJECT_SOURCE_DIR}/include -I ${generated}
    -Xcompiler=-fPIC,-fvisibility=hidden,-Wall,-Wextra,-Wno-unused-function -Werror all-warnings --fmad=false
    "-DNINEFOLD_CUDA_TARGETS=\"${names}\"" -diag-suppress 177)
# Commands, not CMake's CUDA language: its own tests of the compiler take longer than some of these files.
set(objects)
foreach(source IN LISTS NINEFOLD_KERNELS NINEFOLD_CUDA_MODULE NINEFOLD_GENERATED_KERNELS)
  get_filename_component(name ${source} NAME_WE)
  set(object ${PROJECT_BINARY_DIR}/cuda/${name}.o)
  set(own)
  if(name MATCHES "uint64")
    set(own -diag-suppress 186)  # expressions of all integers ask of these, too, whether they are below zero
  endif()
  add_custom_command(OUTPUT ${object} DEPENDS ${source} DEPFILE ${object}.d VERBATIM
    COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} ${NINEFOLD_NVCC} ${flags} ${own} -MD -MF ${object}.d -c ${source} -o ${object}
    COMMENT "Compiling ${name}.cu for ${names}")
  list(APPEND objects ${object})
endforeach()
add_library(ninefold_cuda MODULE ${objects})
set_target_properties(ninefold_cuda PROPERTIES OUTPUT_NAME ninefold-cuda LINKER_LANGUAGE CXX)
target_link_options(ninefold_cuda PRIVATE -Wl,--exclude-libs,ALL -Wl,-z,defs)
target_link_libraries(ninefold_cuda PRIVATE ${cuda_runtime} Threads::Threads ${CMAKE_DL_LIBS} rt)
ninefold_floor(ninefold_cuda)
