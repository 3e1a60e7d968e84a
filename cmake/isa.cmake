# Files named *.isa.cc are vector loops: each is compiled once an instruction set, inside the namespace
# NINEFOLD_ISA, and chosen at run time (src/base/simd/isa.h).
#
# -ffp-contract=off: a * b + c rounds twice as written, on every CPU; polynomials ask for fma by name.
# -fno-trapping-math lets select() become vector blends. Always -O3, also in debug builds: without
# inlining, library functions would be emitted for AVX-512 under their shared names.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(NINEFOLD_ISAS sse4 avx2 avx512)
  set(NINEFOLD_ISA_FLAGS_sse4 -msse4.2)
  set(NINEFOLD_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c -mbmi -mbmi2)
  set(NINEFOLD_ISA_FLAGS_avx512 ${NINEFOLD_ISA_FLAGS_avx2} -mavx512f -mavx512dq -mavx512bw -mavx512vl
      -mprefer-vector-width=512)
else()
  set(NINEFOLD_ISAS generic)
endif()

file(GLOB_RECURSE NINEFOLD_ISA_SOURCES CONFIGURE_DEPENDS src/engine/*.isa.cc)
set_source_files_properties(${NINEFOLD_ISA_SOURCES} PROPERTIES HEADER_FILE_ONLY TRUE)
set(NINEFOLD_ISA_OBJECTS)
foreach(isa IN LISTS NINEFOLD_ISAS)
  set(copies)
  foreach(source IN LISTS NINEFOLD_ISA_SOURCES)
    # A source file's properties are the same in every target of a folder, so each set compiles a copy
    # that includes the file.
    file(RELATIVE_PATH relative ${PROJECT_SOURCE_DIR}/src ${source})
    set(copy ${PROJECT_BINARY_DIR}/isa/${isa}/${relative})
    string(REPLACE ".isa.cc" ".${isa}.cc" copy ${copy})
    file(CONFIGURE OUTPUT ${copy} CONTENT "#include \"${relative}\"\n" @ONLY)
    list(APPEND copies ${copy})
  endforeach()
  add_library(ninefold_${isa} OBJECT ${copies})
  target_include_directories(ninefold_${isa} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(ninefold_${isa} PRIVATE NINEFOLD_BUILDING NINEFOLD_ISA=${isa})
  target_link_libraries(ninefold_${isa} PRIVATE ninefold_warnings)
  target_compile_options(ninefold_${isa} PRIVATE -O3 -ffp-contract=off -fno-trapping-math
                         ${NINEFOLD_ISA_FLAGS_${isa}})
  list(APPEND NINEFOLD_ISA_OBJECTS $<TARGET_OBJECTS:ninefold_${isa}>)
endforeach()
# Interface sources: what links the object library gets the loops' objects, too.
target_sources(ninefold_objects INTERFACE ${NINEFOLD_ISA_OBJECTS})
target_compile_options(ninefold_objects PRIVATE -ffp-contract=off)

# No weak symbol of an instruction set's object may lie outside its namespace: the linker could take it for
# the baseline's.
find_program(NINEFOLD_NM nm)
if(NINEFOLD_NM AND NOT NINEFOLD_SANITIZE)
  foreach(isa IN LISTS NINEFOLD_ISAS)
    add_test(NAME isa_symbols_${isa} COMMAND sh -c
      "! ${NINEFOLD_NM} -C $<JOIN:$<TARGET_OBJECTS:ninefold_${isa}>, > | grep -E ' [WVu] ' | grep -v '${isa}::'")
  endforeach()
endif()

# The product's tile holds hundreds of vectors by name. With a check around each its file takes gigabytes to
# compile, so sanitizers watch the memory that it reads and writes, and nothing else.
if(NINEFOLD_SANITIZE)
  set_source_files_properties(src/engine/device/cpu/gemm_tile.cc PROPERTIES
    COMPILE_OPTIONS "-fno-sanitize=undefined;--param=asan-stack=0")
endif()

# It chooses an instruction set before it includes anything.
set_source_files_properties(src/engine/device/cpu/gemm_tile.cc PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
