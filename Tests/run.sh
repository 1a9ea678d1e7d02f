#!/usr/bin/env bash
# run.sh check|test|prove SWIFT "BUILD FLAGS" BIN_DIR   runs a set of tests and prints a summary at the end.
#
# check   lint, debug build and unit tests: no root, no kernel programs, no programs that listen    (make check)
# test    check, the tests on the real kernel (as root) and the deployment files                    (make test)
# prove   the long proofs on the real kernel, with the figures they measured                        (make prove)
#
# The long proofs are the tests in suites named `Proofs`; `make test` leaves them out.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
if (($# != 4)); then
    sed -n '2s/^# //p' "$0" >&2
    exit 64
fi
mode=$1 swift=$2 bin=$4
read -ra flags <<<"$3"
export ENERGYD_BIN=$PWD/$bin

passed=() failed=()
step() {
    local name=$1 start=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then
        passed+=("$name ($((SECONDS - start)) s)")
    else
        failed+=("$name ($((SECONDS - start)) s)")
        return 1
    fi
}

run_tests() { "$swift" test --disable-xctest --skip-build "${flags[@]}" "$@"; }

# The tests on the real kernel run one at a time, so that these figures are their own.
with_slowest() {
    local log status
    log=$(mktemp)
    "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    echo 'The slowest, in seconds:'
    sed -nE '/Test run with/d; s/^. Test (.*) (passed|failed) after ([0-9.]+) seconds.*/\3 \1/p' "$log" | sort -rn | sed '6,$d;s/^/  /'
    rm -f "$log"
    return "$status"
}

if [[ $mode != check ]] && ((EUID != 0)); then
    # shellcheck disable=SC2016  # a command to type, not one to run
    echo 'Not root: the tests on the real kernel are skipped. Run `sudo make test` for all of them.'
fi

# What a run that was killed left: loads that take CPU time, and thousands of cgroups that take the room of others.
remove_leftovers() {
    local directory processes
    # Another run may be under way, in a container too, where it has another number.
    if grep -qs 'energydPackageTest[s]' /proc/[0-9]*/cmdline; then return; fi
    for directory in /sys/fs/cgroup/energyd-test-* /sys/fs/cgroup/*/energyd-test-*; do
        [[ -d $directory ]] || continue
        mapfile -t processes < <(find "$directory" -name cgroup.procs -exec cat {} + 2>/dev/null)
        # What lives outside this container reads as 0: whose it is cannot be seen here, and `kill 0` would end this script.
        if [[ " ${processes[*]} " == *' 0 '* ]]; then continue; fi
        printf 'An earlier run left a cgroup, which is removed: %s\n' "$directory"
        ((${#processes[@]} == 0)) || kill -KILL "${processes[@]}" 2>/dev/null
        for _ in {1..50}; do
            find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null
            [[ -d $directory ]] || break
            sleep 0.1
        done
        [[ ! -d $directory ]] || printf 'It does not go away, and tests may fail beside it.\n'
    done
}
if ((EUID == 0)) && [[ $mode != check ]]; then remove_leftovers; fi

# Where one is there, the kernel's tracepoints for cgroups are given up, and what tests expect of them does not come.
if ((EUID == 0)) && [[ $mode != check ]]; then
    deep=$(find /sys/fs/cgroup -mindepth 65 -type d -print -quit 2>/dev/null)
    [[ -z $deep ]] || printf 'A cgroup here lies more than 64 levels deep, so tests that follow cgroups at tracepoints will fail. Remove it: %s\n' "$deep"
fi

case $mode in
    check | test) step 'lint' Tests/lint.sh check "$swift" ;;
esac
# Without it, the tests that an older build left would run.
step 'build the tests' "$swift" build --build-tests "${flags[@]}" || mode=none
case $mode in
    none) ;;
    check) step 'unit tests' run_tests --skip IntegrationTests ;;
    test)
        step 'unit tests' run_tests --skip IntegrationTests
        step 'numbers of optimised code' "$bin/exposition" check
        step 'integration tests' with_slowest run_tests --filter IntegrationTests --skip /Proofs/
        step 'deployment files' Tests/Deploy/check.sh
        ;;
    prove) step 'long proofs' run_tests --filter /Proofs/ ;;
    *)
        echo "run.sh: no mode '$mode': check, test or prove" >&2
        exit 64
        ;;
esac

printf '\n== summary\n'
for name in ${passed[@]+"${passed[@]}"}; do printf '  passed  %s\n' "$name"; done
for name in ${failed[@]+"${failed[@]}"}; do printf '  FAILED  %s\n' "$name"; done
printf '%d passed, %d failed\n' "${#passed[@]}" "${#failed[@]}"
((${#failed[@]} == 0))
