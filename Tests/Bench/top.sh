#!/usr/bin/env bash
# top.sh BIN_DIR [BASE_DIR]   CPU time of energyctl top, of a node with 600 workloads that refreshes each second
#
# Against a server that plays the agent, so that all see the same figures; the versions run side by side. Most workloads of
# a node rest at any moment: first with a tenth of them at work, then with all. SECONDS_EACH (30) is how long.
set -euo pipefail
for active in 60 600; do
    python3 Tests/Bench/top.py "$active" "${SECONDS_EACH:-30}" "$@"
done
