# usage: test [filter] -- everything but heavy tests: unit tests, cases, checks, and the real Envoy, or what matches
#
# The filter is a word: a part of a unit test's name, of a check's, or of an end-to-end test's.
# pytest runs last, so the last lines of a green run are its own.
filter=${1:-}
[[ $# -le 1 ]] || die "usage: ./dev test [filter]"
[[ $filter =~ ^[A-Za-z0-9_.-]*$ ]] || die "a filter is one word, not '$filter'"

setup_for test
build_release
build_other_modules
build_tree release floor bench_load bench_upstream exchange_cost
build_tree asan
build_tree module-only aigw aigateway
export_product

failed=()
matched=0

tests=$(run_ctest -N ${filter:+-R "$filter"} | sed -n 's/^Total Tests: //p')
if [[ $tests -gt 0 ]]; then
  matched=1
  say "unit tests and core cases, under AddressSanitizer and UBSan"
  run_ctest ${filter:+-R "$filter"} || failed+=("ctest")
elif [[ -z $filter ]]; then
  die "build/asan has no tests"
fi

run_checks "${filter:-.}" || failed+=("check")
[[ $AIGW_CHECKS_RUN -eq 0 ]] || matched=1

if [[ $matched -eq 1 ]]; then
  say "so far: ${failed[*]:-everything passed}${failed:+ failed}; the real Envoy is left"
fi
status=0
run_e2e -m "not heavy" ${filter:+-k "$filter"} || status=$?
case $status in
  0) matched=1 ;;
  # pytest's exit code 5: nothing was collected. Only a filter may leave out everything.
  5) [[ -n $filter ]] || failed+=("e2e") ;;
  *) failed+=("e2e") ;;
esac

[[ ${#failed[@]} -eq 0 ]] || die "FAILED: ${failed[*]}"
[[ $matched -eq 1 ]] || die "nothing matches '$filter'"
