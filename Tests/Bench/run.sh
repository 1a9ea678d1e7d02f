#!/usr/bin/env bash
# run.sh BIN_DIR [BASE_DIR]   runs the benchmarks: every other script in this directory, with the same arguments.
#
# BASE_DIR has the binaries of an older version to compare with: each figure is then measured for both in turn, in one
# run on one machine, and printed with the ratio of new to old. BENCH="agent ..." selects benchmarks by name.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
if (($# < 1 || $# > 2)); then
    sed -n '2s/^# //p' "$0" >&2
    exit 64
fi
# Absolute, for scripts that change their directory.
directories=()
for directory in "$@"; do directories+=("$(realpath "$directory")") || exit; done

status=0
for script in Tests/Bench/*.sh; do
    name=$(basename "$script" .sh)
    [[ $name == run ]] && continue
    [[ -z ${BENCH-} || " $BENCH " == *" $name "* ]] || continue
    printf '\n== %s: %s\n' "$name" "$(sed -n '2s/^# [^ ]* *[^ ]* *\(\[[^]]*\]\)\{0,1\} *//p' "$script")"
    "$script" "${directories[@]}" || status=1
done
exit "$status"
