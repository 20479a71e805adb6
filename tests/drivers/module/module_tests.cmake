# The library under the sanitizers in tests/fake_envoy: every case, and a test for each class of bug.
#
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
  # The library takes its memory and its time from the program, in any release.
  set(exports "${CMAKE_CURRENT_BINARY_DIR}/${target}.exports")
  set(names "_Zn*" "_Zd*" "clock_gettime" "time")
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

aigw_fake_envoy(cases_module EXPORTS ALL SOURCES drivers/module/cases_module.cc)
aigw_fake_envoy(cases_module_1_38
  EXPORTS "${CMAKE_SOURCE_DIR}/src/fronts/module/envoy_1_38_callbacks.txt" SOURCES drivers/module/cases_module.cc)
aigw_fake_envoy(hostile_test EXPORTS ALL SOURCES fake_envoy/hostile_test.cc)
aigw_fake_envoy(hostile_test_1_38
  EXPORTS "${CMAKE_SOURCE_DIR}/src/fronts/module/envoy_1_38_callbacks.txt" SOURCES fake_envoy/hostile_test.cc)

set(arguments $<TARGET_FILE:aigateway> "${CMAKE_CURRENT_SOURCE_DIR}/cases"
  "${CMAKE_CURRENT_SOURCE_DIR}/nondeterministic.txt")
# Those that stand beside the page on cases one by one, those in folders by folder: starting a program costs as much as
# a case.
set(folders "")
foreach(path IN LISTS AIGW_CASES)
  string(REGEX REPLACE "\\.case$" "" name "${path}")
  if(name MATCHES "^(.*)/")
    string(REPLACE "/" "." folder "${CMAKE_MATCH_1}")
    list(APPEND folders "${folder}")
  else()
    add_test(NAME module.${name} COMMAND cases_module ${arguments} "--gtest_filter=cases.${name}")
  endif()
endforeach()
list(REMOVE_DUPLICATES folders)
foreach(folder IN LISTS folders)
  add_test(NAME module.${folder} COMMAND cases_module ${arguments} "--gtest_filter=cases.${folder}.*")
  set_tests_properties(module.${folder} PROPERTIES TIMEOUT 600)
endforeach()
# Each case once more in an Envoy that lacks the newer callbacks, in few weathers.
add_test(NAME module_1_38.cases COMMAND cases_module_1_38 ${arguments} --gtest_brief=1)
set_tests_properties(module_1_38.cases PROPERTIES TIMEOUT 900 ENVIRONMENT "AIGW_BRIEF=1")
foreach(program hostile_test hostile_test_1_38)
  add_test(NAME ${program} COMMAND ${program} ${arguments})
  set_tests_properties(${program} PROPERTIES TIMEOUT 600)
endforeach()
