# shellcheck shell=bash
# serving.sh   Sourced by the scripts that measure a live agent with many cgroups.

# Waits until the agent at a port has a first sample.
wait_until_ready() {
    local i
    for ((i = 0; i < 100; i++)); do
        if curl -sf -o /dev/null "http://127.0.0.1:$1/readyz"; then return; fi
        sleep 0.1
    done
    echo "No agent is ready at port $1 after 10 s" >&2
    return 1
}

# The directory of a cgroup of the unified hierarchy.
unified_cgroup() {
    local root=/sys/fs/cgroup
    if [[ ! -e $root/cgroup.procs ]]; then root=$root/unified; fi
    printf '%s/%s\n' "$root" "$1"
}

# Makes a cgroup with so many below it, in each of which something has run.
fill_cgroup() {
    python3 - "$1" "$2" <<'END'
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
}

remove_cgroup() {
    if [[ -n $1 && -d $1 ]]; then find "$1" -depth -type d -exec rmdir {} + || true; fi
}
