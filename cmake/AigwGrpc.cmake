# Debian's gRPC and protobuf, linked in as static libraries, so that aigw needs nothing but glibc at run time. Under
# ThreadSanitizer they are the shared ones, which it can be told to leave alone: they are not instrumented.
find_program(AIGW_PROTOC protoc REQUIRED)
find_program(AIGW_GRPC_PLUGIN grpc_cpp_plugin REQUIRED)

function(aigw_static_libraries out)
  set(found "")
  foreach(name IN LISTS ARGN)
    find_library(AIGW_LIB_${name} NAMES lib${name}.a REQUIRED)
    list(APPEND found "${AIGW_LIB_${name}}")
  endforeach()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# Abseil is many small archives; those of its flags and tests have no place here.
set(absl_kind a)
if(AIGW_TSAN)
  set(absl_kind so)
endif()
file(GLOB absl "/usr/lib/*/libabsl_*.${absl_kind}")
list(FILTER absl EXCLUDE REGEX "libabsl_(flags|failure_signal|periodic_sampler|random_internal_distribution_test)")

add_library(dep_grpc INTERFACE)
if(AIGW_TSAN)
  target_link_libraries(dep_grpc INTERFACE -Wl,--as-needed grpc++ grpc gpr protobuf ${absl})
else()
  aigw_static_libraries(grpc grpc++ grpc gpr upb address_sorting re2 cares protobuf ssl crypto)
  target_link_libraries(dep_grpc INTERFACE
    -Wl,--start-group ${grpc} ${absl} "${AIGW_DEPS}/lib/libz.a" -Wl,--end-group pthread dl)
endif()

# aigw_proto(<target> a.proto ...): the messages and services of these files, as one library.
function(aigw_proto target)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/generated")
  set(generated "")
  foreach(file IN LISTS ARGN)
    get_filename_component(path "${file}" ABSOLUTE)
    get_filename_component(directory "${path}" DIRECTORY)
    get_filename_component(name "${path}" NAME_WE)
    set(made "${out}/${name}.pb.cc" "${out}/${name}.pb.h" "${out}/${name}.grpc.pb.cc" "${out}/${name}.grpc.pb.h")
    add_custom_command(OUTPUT ${made}
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${out}"
      COMMAND "${AIGW_PROTOC}" "-I${directory}" "--cpp_out=${out}" "--grpc_out=${out}"
        "--plugin=protoc-gen-grpc=${AIGW_GRPC_PLUGIN}" "${path}"
      DEPENDS "${path}" VERBATIM)
    list(APPEND generated ${made})
  endforeach()
  # Under ThreadSanitizer a shared library, too: most of it is called by gRPC.
  set(kind STATIC)
  if(AIGW_TSAN)
    set(kind SHARED)
  endif()
  add_library(${target} ${kind} ${generated})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} SYSTEM PUBLIC "${out}")
  target_link_libraries(${target} PUBLIC dep_grpc)
  if(AIGW_TSAN)
    target_compile_options(${target} INTERFACE -include "${CMAKE_SOURCE_DIR}/cmake/protobuf_in_tsan.h")
  endif()
endfunction()
