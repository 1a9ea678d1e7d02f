#!/usr/bin/env bash
# history.sh BIN_DIR [BASE_DIR]   CPU time, disk and memory of the history by workloads, a day in virtual time
set -euo pipefail
trap 'rm -rf /tmp/energyd-bench-history-*' EXIT
"$1/bench-history"
if [[ -x ${2-}/bench-history ]]; then
    echo "The same of $2:"
    "$2/bench-history"
fi
