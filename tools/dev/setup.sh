# usage: setup [for] -- install what is missing, for run, test (the default), e2e, bench, format or fuzz
setup_for "${1:-test}"
