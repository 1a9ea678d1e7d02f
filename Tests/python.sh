#!/usr/bin/env bash
# python.sh   installs the Python packages that tests use, once, into .build-tools/python; needs the Python package index
set -euo pipefail
cd "$(dirname "$0")/.." || exit
readonly tools=.build-tools/python
# Decoders of what the agent exports, and a tester of HTTP interfaces: none of them ours.
readonly packages=(opentelemetry-proto==1.45.2 prometheus-client==0.26.0 schemathesis==4.32.5 PyYAML==6.0.3)

if [[ -x $tools/bin/python3 && $(cat "$tools/installed" 2>/dev/null || true) == "${packages[*]}" ]]; then exit; fi
echo "Installing ${packages[*]} into $tools" >&2
rm -rf "$tools"
python3 -m venv "$tools"
if ! "$tools/bin/pip" -q --disable-pip-version-check install "${packages[@]}" >&2; then
    echo 'The Python package index cannot be reached, or refused a package: tests that decode exports will fail.' >&2
    exit 1
fi
printf '%s' "${packages[*]}" >"$tools/installed"
