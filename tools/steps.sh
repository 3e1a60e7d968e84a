# In: the names of steps and commands. Out: progress lines with the time passed, and one clear word
# on what failed. Sourced by ./check, ./quickstart and tools/*; state is kept in STEPS_* only.
STEPS_START=${STEPS_START:-$SECONDS}

say() { printf '[%4ds] %s\n' "$((SECONDS - STEPS_START))" "$*"; }

# die STEP REMEDY: the last thing a failing script prints.
die() {
  printf '\n[%4ds] FAILED: %s\n        what to do: %s\n' "$((SECONDS - STEPS_START))" "$1" "$2" >&2
  exit 1
}

# step NAME REMEDY COMMAND...: runs the command, its output on the screen, and stops where it fails.
step() {
  local name=$1 remedy=$2 began=$SECONDS
  shift 2
  say "$name ..."
  "$@" || die "$name" "$remedy"
  say "$name: done in $((SECONDS - began)) s"
}

# quietly LOG COMMAND...: for steps whose output interests only when they fail.
quietly() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 && return 0
  tail -n 40 "$log" >&2
  echo "(the whole output: $log)" >&2
  return 1
}

# The first Python that can build: the system's, else the one on the path. 3.9 or later.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}
