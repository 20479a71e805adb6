# usage: tsan -- the module, the ext_proc server and what follows keys under ThreadSanitizer, in several threads
#
# Two builds of the module, the server, and tests/drivers/threads, in a tree of their own: what ./dev test builds is of
# no use here. Each runs twice, once as a test, and once with a race that has to be found.
setup_for test
build_tree tsan threads_test extproc_threads_test client_keys_threads_test
# Its memory has to lie where it expects it; on newer kernels addresses are more random than the ThreadSanitizer of this
# compiler knows.
fixed=()
! setarch -R true 2>/dev/null || fixed=(setarch -R)
say "the module, the server and what follows keys in several threads, under ThreadSanitizer"
"${fixed[@]}" ctest --test-dir "$AIGW_BUILD/tsan" -R '^threads_test' --output-on-failure </dev/null ||
  die "FAILED: threads_test"
