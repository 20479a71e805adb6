# usage: build -- build/aigw and build/libaigateway.so, optimised
setup_for run
build_release
