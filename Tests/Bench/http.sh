#!/usr/bin/env bash
# http.sh BIN_DIR [BASE_DIR]   What serving costs: /metrics by series, and how long /healthz takes meanwhile
#
# First the rendering alone, of synthetic nodes (BIN_DIR/exposition, where it was built). Then, as root, a live agent
# with cgroups: the time of the first scrape of a snapshot, and of /healthz while four readers
# ask for /metrics and JSON without pause; beside it, of a server that does nothing else (answer.c): what that takes is
# the machine's own delay. With BASE_DIR, the same of the older binaries there, in turn.
# ENERGYD_BENCH_CGROUPS (2500) and ENERGYD_BENCH_PORT (19465, and the next) change the defaults.
set -euo pipefail
# shellcheck source=Tests/Bench/serving.sh
source "${BASH_SOURCE[0]%/*}/serving.sh"
bin=$1 base=${2-}
count=${ENERGYD_BENCH_CGROUPS:-2500}
port=${ENERGYD_BENCH_PORT:-19465}
agent='' control='' tree=''

cleanup() {
    if [[ -n $agent ]]; then
        kill "$agent" 2>/dev/null || true
        wait "$agent" 2>/dev/null || true
        agent=''
    fi
    remove_cgroup "$tree"
}
trap 'cleanup; if [[ -n $control ]]; then kill "$control"; fi' EXIT

if [[ -x $bin/exposition ]]; then "$bin/exposition" 360 2500; fi
if ((EUID != 0)); then
    echo "A live agent with many cgroups is only measured as root."
    exit 0
fi

.build-bpf/answer "$((port + 1))" &
control=$!

measure() {
    local version=$1
    "$version/energyd" --web.listen-address "127.0.0.1:$port" --web.socket none --processes off 2>/dev/null &
    agent=$!
    wait_until_ready "$port"
    tree=$(unified_cgroup energyd-bench-http)
    fill_cgroup "$tree" "$count"
    sleep 3
    python3 - "$version" "$port" <<'END'
import http.client, multiprocessing, sys, time
version, port = sys.argv[1], int(sys.argv[2])

def get(path, port=port):
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return (time.perf_counter() - start) * 1e3, body

def figures(values):
    values.sort()
    return f"median {values[len(values) // 2]:.1f} ms, 99 % {values[int(len(values) * 0.99)]:.1f} ms, max {values[-1]:.1f} ms"

scrapes, series = [], 0
for _ in range(10):
    milliseconds, body = get("/metrics")
    scrapes.append(milliseconds)
    series = sum(1 for line in body.splitlines() if not line.startswith(b"#"))
    time.sleep(1.02)
print(f"{version}: {series} series, a first scrape: {figures(scrapes)}")
quiet = [get("/healthz")[0] for _ in range(200)]
print(f"{version}: /healthz at rest: {figures(quiet)}")
def read(path):
    while True:
        get(path)
        time.sleep(0.2)
# Processes: threads of Python would wait for each other, and what they wait would count as the agent's time.
readers = [multiprocessing.Process(target=read, args=(path,)) for path in ["/metrics", "/api/v1/snapshot"] * 2]
for reader in readers:
    reader.start()
busy, control = [], []
end = time.monotonic() + 20
while time.monotonic() < end:
    busy.append(get("/healthz")[0])
    control.append(get("/", port + 1)[0])
    time.sleep(0.005)
for reader in readers:
    reader.terminate()
    reader.join()
print(f"{version}: /healthz beside four readers: {figures(busy)}")
print(f"{version}: a server that does nothing else, meanwhile: {figures(control)}")
END
    cleanup
}

measure "$bin"
if [[ -n $base ]]; then measure "$base"; fi
