#!/usr/bin/env bash
# export.sh BIN_DIR   What a scrape costs by series, against node_exporter in the same run, and what OTLP costs by point
#
# As root: an agent with cgroups (ENERGYD_BENCH_CGROUPS, 2500) at a tick of a second, and node_exporter with its usual
# collectors, scraped in turn (ROUNDS, 60) over connections that stay open. Before it, the encoders alone, of synthetic nodes.
# ENERGYD_BENCH_PORT (19475, and the next) changes the ports, ENERGYD_BENCH_FLAGS adds options of the agent:
# --scheduling has more series of each cgroup.
set -euo pipefail
# shellcheck source=Tests/Bench/serving.sh
source "${BASH_SOURCE[0]%/*}/serving.sh"
bin=$1
count=${ENERGYD_BENCH_CGROUPS:-2500}
port=${ENERGYD_BENCH_PORT:-19475}
processes=() tree=''
read -ra flags <<<"${ENERGYD_BENCH_FLAGS-}"

cleanup() {
    for process in "${processes[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    remove_cgroup "$tree"
}
trap cleanup EXIT

if [[ -x $bin/exposition ]]; then "$bin/exposition" 2500; fi
if ((EUID != 0)); then
    echo "A live agent with many cgroups is only measured as root."
    exit 0
fi
if ! command -v prometheus-node-exporter >/dev/null; then
    echo "Not compared: prometheus-node-exporter is not installed; make bench-export does that on Debian."
    exit 0
fi
prometheus-node-exporter --web.listen-address="127.0.0.1:$((port + 1))" 2>/dev/null &
processes+=($!)
"$bin/energyd" --web.listen-address "127.0.0.1:$port" --web.socket none --processes off \
    --metrics.start-at-zero 0s "${flags[@]}" 2>/dev/null &
processes+=($!)
wait_until_ready "$port"
tree=$(unified_cgroup energyd-bench-export)
fill_cgroup "$tree" "$count"
sleep 3
python3 Tests/Bench/export.py "$port" "$((port + 1))" "${ROUNDS:-60}"
