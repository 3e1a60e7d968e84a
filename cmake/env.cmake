# The workstation half: one static library with the parts of base it needs. It never meets the engine.
find_path(TOMLPP_INCLUDE toml++/toml.h REQUIRED)
# The archives: the command runs where the distribution has another OpenSSL, or none.
find_package(OpenSSL 3.0 REQUIRED COMPONENTS SSL)
find_library(NINEFOLD_SSL libssl.a REQUIRED)
find_library(NINEFOLD_CRYPTO libcrypto.a REQUIRED)
find_path(YAML_INCLUDE yaml.h REQUIRED)
find_library(YAML_ARCHIVE NAMES libyaml.a REQUIRED)
find_path(CURL_INCLUDE curl/curl.h REQUIRED)  # its library is opened at run time: src/env/registry/http.h

file(GLOB_RECURSE NINEFOLD_ENV_SOURCES CONFIGURE_DEPENDS src/env/*.cc)
list(FILTER NINEFOLD_ENV_SOURCES EXCLUDE REGEX "/src/env/supervise/init/")  # a program of its own
set(NINEFOLD_ENV_BASE)
foreach(part atomic_file check fd fmt hash json_text process result)
  list(APPEND NINEFOLD_ENV_BASE ${PROJECT_SOURCE_DIR}/src/base/${part}.cc)
endforeach()
set(NINEFOLD_ENV_ALONE ${PROJECT_SOURCE_DIR}/src/env/spec/toml.cc)  # includes toml++ otherwise than its neighbours
list(REMOVE_ITEM NINEFOLD_ENV_SOURCES ${NINEFOLD_ENV_ALONE})
ninefold_together(NINEFOLD_ENV_GROUPS 6 ${NINEFOLD_ENV_SOURCES})
add_library(ninefold_env STATIC ${NINEFOLD_ENV_GROUPS} ${NINEFOLD_ENV_ALONE} ${NINEFOLD_ENV_BASE})
target_include_directories(ninefold_env PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
                           PRIVATE ${PROJECT_SOURCE_DIR})
target_include_directories(ninefold_env SYSTEM PRIVATE ${TOMLPP_INCLUDE} ${CURL_INCLUDE} ${YAML_INCLUDE})
target_compile_definitions(ninefold_env PRIVATE NINEFOLD_VERSION="${PROJECT_VERSION}")
target_link_libraries(ninefold_env PUBLIC ninefold_warnings nlohmann_json::nlohmann_json
                      ${ZLIB_ARCHIVE} ${YAML_ARCHIVE} ${NINEFOLD_SSL} ${NINEFOLD_CRYPTO} Threads::Threads ${CMAKE_DL_LIBS})

# -O1: it waits for files, processes and sockets; only the digests of its layers are computed, at full speed.
target_compile_options(ninefold_env PRIVATE -O1)
ninefold_precompile(ninefold_env <nlohmann/json.hpp>)
set_source_files_properties(src/base/hash.cc PROPERTIES COMPILE_OPTIONS -O3 SKIP_PRECOMPILE_HEADERS ON)

# PID 1 of every environment: static, so that it runs in any image.
file(GLOB NINEFOLD_INIT_SOURCES CONFIGURE_DEPENDS src/env/supervise/init/*.cc)
if(NINEFOLD_INIT_SOURCES)
  # And what a container of others reads its file with, and what it then finds below boot/.
  set(NINEFOLD_INIT_SHARED)
  foreach(part base/check base/fmt base/hash base/result env/image/one_user env/run/boot env/run/notebook env/run/sshd env/run/words
          env/spec/nearest env/spec/parse env/spec/parse_network env/spec/reader env/spec/spec env/spec/toml
          env/supervise/journal env/supervise/sockets env/supervise/wire)
    list(APPEND NINEFOLD_INIT_SHARED ${PROJECT_SOURCE_DIR}/src/${part}.cc)
  endforeach()
  add_executable(ninefold_init ${NINEFOLD_INIT_SOURCES} ${NINEFOLD_INIT_SHARED})
  target_include_directories(ninefold_init SYSTEM PRIVATE ${TOMLPP_INCLUDE})
  target_compile_options(ninefold_init PRIVATE -Os)
  target_include_directories(ninefold_init PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(ninefold_init PRIVATE ninefold_warnings)
  if(NOT NINEFOLD_SANITIZE)  # a sanitizer cannot be linked statically; its builds run tests, no environments
    target_link_options(ninefold_init PRIVATE -static)
  endif()
  set_target_properties(ninefold_init PROPERTIES OUTPUT_NAME ninefold-init
                        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endif()
