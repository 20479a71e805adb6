# usage: e2e [args] -- the tests in the real Envoy, the heavy ones too (arguments go to pytest)
setup_for e2e
build_release
build_other_modules
export_product
run_e2e "$@"
