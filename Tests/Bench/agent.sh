#!/usr/bin/env bash
# agent.sh BIN_DIR   what the agent costs on this machine, at rest and under load: CPU, memory, and the tax it puts on
# a program that does nothing but switch contexts. Figures for docs/performance.md.
set -euo pipefail
bin=$1
port=${ENERGYD_BENCH_PORT:-19464}
seconds=${ENERGYD_BENCH_SECONDS:-30}
rounds=${ENERGYD_BENCH_ROUNDS:-5}
agent=''

start() {
    "$bin/energyd" --web.listen-address "127.0.0.1:$port" --web.socket none "$@" 2>/dev/null &
    agent=$!
    for ((i = 0; i < 100; i++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then break; fi
        sleep 0.1
    done
    sleep 3
}
stop() {
    if [[ -n $agent ]]; then
        kill "$agent" 2>/dev/null || true
        wait "$agent" 2>/dev/null || true
        agent=''
    fi
}
trap stop EXIT

# CPU time of the agent's threads in ns: clock ticks of 10 ms would be 0.03 % of a core each.
used() { cat "/proc/$agent"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f\n", sum }'; }

rest() {
    local label=$1 before after
    shift
    start "$@"
    before=$(used)
    sleep "$seconds"
    after=$(used)
    awk -v label="$label" -v ns=$((after - before)) -v s="$seconds" \
        -v rss="$(awk '/^VmRSS/ { print $2 }' "/proc/$agent/status")" \
        -v anon="$(awk '/^RssAnon/ { print $2 }' "/proc/$agent/status")" \
        'BEGIN { printf "%-28s %.2f %% of a core, %.1f MB resident (%.1f MB anonymous)\n", label, ns / 1e7 / s, rss / 1024, anon / 1024 }'
    stop
}

# Nanoseconds per round trip of a pipe ping-pong on one CPU: two context switches each.
ping_pong() {
    taskset -c 0 python3 - <<'END'
import os, time
to, back = os.pipe(), os.pipe()
rounds = 40000
if os.fork() == 0:
    for _ in range(rounds):
        os.read(to[0], 1); os.write(back[1], b"x")
    os._exit(0)
start = time.perf_counter_ns()
for _ in range(rounds):
    os.write(to[1], b"x"); os.read(back[0], 1)
print((time.perf_counter_ns() - start) // rounds)
END
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

echo "At rest, for $seconds s:"
rest 'interval 1s'
rest 'interval 1s, processes off' --processes off
rest 'interval 100ms' --sample.interval 100ms
rest 'tier procfs, interval 1s' --tier procfs

# Many cgroups in which something ran since the agent started, so that each has a place in the kernel's table.
crowd() {
    local root=$1 count=$2
    python3 - "$root/energyd-bench" "$count" <<'END'
import os, sys
root, count = sys.argv[1], int(sys.argv[2])
os.mkdir(root)
for i in range(count):
    path = f"{root}/c{i}"
    os.mkdir(path)
    with open(path + "/cgroup.procs", "w") as file:
        file.write("0")
    sum(range(100))
with open(os.path.dirname(root) + "/cgroup.procs", "w") as file:
    file.write("0")
END
}
uncrowd() { if [[ -d $1/energyd-bench ]]; then find "$1/energyd-bench" -depth -type d -exec rmdir {} +; fi; }
metric() { curl -s "http://127.0.0.1:$port/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }

root=/sys/fs/cgroup
if [[ ! -e $root/cgroup.controllers ]]; then root=$root/unified; fi
if ((EUID == 0)) && [[ -e $root/cgroup.controllers ]]; then
    echo "With 3,000 cgroups, medians of 20 ticks:"
    trap 'stop; uncrowd "$root"' EXIT
    start --processes off
    crowd "$root" 3000
    sleep 3
    drains=() ticks=()
    for ((i = 0; i < 20; i++)); do
        drains+=("$(metric 'energyd_agent_tick_duration_seconds{phase="drain"}')")
        ticks+=("$(metric 'energyd_agent_tick_duration_seconds{phase="all"}')")
        sleep 1
    done
    d=$(printf '%s\n' "${drains[@]}" | sort -g | sed -n 10p)
    t=$(printf '%s\n' "${ticks[@]}" | sort -g | sed -n 10p)
    awk -v d="$d" -v t="$t" -v m="$(metric energyd_kernel_memory_bytes)" -v k="$(metric 'energyd_kernel_cgroups{state="kept"}')" \
        -v room="$(metric 'energyd_kernel_cgroups{state="room"}')" -v rss="$(metric energyd_agent_memory_bytes)" \
        'BEGIN { printf "%d cgroups kept: drain %.2f ms, tick %.2f ms; kernel maps %.1f MB with room for %d; resident %.1f MB\n", k, d * 1e3, t * 1e3, m / 1048576, room, rss / 1048576 }'
    stop
    uncrowd "$root"
fi

echo "Tax on a pipe ping-pong, medians of $rounds interleaved rounds:"
without=() with=()
for ((round = 0; round < rounds; round++)); do
    without+=("$(ping_pong)")
    start --processes off
    with+=("$(ping_pong)")
    stop
done
a=$(printf '%s\n' "${without[@]}" | median)
b=$(printf '%s\n' "${with[@]}" | median)
awk -v a="$a" -v b="$b" 'BEGIN { printf "without %d ns, with %d ns a round trip: ratio %.3f\n", a, b, b / a }'
