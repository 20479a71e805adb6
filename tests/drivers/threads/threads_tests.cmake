# Two builds of the library under ThreadSanitizer, in an Envoy of several workers; and one run that has to be ended by a
# race. Only ./dev tsan makes them.
aigw_fake_envoy(threads_test EXPORTS ALL SOURCES drivers/threads/service.cc drivers/threads/threads_test.cc)
add_dependencies(threads_test aigateway_later)
add_test(NAME threads_test
  COMMAND threads_test $<TARGET_FILE:aigateway> $<TARGET_FILE:aigateway_later> 15)
set_tests_properties(threads_test PROPERTIES TIMEOUT 300)
add_test(NAME threads_test_finds_a_race
  COMMAND threads_test $<TARGET_FILE:aigateway> $<TARGET_FILE:aigateway_later> 60 race)
set_tests_properties(threads_test_finds_a_race PROPERTIES TIMEOUT 300
  PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race.*config_for_worker")
