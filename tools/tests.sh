# In: a test step and its command. Out: its runner's own output, and the counts added up.
# A step that ran no test has failed. Sourced by ./check after tools/steps.sh.
PASSED=0
FAILED=0
SKIPPED=0
BROKEN=()

# The number before WORD in the last line of LOG that has one; 0 without.
count_in() { # LOG PATTERN
  local number
  number=$(sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -oE "$2" | tail -n 1 | grep -oE '[0-9]+' | head -n 1)
  echo "${number:-0}"
}

# tests NAME RUNNER COMMAND...: RUNNER is gtest or pytest. Goes on after failures; ./check ends with them.
tests() {
  local name=$1 runner=$2 began=$SECONDS status=0 passed failed skipped log
  shift 2
  log=build/log/tests-${name//[^a-z0-9]/-}
  mkdir -p build/log
  say "tests: $name ..."
  set +e
  "$@" 2>&1 | tee "$log" | grep -vE '^\[( RUN  |       OK|---)'
  status=${PIPESTATUS[0]}
  set -e
  if [ "$runner" = gtest ]; then
    passed=$(count_in "$log" '^\[  PASSED  \] [0-9]+ tests?')
    failed=$(count_in "$log" '^\[  FAILED  \] [0-9]+ tests?, listed')
    skipped=$(count_in "$log" '^\[  SKIPPED \] [0-9]+ tests?, listed')
  else
    passed=$(count_in "$log" '[0-9]+ passed')
    failed=$(($(count_in "$log" '[0-9]+ failed') + $(count_in "$log" '[0-9]+ errors?( |$)')))
    skipped=$(($(count_in "$log" '[0-9]+ skipped') + $(count_in "$log" '[0-9]+ xfailed')))
  fi
  if [ $((passed + failed)) = 0 ]; then
    echo "$name: no test ran (exit status $status)"
    failed=1
  elif [ "$status" != 0 ] && [ "$failed" = 0 ]; then
    echo "$name: the runner ended with status $status after $passed tests"
    failed=1
  fi
  PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
  [ "$failed" = 0 ] || BROKEN+=("$name ($failed failed, whole output in $log)")
  say "tests: $name: $passed passed, $failed failed, $skipped skipped in $((SECONDS - began)) s"
}

# one_test NAME COMMAND...: a program whose success is the test.
one_test() {
  local name=$1 began=$SECONDS
  shift
  if quietly "build/log/run-${name//[^a-z0-9]/-}" "$@"; then
    PASSED=$((PASSED + 1))
    say "tests: $name: passed in $((SECONDS - began)) s"
  else
    FAILED=$((FAILED + 1))
    BROKEN+=("$name (whole output in build/log/run-${name//[^a-z0-9]/-})")
    say "tests: $name: FAILED"
  fi
}

# The closing lines; the exit status of ./check.
conclude() {
  local part
  for part in "${BROKEN[@]}"; do echo "failed: $part"; done
  say "finished"
  local line="$PASSED passed, $FAILED failed"
  [ "$SKIPPED" = 0 ] || line+=", $SKIPPED skipped"
  echo "$line"
  [ "$FAILED" = 0 ]
}
