#!/usr/bin/env bash
# latency.sh BIN_DIR [BASE_DIR]   how long the node stands still while cgroups come and go DEPTH (3000) levels deep
#
# Measures without an agent, with the one in BIN_DIR and with that in BASE_DIR, for SECONDS_A_ROUND (4) each and ROUNDS (3)
# times; see latency.c.
set -euo pipefail
cd "$(dirname "$0")/../.."
depth=${DEPTH:-3000} seconds=${SECONDS_A_ROUND:-4} rounds=${ROUNDS:-3} port=${ENERGYD_BENCH_PORT:-19464}
# On a hybrid machine the unified hierarchy lies elsewhere.
top=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)/energyd-latency
if ((EUID != 0)); then
    echo 'SKIPPED: needs root' >&2
    exit 0
fi
children=()
finish() {
    for child in "${children[@]}"; do
        kill "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    done
    .build-bpf/latency "$top" || true
    rmdir "$top" 2>/dev/null || true
}
trap finish EXIT
trap 'exit 130' INT TERM
mkdir -p "$top"

# In the background, so that a signal ends it at once.
measure() {
    printf '%-10s ' "$1"
    .build-bpf/latency "$top" "$depth" "$seconds" &
    children+=($!)
    wait $!
    unset 'children[-1]'
}

measure_with() {
    "$2/energyd" --web.listen-address "127.0.0.1:$port" --web.socket none >/dev/null 2>&1 &
    children=($!)
    for ((i = 0; i < 200; i++)); do
        if curl -fs -o /dev/null "http://127.0.0.1:$port/readyz"; then break; fi
        sleep 0.05
    done
    measure "$1"
    kill "${children[0]}"
    wait "${children[0]}" || true
    children=()
}

echo "us, $depth levels deep"
for ((round = 0; round < rounds; round++)); do
    measure 'no agent'
    measure_with new "$1"
    if [[ -n ${2-} ]]; then measure_with base "$2"; fi
done
