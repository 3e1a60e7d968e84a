# What makes a clone build sooner; nothing here changes what the program does.
#
# g++ collects its garbage every few megabytes; a file of ours needs some hundreds and then ends. Collecting later
# saves a tenth of the time.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT NINEFOLD_SANITIZE)
  add_compile_options(--param=ggc-min-heapsize=1048576 --param=ggc-min-expand=1000)
endif()

# Rooms that say what is computed, once a trace, and compute nothing themselves: -O1 compiles them a quarter
# faster than -O3. Loops over elements belong elsewhere.
file(GLOB_RECURSE NINEFOLD_COLD_SOURCES CONFIGURE_DEPENDS
     src/train/layers/*.cc src/train/model/*.cc src/train/fit/callbacks/*.cc src/engine/ops/functions/*.cc
     src/engine/ops/*functions.cc src/engine/ops/*composites.cc src/engine/ops/ragged*.cc src/engine/ops/assert*.cc)
set_source_files_properties(${NINEFOLD_COLD_SOURCES} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O1>)

# In: a target. Out: it compiles with the standard library and the checks read once, which saves a fifth of each
# file. A header of ours belongs here only if nearly every file of the target includes it anyway: an edit of it
# compiles everything anew.
# Names in angle brackets: a path in quotes would name this clone and part its compiler cache from others'.
set(NINEFOLD_PRECOMPILED_HEADERS
    <algorithm> <array> <atomic> <cmath> <condition_variable> <cstdint> <cstring> <functional> <limits> <map>
    <memory> <mutex> <numeric> <optional> <set> <span> <string> <string_view> <thread> <tuple> <unordered_map>
    <unordered_set> <utility> <variant> <vector> <base/check.h>)
function(ninefold_precompile target)
  if(NOT NINEFOLD_SANITIZE)
    target_precompile_headers(${target} PRIVATE ${NINEFOLD_PRECOMPILED_HEADERS} ${ARGN})
  endif()
endfunction()

# In: a list of sources below src/ or tests/, and a number. Out: in `result`, files of which each includes up to so many
# neighbours of one folder: their headers are read once. By folder, not over the whole list: a new file then moves only
# its own groups. Names in angle brackets again.
function(ninefold_together result most)
  set(groups "")
  foreach(source IN LISTS ARGN)
    file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR} ${source})
    get_filename_component(folder ${name} DIRECTORY)
    string(MAKE_C_IDENTIFIER ${folder} folder)
    math(EXPR group "(0${count_${folder}})/${most}")
    math(EXPR count_${folder} "0${count_${folder}}+1")
    set(group ${folder}_${group})
    list(APPEND groups ${group})
    string(APPEND text_${group} "#include <${name}>\n")
  endforeach()
  list(REMOVE_DUPLICATES groups)
  set(files "")
  foreach(group IN LISTS groups)
    file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/together/${group}.cc CONTENT "${text_${group}}" @ONLY)
    list(APPEND files ${PROJECT_BINARY_DIR}/together/${group}.cc)
  endforeach()
  set(${result} ${files} PARENT_SCOPE)
endfunction()
