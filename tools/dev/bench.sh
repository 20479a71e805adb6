# usage: bench [args] -- our module against Envoy alone and a module that does nothing
setup_for bench
build_release
build_tree release floor bench_load bench_upstream exchange_cost
export_product
if [[ ${1:-} == callgrind ]]; then
  shift
  exec "$AIGW_VENV/bin/python" -B "$AIGW_ROOT/bench/callgrind.py" "$@"
fi
if [[ ${1:-} == pairs || ${1:-} == large ]]; then
  script=$1
  shift
  exec "$AIGW_VENV/bin/python" -B "$AIGW_ROOT/bench/$script.py" "$@"
fi
if [[ ${1:-} == envoy ]]; then
  shift
  exec "$AIGW_VENV/bin/python" -B "$AIGW_ROOT/bench/envoy_cost.py" "$@"
fi
exec "$AIGW_VENV/bin/python" -B "$AIGW_ROOT/bench/run.py" "$@"
