#!/usr/bin/env bash
# run.sh SWIFT "BUILD FLAGS" BIN_DIR   every test there is, with a summary at the end. Called by `make test`.
set -uo pipefail
cd "$(dirname "$0")/.."
swift=$1 flags=$2
export ENERGYD_BIN=$PWD/$3

passed=() failed=()
step() {
    local name=$1 start=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then passed+=("$name ($((SECONDS - start)) s)"); else failed+=("$name"); fi
}

if ((EUID != 0)); then
    echo 'Not root: the tests on the real kernel are skipped. Run `sudo make test` for all of them.'
fi

# shellcheck disable=SC2086  # the flags are several words
step 'build the tests' "$swift" build --build-tests $flags
# shellcheck disable=SC2086
step 'unit and integration tests' "$swift" test --disable-xctest --skip-build $flags
step 'deployment files' Tests/Deploy/check.sh
step 'lint' "$swift" format lint --strict --parallel --recursive Package.swift Sources Tests

printf '\n== summary\n'
for name in ${passed[@]+"${passed[@]}"}; do printf '  passed  %s\n' "$name"; done
for name in ${failed[@]+"${failed[@]}"}; do printf '  FAILED  %s\n' "$name"; done
printf '%d passed, %d failed\n' "${#passed[@]}" "${#failed[@]}"
((${#failed[@]} == 0))
