# For deploy/quickstart, tests/run and .ci/run, which source it: where we are, progress, building.
# shellcheck shell=bash

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
began=${MPIC_BEGAN:-$EPOCHSECONDS}
export MPIC_BEGAN=$began
export PYTHONDONTWRITEBYTECODE=1

# Programs that servers are made of lie where a normal user's PATH does not look.
export PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin"
# Without a home directory the compiler cache has no place of its own.
if [ -z "${HOME:-}" ] || [ ! -w "${HOME:-/}" ]; then
  export CCACHE_DIR="${CCACHE_DIR:-$project/.cache/ccache}"
fi

say() { printf '[%4d s] %s\n' $((EPOCHSECONDS - began)) "$*"; }

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# A bare chroot lacks it, and every later failure would have another name.
[ -r /proc/self/stat ] || fail "/proc is not mounted here; mount it first (mount -t proc proc /proc)"

# One per processor, but no more than the memory holds: the largest unit takes a little over 1 GB.
build_jobs() {
  local processors memory
  processors=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1400000) }' /proc/meminfo)
  if [ "$memory" -lt 1 ]; then memory=1; fi
  echo $((processors < memory ? processors : memory))
}

# build PRESET [TARGET...]: configures when there is nothing yet; Ninja notices every later change itself.
build() {
  local preset=$1
  shift
  local log targets=()
  [ $# -eq 0 ] || targets=(--target "$@")
  log=$(mktemp)
  if [ ! -f "$project/build/$preset/build.ninja" ]; then
    say "configuring (preset $preset)"
    if ! (cd "$project" && cmake --preset "$preset") >"$log" 2>&1; then
      tail -n 30 "$log" >&2
      rm -f "$log"
      fail "configuring failed; its last lines are above"
    fi
  fi
  say "building ${*:-everything} (preset $preset, $(build_jobs) at a time)"
  if ! (cd "$project" && cmake --build --preset "$preset" -j "$(build_jobs)" "${targets[@]}") >"$log" 2>&1; then
    grep -v '^\[[0-9]*/[0-9]*\] Building' "$log" | tail -n 60 >&2
    rm -f "$log"
    fail "the build failed; its last lines are above"
  fi
  rm -f "$log"
}
