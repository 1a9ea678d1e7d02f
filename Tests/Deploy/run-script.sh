#!/usr/bin/env bash
# Tests deploy/scripts/run.sh with a stand-in agent. Prints `ok NAME` or `FAIL NAME: REASON` for each case.
set -uo pipefail

# A caller such as nohup ignores SIGINT or SIGHUP, and a shell cannot undo that by itself.
if [[ -z ${HAS_SIGNALS-} ]]; then HAS_SIGNALS=yes exec env --default-signal=HUP,INT,QUIT "$0"; fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
run=$root/deploy/scripts/run.sh
work=$(mktemp -d)
export TMPDIR=$work
trap 'rm -rf "$work"' EXIT

# The stand-in serves /readyz; FAKE makes it die, or never become ready.
cat >"$work/energyd" <<'PYTHON'
#!/usr/bin/env python3
import http.server, os, signal, sys, threading

address = [a.partition("=")[2] for a in sys.argv if a.startswith("--web.listen-address=")][-1]
mode = os.environ.get("FAKE", "")
print("stand-in agent with", *sys.argv[1:], flush=True)
open(os.environ["TMPDIR"] + "/agent.pid", "w").write(str(os.getpid()))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if mode == "unready" else 200)
        self.end_headers()

    def log_message(self, *_):
        pass


try:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(address.rpartition(":")[2])), Handler)
except OSError:
    print("address in use: choose another with --web.listen-address", flush=True)
    sys.exit(2)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(open(os.environ["TMPDIR"] + "/ended", "w").close()))
if mode == "die":
    threading.Timer(1.5, lambda: (print("lost the kernel", flush=True), os._exit(7))).start()
server.serve_forever()
PYTHON
cat >"$work/energyctl" <<'BASH'
#!/usr/bin/env bash
echo "energyctl $*"
if [[ " $* " != *' --once '* ]]; then
    [[ -t 0 ]] && echo 'has a keyboard'
    while read -rsn1 key; do [[ $key == q ]] && exit 0; done
fi
BASH
chmod +x "$work/energyd" "$work/energyctl"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export ENERGYD_ADDRESS=127.0.0.1:$port ENERGYD_READY_TIMEOUT=10

agent_is_gone() { ! kill -0 "$(<"$work/agent.pid")" 2>/dev/null; }

# expect NAME STATUS TEXT: checks $status and $work/out of the last run; its agent must be gone.
expect() {
    if [[ $status != "$2" ]]; then
        echo "FAIL $1: exit status $status, not $2: $(tr '\n' ' ' <"$work/out")"
    elif ! grep -qF -- "$3" "$work/out"; then
        echo "FAIL $1: '$3' was not printed: $(tr '\n' ' ' <"$work/out")"
    elif ! agent_is_gone; then
        echo "FAIL $1: the agent is still there"
    else
        echo "ok $1"
    fi
}

# start COMMAND...: in the background; returns when it serves.
start() {
    : >"$work/out"
    "$@" >"$work/out" 2>&1 </dev/null &
    script=$!
    for ((tenths = 0; tenths < 100; tenths++)); do
        grep -qF 'until SIGINT' "$work/out" && return
        sleep 0.1
    done
}

# Without job control, background jobs ignore SIGINT.
set -m
for signal in INT TERM; do
    start "$run" "$work" --sample.interval=2
    kill -"$signal" "$script"
    wait "$script"
    status=$?
    expect "run.sh without a terminal: SIG$signal ends it with 0" 0 "http://127.0.0.1:$port/api/v1/snapshot"
done
grep -qF "energyctl top --once --limit 20 --address http://127.0.0.1:$port" "$work/out" &&
    echo 'ok run.sh prints one table' || echo 'FAIL run.sh prints one table'
[[ -e $work/ended ]] && echo 'ok run.sh lets the agent end' || echo 'FAIL run.sh lets the agent end: no SIGTERM came'
set +m

FAKE=die "$run" "$work" >"$work/out" 2>&1 </dev/null
status=$?
expect "run.sh: an agent that dies is shown, its status passed on" 7 'lost the kernel'

FAKE=unready ENERGYD_READY_TIMEOUT=1 "$run" "$work" >"$work/out" 2>&1 </dev/null
status=$?
expect 'run.sh: an agent that never gets ready is given up' 1 'not ready within 1 s'

python3 -m http.server --bind 127.0.0.1 --directory "$work" "$port" >/dev/null 2>&1 &
other=$!
for ((tenths = 0; tenths < 100; tenths++)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
done
: >"$work/readyz"
"$run" "$work" >"$work/out" 2>&1 </dev/null
status=$?
expect 'run.sh: a port in use is the agent'"'"'s error, though something answers there' 2 'before it was ready'
kill "$other"
wait "$other" 2>/dev/null

ENERGYD_ADDRESS=nonsense start "$run" "$work" --web.listen-address "127.0.0.1:$port" --retention=5
kill -TERM "$script"
wait "$script"
status=$?
expect 'run.sh: --web.listen-address overrides ENERGYD_ADDRESS' 0 "http://127.0.0.1:$port/metrics"

"$run" "$work/nowhere" >"$work/out" 2>&1
status=$?
expect 'run.sh: no binaries' 66 'make build'

if command -v script >/dev/null; then
    # exec: otherwise dash stays as the parent and dies of the Ctrl-C that run.sh handles.
    on_terminal() { timeout 20 script -qec "exec $run $work" /dev/null >"$work/out" 2>&1; status=$?; }
    # press KEY: as soon as top reads the keyboard.
    press() {
        local tenths
        for ((tenths = 0; tenths < 80; tenths++)); do
            grep -qF 'has a keyboard' "$work/out" && break
            sleep 0.1
        done
        sleep 0.5
        printf '%b' "$1"
        sleep 2
    }
    : >"$work/out"
    on_terminal < <(press q)
    expect 'run.sh on a terminal: leaving top ends it with 0' 0 'has a keyboard'
    : >"$work/out"
    on_terminal < <(press '\003')
    expect 'run.sh on a terminal: Ctrl-C ends it with 0' 0 "energyctl top --address http://127.0.0.1:$port"
    FAKE=die on_terminal < <(sleep 15)
    expect 'run.sh on a terminal: the end of the agent is noticed' 7 'lost the kernel'
fi
