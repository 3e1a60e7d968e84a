# In: names of parts, or none for all of them. Out: each part's runner's own words, a table of what passed, the total.
# Sourced by ./check after tools/steps.sh and tools/tests.sh, with everything built.
#
# A part that passed is noted in build/soak/PART with a hash of what it tested; the next run goes on behind it, until
# that changes. A part that is named always runs.

# name | where it runs | what it does
SOAK_PARTS='
parsers   | host       | 100,000 damaged files of every kind that the workstation reads; the stores that they name
functions | host       | 1,000 retraces, 1,000 models built and dropped, 10,000 tapes: memory stays flat
saves     | host       | 200 SIGKILLs within saves of SavedModels: the old one or the new one, whole
files     | host       | ten CPU minutes of damaged files of each of the eight kinds that the engine reads, and of odd calls
jobs      | containers | 200 SIGKILLs of parts of running jobs: records and logs stay true
cycles    | containers | 300 times up and down, a third ended by SIGKILL; 120 SIGKILLs in the middle of up: nothing left
many      | containers | 20 environments of three users at once
memory    | containers | jobs that eat all memory, under hard and soft limits: others answer within 1 s
store     | containers | 100 SIGKILLs in mixed build, load, gc and up on one store
identity  | containers | 20 builds without layers, in 20 surroundings: one digest
derived   | containers | the image of the documents: transformers on Python 3.9, Debian 11
guest     | containers | lives of environments under other kinds of cgroups, in a virtual machine with Debian'"'"'s kernel
others    | containers | the other tests of tests/containers
'

CYCLES=(tests/containers/test_life.py::test_up_and_down_many_times_leave_nothing
  tests/containers/test_life.py::test_kills_in_the_middle_of_up)
MANY=(tests/containers/test_life.py::test_twenty_environments_of_three_users_at_once)
MEMORY=(tests/containers/test_memory.py)
JOBS=(tests/containers/test_jobs.py::test_thirty_random_kills)
STORE=(tests/containers/test_images.py::test_kills_in_mixed_work)
IDENTITY=(tests/containers/test_images.py::test_twenty_builds_are_the_same_bytes)
DERIVED=(tests/containers/test_derived.py)

soak_engine() { # NAME TESTS...
  local name=$1
  shift
  tests "soak: $name" pytest env NINEFOLD_SOAK=1 PYTHONPATH="$PWD/build/release/python" .venv/bin/python -m pytest \
    -s -v -p no:cacheprovider "$@"
}

soak_containers() { # NAME TESTS...
  local name=$1
  shift
  tests "soak: $name" pytest env NINEFOLD_SOAK=1 NINEFOLD_NO_SKIPS=1 .venv/bin/python -m pytest -s -v \
    -p no:cacheprovider "$@"
}

soak_run() { # PART
  local one left_out=()
  case $1 in
    parsers) tests "soak: parsers" gtest env NINEFOLD_FUZZ=100000 build/release/tests/ninefold_env_tests \
      --gtest_filter='*Fuzz*:Stores*' ;;
    functions) soak_engine functions tests/python/engine/test_function_life.py ;;
    saves) soak_engine saves tests/python/engine/test_interrupted_saves.py ;;
    files) soak_engine files tests/fuzz ;;
    jobs) soak_containers jobs "${JOBS[@]}" ;;
    cycles) soak_containers cycles "${CYCLES[@]}" ;;
    many) soak_containers many "${MANY[@]}" ;;
    memory) soak_containers memory "${MEMORY[@]}" ;;
    store) soak_containers store "${STORE[@]}" ;;
    identity) soak_containers identity "${IDENTITY[@]}" ;;
    derived) soak_containers derived "${DERIVED[@]}" ;;
    guest) tests "soak: guest" pytest .venv/bin/python -m pytest -s -v -rs -p no:cacheprovider tests/guest ;;
    others)
      for one in "${JOBS[@]}" "${CYCLES[@]}" "${MANY[@]}" "${STORE[@]}" "${IDENTITY[@]}"; do left_out+=("--deselect=$one"); done
      for one in "${MEMORY[@]}" "${DERIVED[@]}"; do left_out+=("--ignore=$one"); done
      [ -x /usr/bin/chromium ] || left_out+=(--ignore=tests/containers/test_browser.py)
      soak_containers others tests/containers "${left_out[@]}"
      ;;
  esac
}

soak_names() { sed 's/|.*//' <<<"$SOAK_PARTS" | xargs; }

soak_of() { # PART FIELD
  grep -E "^$1 +\|" <<<"$SOAK_PARTS" | cut -d'|' -f"$2" | sed 's/^ *//; s/ *$//'
}

soak_list() {
  local part
  for part in $(soak_names); do printf '%-10s %s\n' "$part" "$(soak_of "$part" 3)"; done
}

# What the parts test: programs, libraries, tests.
soak_hash() {
  { sha256sum build/release/bin/* build/release/*.so.* build/release/tests/ninefold_env_tests 2>/dev/null
    find tests/containers tests/guest tests/fuzz tests/python tools -type f -not -name '*.pyc' | sort | xargs -d '\n' sha256sum
  } | sha256sum | cut -c -16
}

# soak PART...: the parts in the order of the table; without a name, those that have not passed yet.
soak() {
  local named=("$@") part hash why="" note before=() began passed failed skipped table=()
  hash=$(soak_hash)
  mkdir -p build/soak
  why=$(.venv/bin/python tests/containers/conftest.py) && why=""
  for part in $(soak_names); do
    note=build/soak/$part
    if [ ${#named[@]} -gt 0 ]; then
      [[ " ${named[*]} " = *" $part "* ]] || continue
    elif read -r -a before < <(cat "$note" 2>/dev/null) && [ "${before[0]}" = "$hash" ]; then
      PASSED=$((PASSED + before[1]))
      table+=("$(printf '%-10s %4d passed in %5d s, on %s; ./check --soak %s runs it again' "$part" "${before[1]}" "${before[2]}" "${before[3]}" "$part")")
      continue
    fi
    if [ -n "$why" ] && [ "$(soak_of "$part" 2)" = containers ]; then
      SKIPPED=$((SKIPPED + 1))
      table+=("$(printf '%-10s skipped: %s' "$part" "$why")")
      continue
    fi
    say "soak: $part: $(soak_of "$part" 3)"
    began=$SECONDS passed=$PASSED failed=$FAILED skipped=$SKIPPED
    soak_run "$part"
    passed=$((PASSED - passed)) failed=$((FAILED - failed)) skipped=$((SKIPPED - skipped))
    table+=("$(printf '%-10s %4d passed, %d failed, %d skipped in %d s' "$part" $passed $failed $skipped $((SECONDS - began)))")
    if [ $((failed + skipped)) = 0 ]; then
      echo "$hash $passed $((SECONDS - began)) $(date +%F)" > "$note"
    else
      rm -f "$note"
    fi
  done
  printf '%s\n' "${table[@]}"
}
