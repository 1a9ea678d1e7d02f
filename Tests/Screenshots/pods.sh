#!/usr/bin/env bash
# pods.sh DIRECTORY   Containers at the paths that a kubelet would choose, until SIGTERM; in a mount namespace of its own
#
# DIRECTORY/log has the directories and links that a kubelet makes for logs; DIRECTORY/ready says that all of them run.
set -euo pipefail
mkdir "$1" && cd "$1"
readonly base=/screens/burstable
# crun wants a purely unified tree: give it one, of the same cgroups.
if [[ -d /sys/fs/cgroup/unified ]]; then umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup; fi

mkdir -p rootfs/{bin,proc,sys,dev} log/{pods,containers}
cp "$(command -v busybox)" rootfs/bin/sh
ln -s sh rootfs/bin/sleep
crun spec
ids=()

cleanup() {
    trap '' TERM INT
    echo 1 >"/sys/fs/cgroup${base%/*}/cgroup.kill" || true
    for id in "${ids[@]}"; do crun --root state delete -f "$id" || true; done
    find "/sys/fs/cgroup${base%/*}" -depth -type d -exec rmdir {} + || true
}
trap cleanup EXIT
trap exit TERM INT

# pod NAMESPACE NAME CONTAINER WORK   WORK is how many steps it takes between two rests
pod() {
    local number=${#ids[@]}
    local id uid
    id=$(printf 'c0ffee42%.0s' {1..7})$(printf '%08x' "$number")
    uid=7d1e2f30-aaaa-4bbb-8ccc-$(printf '%012d' "$number")
    mkdir -p "b$number" "log/pods/$1_$2_$uid/$3"
    ln -s x "log/containers/$2_$1_$3-$id.log"
    python3 - "$base/pod$uid/$id" "$4" "b$number/config.json" <<'END'
import json, os, sys
path, work, out = sys.argv[1:]
spec = json.load(open("config.json"))
spec["process"].pop("rlimits", None)
spec["process"]["terminal"] = False
load = f"while :; do i=0; while [ $i -lt {work} ]; do i=$((i+1)); done; sleep 0.2; done"
spec["process"]["args"] = ["sh", "-c", load]
spec["linux"].pop("resources", None)
spec["linux"]["cgroupsPath"] = path
spec["root"]["path"] = os.path.abspath("rootfs")
with open(out, "w") as file:
    json.dump(spec, file)
END
    crun --root state --cgroup-manager=cgroupfs run --bundle "b$number" "$id" </dev/null &
    ids+=("$id")
}

pod shop web-6d4b75cb6d-x2xlp nginx 60000
pod shop web-6d4b75cb6d-9kq7f nginx 45000
pod shop cart-7f9c8d6b5-abcde cart 30000
pod payments api-5b8c9d7f6-qwert server 90000
pod kube-system coredns-76f75df574-9wz2k coredns 9000
pod batch nightly-report-28392-p6t4s report 150000
sleep 2
touch ready
while :; do
    sleep 1 &
    wait $!
done
