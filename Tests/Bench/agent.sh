#!/usr/bin/env bash
# agent.sh BIN_DIR [BASE_DIR]   CPU and memory of the agent: at rest, with 3,000 cgroups, and its tax on context switches
#
# Figures for docs/performance.md. With BASE_DIR, each is also measured for the older binaries there, in turn.
# ENERGYD_BENCH_SECONDS (30), ENERGYD_BENCH_ROUNDS (5) and ENERGYD_BENCH_PORT (19464) change the defaults.
set -euo pipefail
bin=$1 base=${2-}
port=${ENERGYD_BENCH_PORT:-19464}
seconds=${ENERGYD_BENCH_SECONDS:-30}
rounds=${ENERGYD_BENCH_ROUNDS:-5}
agent='' crowd=''
versions=("$bin" ${base:+"$base"})

# start BIN_DIR FLAG...: fails if the agent does not serve within 10 s, for example because it does not know a flag.
start() {
    local program=$1/energyd
    shift
    "$program" --web.listen-address "127.0.0.1:$port" --web.socket none "$@" 2>/dev/null &
    agent=$!
    for ((i = 0; i < 100; i++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            sleep 3
            return
        fi
        kill -0 "$agent" 2>/dev/null || break
        sleep 0.1
    done
    stop
    return 1
}
stop() {
    if [[ -n $agent ]]; then
        kill "$agent" 2>/dev/null || true
        wait "$agent" 2>/dev/null || true
        agent=''
    fi
}
trap stop EXIT

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# row LABEL UNIT NEW [OLD]: a figure, and its ratio to that of the older version.
row() {
    awk -v label="$1" -v unit="$2" -v new="$3" -v old="${4-}" 'BEGIN {
        format = new >= 1000 ? "%10.0f" : "%10.3f"
        printf "  %-44s " format " %s", label, new, unit
        if (old == "none") printf "   (the older version does not start with these flags)"
        else if (old != "") printf "   before " format "   ratio %.3f", old, (old > 0 ? new / old : 0)
        print ""
    }'
}

# CPU time of the agent's threads, ns: clock ticks of 10 ms would be 0.03 % of a core each.
used() { cat "/proc/$agent"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f\n", sum }'; }
memory() { awk -v field="$1:" '$1 == field { print $2 / 1024 }' "/proc/$agent/status"; }

at_rest() {
    local label=$1 version before cpu=() resident=() anonymous=()
    shift
    for version in "${versions[@]}"; do
        if start "$version" "$@"; then
            before=$(used)
            sleep "$seconds"
            cpu+=("$(awk -v ns=$(($(used) - before)) -v s="$seconds" 'BEGIN { print ns / 1e7 / s }')")
            resident+=("$(memory VmRSS)") anonymous+=("$(memory RssAnon)")
            stop
        else
            cpu+=(none) resident+=(none) anonymous+=(none)
        fi
    done
    row "$label: CPU" '% of a core' "${cpu[@]}"
    row "$label: resident memory" MB "${resident[@]}"
    row "$label: anonymous memory" MB "${anonymous[@]}"
}

# Nanoseconds per round trip of a pipe ping-pong on one CPU: two context switches each.
ping_pong() {
    taskset -c 0 python3 - <<'PYTHON'
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
PYTHON
}

# Makes cgroups with a process each, which works for a moment every so many ms; 0: once.
crowd() {
    coproc CROWD { exec .build-bpf/crowd "$root/energyd-bench" 3000 "$1"; }
    crowd=$CROWD_PID
    read -r <&"${CROWD[0]}"
}
uncrowd() {
    if [[ -n $crowd ]]; then
        local writer=${CROWD[1]}
        exec {writer}>&-
        wait "$crowd" || true
        crowd=''
    fi
}
metric() { curl -s "http://127.0.0.1:$port/metrics" | awk -v name="$1" '$1 == name { print $2 }'; }

# with_cgroups MILLISECONDS: while metrics and JSON are read every second, as by a scraper and a dashboard.
with_cgroups() {
    local version drain=() tick=() kernel=() resident=() anonymous=() drains ticks
    for version in "${versions[@]}"; do
        start "$version" --processes off
        crowd "$1"
        sleep 3
        drains=() ticks=()
        for ((i = 0; i < 20; i++)); do
            drains+=("$(metric 'energyd_agent_tick_duration_seconds{phase="drain"}')")
            ticks+=("$(metric 'energyd_agent_tick_duration_seconds{phase="all"}')")
            curl -s -o /dev/null "http://127.0.0.1:$port/api/v1/snapshot"
            sleep 1
        done
        drain+=("$(printf '%s\n' "${drains[@]}" | median | awk '{ print $1 * 1e3 }')")
        tick+=("$(printf '%s\n' "${ticks[@]}" | median | awk '{ print $1 * 1e3 }')")
        kernel+=("$(metric energyd_kernel_memory_bytes | awk '{ print $1 / 1048576 }')")
        resident+=("$(memory VmRSS)") anonymous+=("$(memory RssAnon)")
        stop
        uncrowd
    done
    row 'drain, median of 20' ms "${drain[@]}"
    row 'tick, median of 20' ms "${tick[@]}"
    row 'memory of the BPF maps' MB "${kernel[@]}"
    row 'resident memory' MB "${resident[@]}"
    row 'anonymous memory' MB "${anonymous[@]}"
}

echo "At rest, for $seconds s:"
at_rest 'interval 1s'
at_rest 'interval 1s, processes off' --processes off
at_rest 'interval 100ms' --sample.interval 100ms
at_rest 'tier procfs, interval 1s' --tier procfs

root=/sys/fs/cgroup
if [[ ! -e $root/cgroup.controllers ]]; then root=$root/unified; fi
if ((EUID == 0)) && [[ -e $root/cgroup.controllers ]]; then
    trap 'stop; uncrowd' EXIT
    echo 'With 3,000 idle cgroups:'
    with_cgroups 0
    echo 'With 3,000 busy cgroups:'
    with_cgroups 400
fi

echo "Pipe ping-pong, medians of $rounds interleaved rounds:"
without=() with=() before=()
for ((round = 0; round < rounds; round++)); do
    without+=("$(ping_pong)")
    start "$bin" --processes off && with+=("$(ping_pong)")
    stop
    if [[ -n $base ]]; then
        start "$base" --processes off && before+=("$(ping_pong)")
        stop
    fi
done
a=$(printf '%s\n' "${without[@]}" | median)
b=$(printf '%s\n' "${with[@]}" | median)
row 'without an agent' 'ns per round trip' "$a"
row 'with the agent' 'ns per round trip' "$b" ${before[@]+"$(printf '%s\n' "${before[@]}" | median)"}
awk -v a="$a" -v b="$b" 'BEGIN { printf "  %-44s %10.3f\n", "slower by a factor of", b / a }'
