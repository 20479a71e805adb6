# usage: setup [for] -- install what is missing, for run, test (the default), bench or format
setup_for "${1:-test}"
