# The library under the sanitizers in tests/fake_envoy: every case, and a test for each class of bug.
aigw_fake_envoy(cases_module EXPORTS ALL SOURCES drivers/module/cases_module.cc)
aigw_fake_envoy(cases_module_1_38
  EXPORTS "${CMAKE_SOURCE_DIR}/src/fronts/module/envoy_1_38_callbacks.txt" SOURCES drivers/module/cases_module.cc)
aigw_fake_envoy(hostile_test EXPORTS ALL SOURCES fake_envoy/hostile_test.cc fake_envoy/locks.cc)
aigw_fake_envoy(hostile_test_1_38
  EXPORTS "${CMAKE_SOURCE_DIR}/src/fronts/module/envoy_1_38_callbacks.txt"
  SOURCES fake_envoy/hostile_test.cc fake_envoy/locks.cc)

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
  set_tests_properties(module.${folder} PROPERTIES TIMEOUT 1800)
endforeach()
# Each case once more in an Envoy that lacks the newer callbacks, in few weathers.
add_test(NAME module_1_38.cases COMMAND cases_module_1_38 ${arguments} --gtest_brief=1)
set_tests_properties(module_1_38.cases PROPERTIES TIMEOUT 1800 ENVIRONMENT "AIGW_BRIEF=1")
foreach(program hostile_test hostile_test_1_38)
  add_test(NAME ${program} COMMAND ${program} ${arguments})
  set_tests_properties(${program} PROPERTIES TIMEOUT 1800)
endforeach()
