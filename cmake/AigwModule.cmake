# aigw_module(<target> [OUTPUT_NAME name] SOURCES a.cc ... [DEPS base ...] [LINK external ...])
#
# A library that Envoy opens: lib<name>.so. Envoy carries a C++ library and an OpenSSL of its own,
# and dlopen resolves our names against them first. So ours are linked in and hidden, and only the
# hooks are exported:
#   static libstdc++/libgcc, --exclude-libs: only glibc is needed at run time, nothing leaks out;
#   the version script exports envoy_dynamic_module_on_* and nothing else. It also hides the unique
#   symbols in libstdc++.a: exported, they would keep the library mapped for ever;
#   -u __cxa_pure_virtual: vtables name it only weakly, and the linker would leave it to the host;
#   ThreadSanitizer has to see what the C++ library does, and so there it is the shared one;
#   -z now: a callback that this Envoy lacks fails the load, not a request.
# check_module.cmake holds the result to this, as a test.
function(aigw_module target)
  cmake_parse_arguments(ARG "" "OUTPUT_NAME" "SOURCES;DEPS;LINK" ${ARGN})
  if(NOT ARG_OUTPUT_NAME)
    set(ARG_OUTPUT_NAME ${target})
  endif()
  list(TRANSFORM ARG_DEPS PREPEND aigw_)
  set(exports "${CMAKE_SOURCE_DIR}/cmake/module_exports.map")

  add_library(${target} MODULE ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE aigw_options ${ARG_DEPS} ${ARG_LINK})
  if(NOT AIGW_TSAN)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
  target_link_options(${target} PRIVATE
    -Wl,--exclude-libs,ALL -Wl,--version-script=${exports}
    -Wl,-u,__cxa_pure_virtual -Wl,--gc-sections -Wl,--as-needed -Wl,-z,now -Wl,-z,relro)
  set_target_properties(${target} PROPERTIES
    PREFIX "lib" SUFFIX ".so" OUTPUT_NAME "${ARG_OUTPUT_NAME}" LINK_DEPENDS "${exports}")

  if(AIGW_TESTS)
    add_test(NAME ${target}_symbols COMMAND "${CMAKE_COMMAND}"
      -DMODULE=$<TARGET_FILE:${target}> -DNM=${CMAKE_NM} -DREADELF=${CMAKE_READELF}
      -DENVOY_EXPORTS=${CMAKE_SOURCE_DIR}/src/fronts/module/envoy_1_38_callbacks.txt
      -DSANITIZE=$<BOOL:${AIGW_SANITIZE}>
      -P ${CMAKE_SOURCE_DIR}/cmake/check_module.cmake)
  endif()
endfunction()
