#!/usr/bin/env bash
# tick.sh BIN_DIR [BASE_DIR]   CPU time of a tick by workloads that are there and workloads that run, without the kernel
set -euo pipefail
trap 'rm -rf /tmp/energyd-bench-tick-*' EXIT
# The program is a part of the build, not of what is shipped: an older version has none to compare with.
"$1/bench-tick"
if [[ -x ${2-}/bench-tick ]]; then
    echo "The same of $2:"
    "$2/bench-tick"
fi
