# One CMake target a folder: aigw_library(exchange ...) in src/exchange makes the target
# aigw_exchange. Include paths are rooted at src/, so an include names its room: #include
# "json/scanner.h".

# Line tables are what a backtrace needs; full debug information triples the objects. Sanitized code is optimised
# less, since it is built as often as it is run.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
if(AIGW_SANITIZE OR AIGW_TSAN)
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
endif()

add_library(aigw_options INTERFACE)
target_compile_features(aigw_options INTERFACE cxx_std_20)
target_compile_options(aigw_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Wswitch-enum -Werror
  -Wno-attributes=clang::
  -fPIC -fvisibility=hidden -fvisibility-inlines-hidden $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>
  -ffunction-sections -fdata-sections)
target_include_directories(aigw_options INTERFACE "${CMAKE_SOURCE_DIR}/src")

if(AIGW_SANITIZE)
  target_compile_options(aigw_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(aigw_options INTERFACE -fsanitize=address,undefined)
endif()

if(AIGW_TSAN)
  target_compile_options(aigw_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(aigw_options INTERFACE -fsanitize=thread)
endif()

# libFuzzer follows the branches of all code that it runs. The warnings that matter are those of the compiler that the
# product is built with.
if(AIGW_FUZZ)
  target_compile_options(aigw_options INTERFACE -fsanitize=fuzzer-no-link -w)
endif()

find_program(AIGW_CCACHE ccache)
if(AIGW_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${AIGW_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${AIGW_CCACHE}")
endif()

# A static, position-independent library built from source by ./dev setup (see tools/setup).
function(aigw_import_dep target archive)
  if(NOT EXISTS "${AIGW_DEPS}/lib/${archive}")
    message(FATAL_ERROR "${AIGW_DEPS}/lib/${archive} is missing: run ./dev setup")
  endif()
  add_library(${target} STATIC IMPORTED GLOBAL)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION "${AIGW_DEPS}/lib/${archive}"
    INTERFACE_INCLUDE_DIRECTORIES "${AIGW_DEPS}/include")
endfunction()
aigw_import_dep(dep_zlib libz.a)
aigw_import_dep(dep_brotli libbrotlidec.a)
aigw_import_dep(dep_brotli_encoder libbrotlienc.a)
target_link_libraries(dep_brotli_encoder INTERFACE dep_brotli)
aigw_import_dep(dep_zstd libzstd.a)
aigw_import_dep(dep_yaml libyaml-cpp.a)
aigw_import_dep(dep_simdjson libsimdjson.a)

# Debian's static libcrypto, which is position-independent.
find_library(AIGW_LIBCRYPTO NAMES libcrypto.a REQUIRED)
add_library(dep_crypto STATIC IMPORTED GLOBAL)
set_target_properties(dep_crypto PROPERTIES IMPORTED_LOCATION "${AIGW_LIBCRYPTO}")

# Its libssl likewise, for what has to speak TLS itself.
find_library(AIGW_LIBSSL NAMES libssl.a REQUIRED)
add_library(dep_ssl STATIC IMPORTED GLOBAL)
set_target_properties(dep_ssl PROPERTIES IMPORTED_LOCATION "${AIGW_LIBSSL}"
  INTERFACE_LINK_LIBRARIES dep_crypto)

# aigw_library(<folder name> [SOURCES a.cc ...] [DEPS base json ...] [LINK external ...])
function(aigw_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LINK" ${ARGN})
  list(TRANSFORM ARG_DEPS PREPEND aigw_)
  if(ARG_SOURCES)
    add_library(aigw_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(aigw_${name} PUBLIC aigw_options ${ARG_DEPS} ${ARG_LINK})
  else()
    add_library(aigw_${name} INTERFACE)
    target_link_libraries(aigw_${name} INTERFACE aigw_options ${ARG_DEPS} ${ARG_LINK})
  endif()
endfunction()

include(GoogleTest)

# aigw_test(<name> SOURCES a_test.cc ... DEPS ...): a GoogleTest program, each of its tests known to
# ctest as <name>.<suite>.<test>.
function(aigw_test name)
  if(NOT AIGW_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LINK" ${ARGN})
  list(TRANSFORM ARG_DEPS PREPEND aigw_)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE
    aigw_options ${ARG_DEPS} ${ARG_LINK} gtest gtest_main gmock pthread)
  # Each TEST is one to ctest, so that a filter can name it; those of one program run one at a time.
  # Bound at once: a call that is bound lazily saves vector registers on the stack, and the test of
  # erasing would find a key there.
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 600 TEST_PREFIX ${name}.
    PROPERTIES RESOURCE_LOCK ${name} TIMEOUT 1200 ENVIRONMENT LD_BIND_NOW=1)
endfunction()
