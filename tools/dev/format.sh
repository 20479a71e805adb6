# usage: format [--check] -- clang-format over src, tests and bench, or only say what is off
setup_for format
case ${1:-} in
  "") how=(-i) ;;
  --check) how=(--dry-run -Werror) ;;
  *) die "usage: ./dev format [--check]" ;;
esac
find "$AIGW_ROOT"/{src,tests,bench} -type f -regex '.*\.\(cc\|h\|c\)' -print0 |
  xargs -0 -r clang-format-19 --style=file "${how[@]}"
