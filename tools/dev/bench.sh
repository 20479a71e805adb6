# usage: bench [args] -- our module against Envoy alone and a module that does nothing
setup_for bench
build_release
build_tree release
export_product
exec "$AIGW_VENV/bin/python" -B "$AIGW_ROOT/bench/run.py" "$@"
