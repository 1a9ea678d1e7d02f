#!/usr/bin/env bash
# switch.sh BIN_DIR [BASE_DIR]   what a context switch costs with a live agent, on CPUs that also run other work.
#
# Starts each agent in turn, with and without processes, and lets live.c measure its program against an empty one at
# the same switches. Medians of ROUNDS (9) interleaved rounds of SECONDS (1.5), in ns net of the empty program.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${ROUNDS:-9} seconds=${SECONDS_A_ROUND:-1.5}
port=${ENERGYD_BENCH_PORT:-19464}
reference=.build-bpf/reference.bpf.o
names=(new) directories=("$1")
if [[ -n ${2-} ]]; then names+=(base) directories+=("$2"); fi
if ((EUID != 0)); then
    echo 'SKIPPED: needs root' >&2
    exit 0
fi
figures=$(mktemp)
agent=''
finish() {
    if [[ -n $agent ]]; then kill "$agent" 2>/dev/null || true; fi
    rm -f "$figures"
}
trap finish EXIT

measure() {
    local label=$1 program=$2
    shift 2
    "$program" --web.listen-address "127.0.0.1:$port" --web.socket none "$@" >/dev/null 2>&1 &
    agent=$!
    for ((i = 0; i < 200; i++)); do
        if curl -fs -o /dev/null "http://127.0.0.1:$port/readyz"; then break; fi
        sleep 0.05
    done
    .build-bpf/live "$reference" "$seconds" |
        awk -v label="$label" '$1 == "empty" { empty = $2 } $1 == "on_switch" { print label, $2, empty, $2 - empty }' >>"$figures"
    kill "$agent"
    wait "$agent" || true
    agent=''
}

for ((round = 0; round < rounds; round++)); do
    for index in "${!names[@]}"; do
        for processes in off on; do
            measure "${names[index]}-$processes" "${directories[index]}/energyd" --processes "$processes"
        done
    done
done

# median LABEL COLUMN
median() { awk -v label="$1" -v column="$2" '$1 == label { print $column }' "$figures" | sort -g | awk '{ v[NR] = $1 } END { printf "%.0f", v[int((NR + 1) / 2)] }'; }
printf '%-28s %8s %8s %8s\n' "" "run ns" "empty" "net"
for name in "${names[@]}"; do
    for processes in off on; do
        label=$name-$processes
        printf '%-28s %8s %8s %8s\n' "$name, --processes $processes" "$(median "$label" 2)" "$(median "$label" 3)" "$(median "$label" 4)"
    done
done
for name in "${names[@]}"; do
    echo "$name: processes cost $(($(median "$name-on" 4) - $(median "$name-off" 4))) ns a switch"
done
if ((${#names[@]} == 2)); then
    for processes in off on; do
        awk -v a="$(median "new-$processes" 4)" -v b="$(median "base-$processes" 4)" -v p="$processes" \
            'BEGIN { printf "new to base, --processes %s: %.2f\n", p, a / b }'
    done
fi
