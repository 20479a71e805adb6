# usage: fuzz [name] [s] -- libFuzzer over one harness, or over all, s seconds each (default 60)
#
# First the canary, a bug that libFuzzer has to find. Then each harness, from the seeds that are cut from the cases, the
# corpus in tests/fuzz and what earlier runs kept in build/fuzz/corpus. An input that breaks a rule is left in
# build/fuzz/found; once it is mended it belongs into tests/fuzz/corpus/<name>.
setup_for fuzz
harness=${1:-all}
seconds=${2:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "usage: ./dev fuzz [name] [seconds]"
build_tree fuzz fuzz_harnesses fuzz_seed_files
tree=$AIGW_BUILD/fuzz
found=$tree/found
mkdir -p "$found"

# program_of <name>: the harness's program.
program_of() { find "$tree/src" "$tree/tests" -type f -name "fuzz_$1" -perm -u+x | head -n1; }

# fuzz_one <name>: the exit status is libFuzzer's. Leaves one line of what it did.
fuzz_one() {
  local name=$1 program log=$AIGW_LOGS/fuzz-$1.log status=0 before
  local kept=$tree/corpus/$name inputs=()
  program=$(program_of "$name")
  mkdir -p "$kept" "$AIGW_LOGS"
  for before in "$tree/seeds/$name" "$AIGW_ROOT/tests/fuzz/corpus/$name"; do
    [[ ! -d $before ]] || inputs+=("$before")
  done
  local dict=$AIGW_ROOT/tests/fuzz/dictionaries/$name.dict
  [[ -f $dict ]] || dict=$AIGW_ROOT/tests/fuzz/dictionaries/words.dict
  "$program" -max_total_time="$seconds" -max_len=16384 -timeout=20 -rss_limit_mb=4096 -dict="$dict" \
    -print_final_stats=1 -artifact_prefix="$found/$name-" "$kept" "${inputs[@]}" >"$log" 2>&1 </dev/null || status=$?
  awk -v name="$name" '
    /cov: / { for (i = 1; i < NF; ++i) if ($i == "cov:") covered = $(i + 1) }
    /stat::number_of_executed_units/ { runs = $2 }
    /broken rule|ERROR: / { why = $0 }
    END { printf "fuzz: %-12s %9d executions, %5d branches covered%s\n", name, runs, covered, why ? ": " why : "" }
  ' "$log"
  return $status
}

say "the canary"
if "$(program_of canary)" -max_total_time=120 -artifact_prefix="$tree/canary-" >"$AIGW_LOGS/fuzz-canary.log" 2>&1; then
  die "the canary was not found: what this machine fuzzes proves nothing (log: $AIGW_LOGS/fuzz-canary.log)"
fi
names=$(find "$tree/src" "$tree/tests" -type f -name 'fuzz_*' -perm -u+x -printf '%f\n' |
  sed 's/^fuzz_//' | grep -vxE 'canary|seeds' | sort)
if [[ $harness != all ]]; then
  grep -qx -- "$harness" <<<"$names" || die "there is no harness '$harness': all, or one of" $names
  names=$harness
fi
failed=()
for name in $names; do
  fuzz_one "$name" || failed+=("$name")
done
[[ ${#failed[@]} -eq 0 ]] || die "FAILED: ${failed[*]} (inputs in $found, logs in $AIGW_LOGS/fuzz-*.log)"
