# Under ThreadSanitizer: two builds of the library in an Envoy of several workers, the ext_proc server with several
# streams, and the thread of `aigw run` that follows clients' keys; each once more with a race that has to end it. Only
# ./dev tsan makes them.
aigw_fake_envoy(threads_test EXPORTS ALL
  SOURCES drivers/threads/service.cc drivers/threads/stories.cc drivers/threads/threads_test.cc)
add_dependencies(threads_test aigateway_later)
set(modules $<TARGET_FILE:aigateway> $<TARGET_FILE:aigateway_later>)
add_test(NAME threads_test COMMAND threads_test ${modules} 15)
add_test(NAME threads_test_finds_a_race COMMAND threads_test ${modules} 300 race)
set_tests_properties(threads_test_finds_a_race PROPERTIES
  PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race.*config_for_worker")
set_tests_properties(threads_test threads_test_finds_a_race PROPERTIES TIMEOUT 1200)

# The verb of the program is a part of it.
set(cli "${CMAKE_SOURCE_DIR}/src/cli")
add_executable(extproc_threads_test
  drivers/case_file.cc
  drivers/compare.cc
  drivers/core/carrier.cc
  drivers/core/codings.cc
  drivers/frame.cc
  drivers/threads/collector.cc
  drivers/threads/extproc_client.cc
  drivers/threads/extproc_threads_test.cc
  drivers/threads/service.cc
  drivers/threads/stories.cc
  "${cli}/extproc_command.cc" "${cli}/go_flags.cc" "${cli}/report.cc" "${cli}/server_log.cc")
# gRPC's own, for the most part: src/fronts/extproc/CMakeLists.txt.
set_source_files_properties(drivers/threads/collector.cc drivers/threads/extproc_client.cc PROPERTIES
  COMPILE_OPTIONS -fno-sanitize=thread)
target_include_directories(extproc_threads_test PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(extproc_threads_test PRIVATE
  aigw_options aigw_extproc aigw_endpoint aigw_credential aigw_host_aws aigw_json aigw_wire
  dep_zlib dep_brotli_encoder dep_zstd gtest pthread)
add_test(NAME threads_test_extproc COMMAND extproc_threads_test 15)
add_test(NAME threads_test_extproc_finds_a_race COMMAND extproc_threads_test 300 race)
set_tests_properties(threads_test_extproc_finds_a_race PROPERTIES
  PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race.*Stream::on_read")
set_tests_properties(threads_test_extproc threads_test_extproc_finds_a_race PROPERTIES TIMEOUT 1200)

add_executable(client_keys_threads_test drivers/threads/client_keys_threads_test.cc)
target_include_directories(client_keys_threads_test PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
target_link_libraries(client_keys_threads_test PRIVATE aigw_options aigw_control pthread)
add_test(NAME threads_test_client_keys COMMAND client_keys_threads_test 10)
add_test(NAME threads_test_client_keys_finds_a_race COMMAND client_keys_threads_test 300 race)
set_tests_properties(threads_test_client_keys_finds_a_race PROPERTIES
  PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race.*ClientKeyWatcher::Thread::run")
set_tests_properties(threads_test_client_keys threads_test_client_keys_finds_a_race PROPERTIES TIMEOUT 1200)
