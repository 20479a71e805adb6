# aigw_fake_envoy(<target> EXPORTS <list file or ALL> SOURCES ...): a program that plays Envoy. Of the callbacks only
# those in the list are exported, so that the library finds the others missing, as in an older release.
function(aigw_fake_envoy target)
  cmake_parse_arguments(ARG "" "EXPORTS" "SOURCES" ${ARGN})
  add_executable(${target} ${ARG_SOURCES}
    drivers/case_file.cc
    drivers/compare.cc
    drivers/core/carrier.cc
    drivers/core/codings.cc
    drivers/frame.cc
    fake_envoy/body.cc
    fake_envoy/callbacks.cc
    fake_envoy/faults.cc
    fake_envoy/module.cc
    fake_envoy/reply.cc
    fake_envoy/stream.cc)
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE
    aigw_options aigw_exchange aigw_endpoint aigw_config aigw_credential aigw_host_aws aigw_json aigw_wire
    dep_zlib dep_brotli_encoder dep_zstd gtest pthread dl)
  # The library takes its memory, its time and its locks from the program, in any release.
  set(exports "${CMAKE_CURRENT_BINARY_DIR}/${target}.exports")
  set(names "_Zn*" "_Zd*" "clock_gettime" "time" "pthread_*lock")
  if(ARG_EXPORTS STREQUAL "ALL")
    list(APPEND names "envoy_dynamic_module_callback_*")
  else()
    file(STRINGS "${ARG_EXPORTS}" callbacks REGEX "^envoy_dynamic_module_callback_")
    list(APPEND names ${callbacks})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${ARG_EXPORTS}")
  endif()
  list(JOIN names ";\n  " text)
  file(CONFIGURE OUTPUT "${exports}" CONTENT "{\n  ${text};\n};\n" @ONLY)
  target_link_options(${target} PRIVATE "-Wl,--dynamic-list=${exports}")
  add_dependencies(${target} aigateway)
endfunction()
