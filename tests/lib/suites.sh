# For tests/run, which sources it: how each kind of suite is built and run. Functions of deploy/common.sh are known.
# shellcheck shell=bash disable=SC2154

# The log of ctest keeps what passing tests print too; there each runner says how many cases it held.
count_cases() {
  local log=$project/build/$1/Testing/Temporary/LastTest.log
  awk '
    /^[0-9]+\/[0-9]+ Testing: / { name = $3 }
    match($0, /in [0-9]+ test cases?\)/) { split(substr($0, RSTART), part, " "); cases[name] += part[2] }
    /^test cases: +[0-9]+/ { cases[name] += $3 }
    /^Ran [0-9]+ tests? in / { cases[name] += $2 }
    END { for (name in cases) { printf "  %-12s %5d cases\n", name, cases[name]; all += cases[name] }
          printf "  %-12s %5d cases\n", "in all", all }' "$log"
}

# run_suites PRESET LABELS: what is built, by the labels of tests/CMakeLists.txt ("unit|e2e").
run_suites() {
  local preset=$1 labels=$2 status=0 output
  say "running: ${labels//|/ } (preset $preset)"
  output=$(mktemp)
  (cd "$project/build/$preset" && ctest --output-on-failure --no-tests=error -L "^($labels)\$") | tee "$output" || status=$?
  say "cases run:"
  count_cases "$preset"
  grep 'tests passed' "$output" || true
  rm -f "$output"
  return "$status"
}

# A report of either sanitizer fails its test. Leaks are looked for at the end of each process.
run_sanitizers() {
  local status=0
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
  export UBSAN_OPTIONS=print_stacktrace=1
  export MPIC_MUTATIONS=100  # of a log: a thousand take minutes here
  export TSAN_OPTIONS=halt_on_error=0:second_deadlock_stack=1:suppressions=$project/tests/lib/tsan.supp
  build asan mpic-unit-tests mpic-scenario-tests mpic-integration-tests mpic-fuzz-replay
  run_suites asan "unit|scenarios|integration|fuzz-replay" || status=$?
  build tsan mpic-tsan-tests
  run_suites tsan threads || status=$?
  return "$status"
}

# run_fuzz SECONDS [TARGET...]
run_fuzz() {
  local seconds=$1
  shift
  build fuzz mpic-fuzzers
  say "fuzzing each target for $seconds s"
  "$project/tests/fuzz/run.py" "$project/build/fuzz" --seconds "$seconds" "$@"
}

# run_soak MINUTES: the long forms of what is short elsewhere. Each part ends with "N passed, N failed".
run_soak() {
  local minutes=$1 status=0
  build release
  build release mpic-load
  say "200 rounds of killing the coordinator under load"
  "$project/tests/e2e/kill_rounds.py" --bin "$project/build/release/bin" --rounds 200 || status=$?
  "$project/tests/e2e/kill_rounds.py" --bin "$project/build/release/bin" --rounds 200 --store postgres || status=$?
  say "a batch of 10,000 names, interrupted and killed in the middle"
  MPIC_BATCH_NAMES=10000 "$project/tests/e2e/run.py" --bin "$project/build/release/bin" -k batch_test || status=$?
  say "finding in a million records"
  "$project/build/release/bin/mpic-unit-tests" "[million]" || status=$?
  say "verifying a hundred thousand records"
  "$project/build/release/bin/mpic-unit-tests" "[hundred-thousand]" || status=$?
  run_fuzz 60 || status=$?
  say "half load for $minutes minutes"
  "$project/tests/soak/steady.py" --bin "$project/build/release/bin" --minutes "$minutes" || status=$?
  return "$status"
}
