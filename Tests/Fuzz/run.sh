#!/usr/bin/env bash
# run.sh PROGRAM RUNS [TARGET...]   searches for inputs that break a reader of foreign bytes, with libFuzzer.
#
# Each target gets RUNS inputs, or ten times as many as it can do in a second and two minutes at most, whichever is
# less. What it has learned is kept in .build-fuzz/corpus. An input that breaks a reader is kept in
# .build-fuzz/found/TARGET: mend the reader and move the file to Tests/Fuzz/Seeds/TARGET.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
if (($# < 2)); then
    sed -n '2s/^# //p' "$0" >&2
    exit 64
fi
program=$1 runs=$2
shift 2
targets=("$@")
((${#targets[@]})) || mapfile -t targets < <("$program" list)

# Swift's own report of a crash would come before libFuzzer's and keep it from saving the input.
export SWIFT_BACKTRACE=enable=no
seconds=${FUZZ_SECONDS:-120}
status=0 total=0
printf '%-22s %12s %9s %9s  %s\n' target executions per-s features result
for target in "${targets[@]}"; do
    corpus=.build-fuzz/corpus/$target found=.build-fuzz/found/$target log=.build-fuzz/$target.log
    mkdir -p "$corpus" "$found"
    "$program" examples "$target" "$corpus" || exit
    inputs=("$corpus")
    [[ -d Tests/Fuzz/Seeds/$target ]] && inputs+=("Tests/Fuzz/Seeds/$target")
    "$program" "$target" "-runs=$runs" "-max_total_time=$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
        "-artifact_prefix=$found/" "${inputs[@]}" >"$log" 2>&1
    result=$?
    executed=$(sed -nE 's/^stat::number_of_executed_units: *([0-9]+)/\1/p' "$log")
    rate=$(sed -nE 's/^stat::average_exec_per_sec: *([0-9]+)/\1/p' "$log")
    features=$(sed -nE 's/.* ft: ([0-9]+).*/\1/p' "$log" | tail -1)
    total=$((total + ${executed:-0}))
    if ((result == 0)); then
        result=ok
    else
        result="BROKEN: $(sed -nE 's/^(.*broken promise: .*|.*Fatal error.*|==[0-9]+== ?ERROR.*)/\1/p' "$log" | head -1)"
        result+=" (input in $found, log $log)"
        status=1
    fi
    printf '%-22s %12s %9s %9s  %s\n' "$target" "${executed:-?}" "${rate:-?}" "${features:-?}" "$result"
done
printf '%-22s %12d\n' total "$total"
exit "$status"
