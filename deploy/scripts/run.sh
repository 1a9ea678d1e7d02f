#!/usr/bin/env bash
# run.sh BIN_DIR [energyd flag...]   runs the agent in the foreground
#
# On a terminal it opens `energyctl top` and stops the agent when that exits; elsewhere it prints one table and serves
# until SIGINT or SIGTERM. When the agent fails, it prints the end of the agent's log and exits with the agent's status.
#
# ENERGYD_ADDRESS         the agent's address, 127.0.0.1:9464 by default
# ENERGYD_READY_TIMEOUT   seconds within which the agent must be ready, 30 by default
set -euo pipefail

if (($# == 0)); then
    echo "usage: ${0##*/} BIN_DIR [energyd flag...]" >&2
    exit 64
fi
bin=$1
shift
for program in energyd energyctl; do
    if [[ ! -x $bin/$program ]]; then
        echo "run.sh: no program $bin/$program: run make build first" >&2
        exit 66
    fi
done

address=${ENERGYD_ADDRESS:-127.0.0.1:9464}
flags=()
while (($#)); do
    case $1 in
        --web.listen-address=*) address=${1#*=} ;;
        --web.listen-address) address=${2-} && shift "$(($# > 1))" ;;
        *) flags+=("$1") ;;
    esac
    shift
done

port=${address##*:}
host=${address%:*}
host=${host#[}
host=${host%]}
case $host in
    '' | 0.0.0.0) host=127.0.0.1 ;;
    ::) host=::1 ;;
esac
if [[ $address != *:* || ! $port =~ ^[0-9]+$ ]]; then
    echo "run.sh: the address must be HOST:PORT, not '$address'" >&2
    exit 64
fi
if [[ $host == *:* ]]; then url="http://[$host]:$port"; else url="http://$host:$port"; fi

agent=''
log=$(mktemp "${TMPDIR:-/tmp}/energyd.XXXXXX.log")

alive() { kill -0 "$1" 2>/dev/null; }

# Prints the HTTP status of GET $1; fails when the connection is refused. curl may not be installed.
http_status() (
    exec 2>/dev/null 3<>"/dev/tcp/$host/$port" || exit 1
    printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" "$host" >&3
    read -r -t 5 _ code _ <&3 || code='no answer'
    echo "$code"
)

# Sends SIGTERM to process $1, and SIGKILL after 10 s.
# shellcheck disable=SC2317  # called by the trap
end() {
    alive "$1" || return 0
    kill -TERM "$1" || true
    for ((tenths = 0; tenths < 100; tenths++)); do
        alive "$1" || break
        sleep 0.1
    done
    if alive "$1"; then kill -KILL "$1" || true; fi
    wait "$1" 2>/dev/null || true
}

# shellcheck disable=SC2317  # called by the trap
stop() {
    trap '' INT TERM
    if [[ -n ${top-} ]]; then
        end "$top"
        stty "$settings" || true
    fi
    if [[ -n $agent ]]; then end "$agent"; fi
    if [[ -z ${keep_log-} ]]; then rm -f "$log"; fi
}
trap stop EXIT
trap 'exit 0' INT TERM

# fail STATUS MESSAGE: prints the end of the agent's log and exits.
fail() {
    keep_log=yes
    printf 'run.sh: %s\n' "$2" >&2
    if [[ -s $log ]]; then
        echo "The end of the agent's log (all of it is in $log):" >&2
        tail -n 20 "$log" | sed 's/^/  /' >&2
    else
        keep_log=''
        echo 'The agent logged nothing.' >&2
    fi
    exit "$1"
}

# Exits with the status of an agent that ended by itself.
report_dead_agent() {
    local status=0
    wait "$agent" || status=$?
    fail "$((status ? status : 1))" "energyd stopped $1 (exit status $status)"
}

# If another program already answers on the port, an answer does not mean that the agent is ready.
taken=''
if http_status / >/dev/null; then taken=yes; fi

"$bin/energyd" --web.listen-address="$address" ${flags[@]+"${flags[@]}"} >"$log" 2>&1 &
agent=$!

limit=${ENERGYD_READY_TIMEOUT:-30}
deadline=$((SECONDS + limit))
answer='no connection'
until [[ $answer == 200 ]]; do
    alive "$agent" || report_dead_agent 'before it was ready'
    if ((SECONDS >= deadline)); then
        fail 1 "energyd was not ready within $limit s: $url/readyz: ${taken:+another program uses the port, }$answer"
    fi
    sleep 0.1
    if [[ -z $taken ]]; then answer=$(http_status /readyz) || answer='no connection'; fi
done

if [[ -t 0 && -t 1 ]]; then
    settings=$(stty -g)
    # In the background, so that the script notices when the agent ends. It still reads the keyboard; Ctrl-C comes here.
    "$bin/energyctl" top --address "$url" <&0 &
    top=$!
    while alive "$agent" && alive "$top"; do
        wait -n "$agent" "$top" || true
    done
    if alive "$agent"; then
        status=0
        wait "$top" || status=$?
        exit "$status"
    fi
    end "$top"
    report_dead_agent 'while it was watched'
fi

"$bin/energyctl" top --once --limit 20 --address "$url" ||
    echo "run.sh: energyctl top --once failed (exit status $?)" >&2
printf '\nenergyd serves\n  %s/metrics\n  %s/api/v1/snapshot\n  %s/\nuntil SIGINT or SIGTERM.\n' "$url" "$url" "$url"
while alive "$agent"; do
    wait "$agent" || true
done
report_dead_agent 'by itself'
