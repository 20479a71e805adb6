#!/usr/bin/env bash
# Builds the static, position-independent libraries that libaigateway.so needs and that Debian ships
# only without -fPIC or only shared: build/deps/lib/{libz.a,libyaml-cpp.a,libsimdjson.a,
# libbrotlidec.a,libbrotlienc.a,libzstd.a} and build/deps/include. They come from Debian's source
# packages of this release, fetched and verified by apt with Debian's archive key, from the servers
# that the machine's own apt uses. Needs no root: apt's state and cache live under build/apt. Does
# nothing when build/deps already holds what this script and deps.txt describe.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$root/tools/setup
release=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
deps=$root/build/deps
apt=$root/build/apt
work=$root/build/deps-work
stamp=$deps/stamp
jobs=${AIGW_JOBS:-$(nproc)}

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

want=$(cat "$here/deps.sh" "$here/deps.txt" | sha256sum | cut -d' ' -f1)
[[ -f $stamp && $(head -n1 "$stamp") == "$want" ]] && exit 0

# Runs a long command with its output in a log, which is shown when the command fails.
quietly() {
  local log=$1
  shift
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    die "failed: $* (log: $log)"
  fi
}

# A deb822 source list: the package archives of this machine's apt, for sources instead of binaries.
# The release comes before its updates: apt takes the first archive that offers the newest version.
write_sources() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(CREATED_BY)' |
    awk -v release="$release" '
      $4 != "Packages" || $3 != "main" { next }
      $2 == release { print 0, $1, $2 }
      $2 == release "-updates" || $2 == release "-security" { print 1, $1, $2 }' |
    sort -u |
    while read -r _ uri suite; do
      printf 'Types: deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' \
        "$uri" "$suite" "$keyring"
    done
}

apt_private() {
  apt-get -q -y \
    -o Dir::State="$apt/state" -o Dir::State::status=/var/lib/dpkg/status \
    -o Dir::Cache="$apt/cache" \
    -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/sources.list.d" \
    -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=5 "$@"
}

# Of one source package, what the first archive offers. A mirror may list an update before it has it; then the
# release's own version is taken.
fetch_source() {
  apt_private --only-source --download-only source "$1" ||
    apt_private --only-source --download-only source "$1/$release"
}

# As quietly, for what a network or a server may refuse for a moment: it is tried twice more.
stubbornly() {
  local pause
  for pause in 10 30; do
    "${@:2}" >"$1" 2>&1 </dev/null && return
    say "failed, and is tried again in $pause seconds: $(grep . "$1" | tail -n 1)"
    sleep "$pause"
  done
  quietly "$@"
}

