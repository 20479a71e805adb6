# usage: e2e [args] -- the tests in the real Envoy only (arguments go to pytest)
setup_for test
build_release
export_product
run_e2e "$@"
