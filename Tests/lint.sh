#!/usr/bin/env bash
# lint.sh check|fix SWIFT   checks, or repairs, the formatting of the sources.
#
# Swift: swift-format (.swift-format). C: clang-format (.clang-format). Shell: shellcheck. YAML: yamllint (.yamllint).
# Python: pyflakes. The last three only check; there is nothing to repair automatically.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
if (($# != 2)); then
    sed -n '2s/^# //p' "$0" >&2
    exit 64
fi
mode=$1 swift=$2

# files PATTERN...: the files whose names match, except those that were built.
files() {
    local pattern names=(-false)
    for pattern in "$@"; do names+=(-o -name "$pattern"); done
    find . \( -name '.build*' -o -name .git -o -name .swiftpm \) -prune -o -type f \( "${names[@]}" \) -print
}

mapfile -t c_files < <(files '*.c' '*.h')
if [[ $mode == fix ]]; then
    "$swift" format --in-place --parallel --recursive Package.swift Sources Tests && clang-format -i "${c_files[@]}"
    exit
fi

mapfile -t yaml_files < <(files '*.yaml' '*.yml' .yamllint)
mapfile -t python_files < <(files '*.py')
mapfile -t shell_files < <(files '*' | while read -r file; do
    read -r first <"$file"
    [[ $first =~ ^#!.*[/\ ](ba)?sh ]] && echo "$file"
done 2>/dev/null)

# no_waiting: refuses unit tests that sleep, wait or read a real clock: time is injected (docs/architecture.md, "Seams").
# What needs the real kernel, a real process or real time belongs in Tests/IntegrationTests. RedfishTests waits for the
# port of its TLS server, and PushingTests for what its collector, a process too, has received; Child, Eventually and HTTPGet are the helpers of the integration tests.
no_waiting() {
    local sleeps='\b(u|nano)?sleep\(|Task\.sleep|\beventually\b|\bwaitFor\('
    local clocks='(Continuous|Suspending)Clock\.now|= \.now\b|clock_gettime|gettimeofday|\bDate\(|DispatchTime|SystemClock\('
    local tests found
    mapfile -t tests < <(files '*.swift' | grep -E '^\./Tests/' |
        grep -vE '^\./Tests/((Integration|Accuracy|Bench|Kernels|Deploy)|MeteringHTTPTests/RedfishTests|PushingTests/(Collector|PushClock|PushedNode)\.swift|MeteringTests/MeterBench|TestSupport/(Child|Eventually|HTTPGet|ManualTime|VirtualClock)\.swift)')
    if found=$(grep -nE "$sleeps|$clocks" "${tests[@]}"); then
        printf '%s\n' "$found" "unit tests neither sleep nor read a real clock: see Tests/lint.sh"
        return 1
    fi
}

failed=()
lint() {
    local name=$1
    shift
    "$@" || failed+=("$name")
}
lint swift-format "$swift" format lint --strict --parallel --recursive Package.swift Sources Tests
lint clang-format clang-format --dry-run -Werror "${c_files[@]}"
lint shellcheck shellcheck --external-sources "${shell_files[@]}"
lint yamllint yamllint --strict "${yaml_files[@]}"
lint pyflakes pyflakes3 "${python_files[@]}"
lint no-waiting no_waiting
if ((${#failed[@]})); then
    # shellcheck disable=SC2016  # a command to type, not one to run
    printf 'lint failed: %s (`make fmt` repairs the formatting of Swift and C)\n' "${failed[*]}"
    exit 1
fi
