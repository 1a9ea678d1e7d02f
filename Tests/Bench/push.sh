#!/usr/bin/env bash
# push.sh BIN_DIR   What pushing by OTLP costs in memory: an agent with many series, without it, and with it in each form
#
# As root: cgroups (ENERGYD_BENCH_CGROUPS, 2500), and an agent at a time that is scraped once, with a tick of a second and an
# export every 5 s (SECONDS_EACH, 60, in all) to a collector that takes everything, or that is not there, so that requests
# wait. Prints resident memory at the end and its peak, and the size and number of the requests.
set -euo pipefail
# shellcheck source=Tests/Bench/serving.sh
source "${BASH_SOURCE[0]%/*}/serving.sh"
bin=$1
count=${ENERGYD_BENCH_CGROUPS:-2500}
port=${ENERGYD_BENCH_PORT:-19485}
seconds=${SECONDS_EACH:-60}
directory=$(mktemp -d)
tree='' agent='' collector=''

stop() {
    if [[ -n $1 ]]; then
        kill "$1" 2>/dev/null || true
        wait "$1" 2>/dev/null || true
    fi
}

cleanup() {
    stop "$agent"
    stop "$collector"
    remove_cgroup "$tree"
    rm -rf "$directory"
}
trap cleanup EXIT

if ((EUID != 0)); then
    echo "A live agent with many cgroups is only measured as root."
    exit 0
fi
tree=$(unified_cgroup energyd-bench-push)
fill_cgroup "$tree" "$count"
python3 "${BASH_SOURCE[0]%/*}/push.py" "$((port + 1))" "$directory/requests" &
collector=$!

kib() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$agent/status"; }

# measure NAME OPTION...
measure() {
    local name=$1 series
    shift
    : >"$directory/requests"
    "$bin/energyd" --web.listen-address "127.0.0.1:$port" --web.socket none --processes off "$@" 2>/dev/null &
    agent=$!
    wait_until_ready "$port"
    series=$(curl -s "http://127.0.0.1:$port/metrics" | grep -vc '^#')
    sleep "$seconds"
    printf '%-22s %8d %10d %10d %8d %10d\n' "$name" "$series" "$(($(kib VmRSS) >> 10))" "$(($(kib VmHWM) >> 10))" \
        "$(wc -l <"$directory/requests")" "$(awk '{ sum += $1 } END { print sum / (NR ? NR : 1) / 1024 }' "$directory/requests" | cut -d. -f1)"
    stop "$agent"
    agent=''
}

printf '%-22s %8s %10s %10s %8s %10s\n' '' series 'RSS MiB' 'peak MiB' requests 'KiB each'
push=(--otlp.endpoint "http://127.0.0.1:$((port + 1))" --otlp.interval 5s)
measure 'no push'
measure 'push' "${push[@]}"
measure 'push, JSON' "${push[@]}" --otlp.protocol http/json
measure 'push, not compressed' "${push[@]}" --otlp.compression none
measure 'push, a resource each' "${push[@]}" --otlp.resource-per-workload
measure 'outage, memory' --otlp.endpoint "http://127.0.0.1:1" --otlp.interval 5s
measure 'outage, directory' --otlp.endpoint "http://127.0.0.1:1" --otlp.interval 5s --otlp.queue "$directory/queue"
