#!/usr/bin/env bash
# screenshots.sh BIN_DIR   Takes the screens of energyctl top that README.md and docs/top.md show, anew
#
# As root: pods of real containers (crun) under load, with the directories that a kubelet makes for their logs, meters that
# follow this machine's load (energyctl simulate), an agent that reads both, and the view in a terminal (tmux) of its own.
# Text goes between the marks <!-- screen:NAME --> and <!-- /screen --> of the documents, pictures to docs/images.
# AGENT (190) and VIEW (70) are how long the agent and the view run before, s. Nothing is left behind.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=$(realpath "${1:?usage: screenshots.sh BIN_DIR}")

port=19487
server=energyd-screenshots-$$
fail() {
    echo "screenshots.sh: $1" >&2
    exit 1
}
for program in crun busybox tmux python3 curl; do
    command -v "$program" >/dev/null || fail "$program is not installed"
done
if ((EUID != 0)); then fail 'containers and eBPF need root'; fi

work=$(mktemp -d)
processes=()
cleanup() {
    tmux -L "$server" kill-server 2>/dev/null || true
    for process in "${processes[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap cleanup EXIT

mkdir "$work/energyctl"
unshare --mount --propagation private Tests/Screenshots/pods.sh "$work/pods" 2>"$work/pods.log" &
processes+=($!)
"$bin/energyctl" simulate --path "$work/machine" --package 22:14 --dram 5:2 >/dev/null &
processes+=($!)
for ((i = 0; i < 200; i++)); do
    if [[ -e $work/machine/truth.json && -e $work/pods/ready ]]; then break; fi
    sleep 0.1
done
if [[ ! -e $work/pods/ready ]]; then fail "the pods do not start: $(<"$work/pods.log")"; fi
"$bin/energyd" --web.listen-address "127.0.0.1:$port" --web.socket none --node.name node7 --path.sysfs "$work/machine" \
    --path.logs "$work/pods/log" --power.idle package=22,dram=5 --carbon.zone DE --price.per-kwh 0.32EUR \
    --history.path "$work/history.db" --sample.interval 1s 2>"$work/energyd.log" &
processes+=($!)
for ((i = 0; i < 100; i++)); do
    if curl -sf -o /dev/null "http://127.0.0.1:$port/readyz"; then break; fi
    sleep 0.1
done

# screen NAME COLUMNS ROWS [KEY...]   what the view shows after these keys, as text and as a picture
screen() {
    local name=$1 columns=$2 rows=$3 key
    shift 3
    tmux -L "$server" resize-window -x "$columns" -y "$rows"
    for key in "$@"; do
        tmux -L "$server" send-keys "$key"
        sleep 0.3
    done
    sleep 2
    tmux -L "$server" capture-pane -p >"$work/$name.txt"
    tmux -L "$server" capture-pane -p -e >"$work/$name.ansi"
    python3 Tests/Screenshots/screens.py text "$name" "$work/$name.txt" README.md docs/top.md
    python3 Tests/Screenshots/screens.py picture "$columns" "$rows" "$work/$name.ansi" "docs/images/top-$name.svg"
}

sleep "${AGENT:-190}"
tmux -L "$server" -f /dev/null new-session -d -x 80 -y 24 \
    "env TERM=xterm-256color LC_ALL=C.UTF-8 XDG_CONFIG_HOME=$work XDG_CACHE_HOME=$work \
    $bin/energyctl top --address http://127.0.0.1:$port"
sleep "${VIEW:-70}"
mkdir -p docs/images
screen tree 80 24
screen pods 110 24 3 g
screen details 110 34 Enter
screen carbon 110 30 Escape c
git --no-pager diff --stat -- README.md docs
