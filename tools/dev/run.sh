# usage: run [args] -- set up, build, and run the gateway in Envoy (arguments go to aigw run)
setup_for run
build_release
export_product
exec "$AIGW_BINARY" run "$@"
