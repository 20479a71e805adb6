# usage: check [name] -- who includes whom, the module's symbols, tidiness, the checkers themselves
setup_for run
build_release
run_checks "${1:-.}" || die "a check failed"
[[ $AIGW_CHECKS_RUN -gt 0 ]] || die "no check matches '$1': checkers, layers, limits, tidy, symbols"