# Fetches one source package and leaves its tree in $work/<name>.
fetch() {
  local name=$1 version=$2 got
  mkdir -p "$work/dl-$name"
  cd "$work/dl-$name"
  stubbornly "$work/$name-fetch.log" fetch_source "$name"
  got=$(sed -n 's/^Version: //p' ./*.dsc | head -n1)
  [[ ${got#*:} == "$version"* ]] ||
    die "$release offers $name $got, wanted $version: adapt tools/setup/deps.txt"
  quietly "$work/$name-unpack.log" dpkg-source --no-copy -x ./*.dsc "$work/$name"
  echo "$name $got" >>"$work/versions"
  cd "$root"
}

# The flags of all: hidden, unpinnable by the loader, and free of this machine's paths.
flags="-O2 -g1 -fPIC -fvisibility=hidden -fno-gnu-unique -ffunction-sections -fdata-sections"
flags+=" -ffile-prefix-map=$work=deps"

build_zlib() {
  cd "$work/zlib"
  # Not CMake: Debian's source package lacks the Windows files that zlib's CMake build asks for.
  CFLAGS=$flags quietly "$work/zlib-configure.log" ./configure --static
  quietly "$work/zlib-build.log" make -j "$jobs" libz.a
  cp libz.a "$work/out/lib/"
  cp zlib.h zconf.h "$work/out/include/"
  cd "$root"
}

build_yaml-cpp() {
  quietly "$work/yaml-cpp-configure.log" cmake -G Ninja \
    -S "$work/yaml-cpp" -B "$work/build-yaml-cpp" -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_CXX_FLAGS="$flags -fvisibility-inlines-hidden" \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DYAML_BUILD_SHARED_LIBS=OFF \
    -DYAML_CPP_BUILD_TESTS=OFF -DYAML_CPP_BUILD_TOOLS=OFF -DYAML_CPP_BUILD_CONTRIB=OFF
  quietly "$work/yaml-cpp-build.log" ninja -C "$work/build-yaml-cpp" -j "$jobs" yaml-cpp
  cp "$work/build-yaml-cpp/libyaml-cpp.a" "$work/out/lib/"
  cp -r "$work/yaml-cpp/include/yaml-cpp" "$work/out/include/"
}

build_simdjson() {
  # The single-file form of the release. Every CPU's kernel is in it; one is chosen at run time.
  cd "$work/simdjson/singleheader"
  # shellcheck disable=SC2086
  quietly "$work/simdjson-build.log" g++ -std=c++17 $flags -fvisibility-inlines-hidden \
    -DNDEBUG -DSIMDJSON_EXCEPTIONS=0 -c simdjson.cpp -o simdjson.o
  ar rcs "$work/out/lib/libsimdjson.a" simdjson.o
  cp simdjson.h "$work/out/include/"
  cd "$root"
}

build_brotli() {
  # Not CMake: it is two folders of C. The encoder is for the tests.
  cd "$work/brotli/c"
  # shellcheck disable=SC2086
  quietly "$work/brotli-build.log" bash -c '
    for folder in common dec enc; do
      mkdir -p "obj/$folder"
      for file in "$folder"/*.c; do echo "$file"; done
    done | xargs -P "$1" -I {} cc -std=c99 ${*:2} -DNDEBUG -Iinclude -c {} -o obj/{}.o' brotli "$jobs" $flags
  ar rcs "$work/out/lib/libbrotlidec.a" obj/common/*.o obj/dec/*.o
  ar rcs "$work/out/lib/libbrotlienc.a" obj/enc/*.o
  cp -r include/brotli "$work/out/include/"
  cd "$root"
}

build_libzstd() {
  # Without the formats from before 0.8, and without the weak names that it would ask Envoy for. The encoder is for the
  # tests: what nobody calls is not linked.
  CFLAGS="$flags -DZSTD_TRACE=0" quietly "$work/libzstd-build.log" \
    make -C "$work/libzstd/lib" -j "$jobs" libzstd.a ZSTD_LEGACY_SUPPORT=0 \
    ZSTD_LIB_DICTBUILDER=0 ZSTD_LIB_DEPRECATED=0
  cp "$work/libzstd/lib/libzstd.a" "$work/out/lib/"
  cp "$work/libzstd/lib/zstd.h" "$work/libzstd/lib/zstd_errors.h" "$work/out/include/"
}

[[ -r $keyring ]] || die "$keyring is missing: install debian-archive-keyring"
rm -rf "$work"
mkdir -p "$work/out/lib" "$work/out/include"
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/sources.list.d"
: >"$apt/sources.list"
write_sources >"$apt/sources.list.d/debian.sources"
[[ -s $apt/sources.list.d/debian.sources ]] || die "this machine's apt knows no $release archive"

packages=$(sed 's/#.*//' "$here/deps.txt" | awk 'NF == 2')
say "fetching the sources of ${packages//$'\n'/, }"
stubbornly "$work/update.log" apt_private update
while read -r name version; do fetch "$name" "$version"; done <<<"$packages"
while read -r name version; do
  say "building $name $version"
  "build_$name"
done <<<"$packages"

rm -rf "$deps.old"
[[ -d $deps ]] && mv "$deps" "$deps.old"
mv "$work/out" "$deps"
{ echo "$want"; cat "$work/versions"; } >"$stamp"
rm -rf "$deps.old" "$work"
