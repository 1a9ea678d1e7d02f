#!/usr/bin/env bash
# export.sh BIN_DIR   What a scrape costs by series, against node_exporter in the same run, and what OTLP costs by point
#
# As root: an agent with cgroups (ENERGYD_BENCH_CGROUPS, 2500) at a tick of a second, and node_exporter with its usual
# collectors, scraped in turn (ROUNDS, 60) over connections that stay open. Before it, the encoders alone, of synthetic nodes.
# ENERGYD_BENCH_PORT (19475, and the next) changes the ports.
set -euo pipefail
bin=$1
count=${ENERGYD_BENCH_CGROUPS:-2500}
port=${ENERGYD_BENCH_PORT:-19475}
processes=() tree=''

cleanup() {
    for process in "${processes[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    if [[ -n $tree && -d $tree ]]; then
        find "$tree" -depth -type d -exec rmdir {} + || true
    fi
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
"$bin/energyd" --web.listen-address "127.0.0.1:$port" --web.socket none --processes off --metrics.start-at-zero 0s 2>/dev/null &
processes+=($!)
for ((i = 0; i < 100; i++)); do
    if curl -sf -o /dev/null "http://127.0.0.1:$port/readyz"; then break; fi
    sleep 0.1
done
root=/sys/fs/cgroup
if [[ ! -e $root/cgroup.procs ]]; then root=$root/unified; fi
tree=$root/energyd-bench-export
python3 - "$tree" "$count" <<'END'
import os, sys
tree, count = sys.argv[1], int(sys.argv[2])
os.mkdir(tree)
for i in range(count):
    os.mkdir(f"{tree}/c{i}")
    with open(f"{tree}/c{i}/cgroup.procs", "w") as file:
        file.write("0")
    sum(range(100))
with open(os.path.dirname(tree) + "/cgroup.procs", "w") as file:
    file.write("0")
END
sleep 3
python3 Tests/Bench/export.py "$port" "$((port + 1))" "${ROUNDS:-60}"
