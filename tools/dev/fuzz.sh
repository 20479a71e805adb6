# usage: fuzz [name] [s] -- libFuzzer over one harness, or over all, s seconds each (default 60)
#
# First the canary, a bug that libFuzzer has to find. Then each harness, from the seeds that are cut from the cases, the
# corpus in tests/fuzz and what earlier runs kept in build/fuzz/corpus. An input that breaks a rule ends its harness's
# run and is left in build/fuzz/found; once it is mended it belongs into tests/fuzz/corpus/<name>.
#
# The last lines are a table of what was done: executions and how long they took, what of our code they reached (edges
# of its control flow, and features: edges by how often they are run, comparisons by how near they come), the inputs
# that libFuzzer holds to reach all that, and the rules that were broken.
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

# row_of <name> <status>: the harness's line of the table, out of libFuzzer's log.
row_of() {
  awk -v name="$1" -v status="$2" '
    /^#[0-9]+/ {
      for (i = 2; i < NF; ++i) {
        if ($i == "cov:") edges = $(i + 1)
        if ($i == "ft:") features = $(i + 1)
        if ($i == "corp:") { split($(i + 1), corpus, "/"); inputs = corpus[1] }
      }
    }
    /^Done [0-9]+ runs in / { seconds = $5 }
    /stat::number_of_executed_units/ { runs = $2 }
    /stat::average_exec_per_sec/ { rate = $2 }
    /broken rule|ERROR: / && !why { why = "  " $0 }
    END {
      # A run that a finding ended does not say how long it was.
      if (!seconds && rate) seconds = runs / rate
      printf "%-12s %11d %8d %7d %9d %7d %9d%s\n", name, runs, seconds, edges, features, inputs, status != 0, why
    }
  ' "$AIGW_LOGS/fuzz-$1.log"
}

# fuzz_one <name>: the exit status is libFuzzer's.
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
rows=()
for name in $names; do
  say "$name for $seconds s"
  status=0
  fuzz_one "$name" || status=$?
  [[ $status -eq 0 ]] || failed+=("$name")
  rows+=("$(row_of "$name" "$status")")
done
printf '%-12s %11s %8s %7s %9s %7s %9s\n' harness executions seconds edges features inputs findings
printf '%s\n' "${rows[@]}"
printf '%s\n' "${rows[@]}" | awk '{ runs += $2; seconds += $3; findings += $7 }
  END { printf "%-12s %11d %8d %7s %9s %7s %9d\n", "all", runs, seconds, "", "", "", findings }'
[[ ${#failed[@]} -eq 0 ]] || die "FAILED: ${failed[*]} (inputs in $found, logs in $AIGW_LOGS/fuzz-*.log)"
