#!/usr/bin/env bash
# deps.sh PACKAGE...   checks for the Debian packages and the Swift toolchain that the build needs; as root on Debian or
#                      Ubuntu it installs missing packages, otherwise it prints the command that does and exits with 1
# deps.sh --swift      prints the path of the Swift compiler driver
set -euo pipefail

readonly swift_major=6 swift_minor=2

say() { printf '%s\n' "$*" >&2; }

# Also looks where toolchains are unpacked by hand or by swiftly, for shells that do not have them on PATH.
find_swift() {
    local candidate
    for candidate in "$(command -v swift || true)" /opt/swift/usr/bin/swift /usr/local/swift/usr/bin/swift \
        "${SWIFTLY_HOME_DIR:-${HOME:-/root}/.local/share/swiftly}/bin/swift"; do
        if [[ -x $candidate ]]; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

# The front end starts in half the time of the driver; swiftly's proxies have none next to them.
swift_version() {
    local program front_end
    program=$(readlink -f "$1")
    front_end=${program%/*}/swift-frontend
    [[ -x $front_end ]] || front_end=$1
    "$front_end" --version 2>/dev/null || true
}

check_swift() {
    local swift found=none
    if swift=$(find_swift); then
        found="$swift, which is not a Swift compiler"
        if [[ $(swift_version "$swift") =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]]; then
            if ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] >= swift_major * 1000 + swift_minor)); then
                return
            fi
            found="$swift, version ${BASH_REMATCH[1]}.${BASH_REMATCH[2]}"
        fi
    fi
    say "Swift $swift_major.$swift_minor or newer is needed (found: $found). To get it:"
    say "  curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz"
    say "  tar zxf swiftly-$(uname -m).tar.gz && ./swiftly init"
    return 1
}

on_debian() { command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; }

# Prints the packages of "$@" that are not installed, one per line.
missing_on_debian() {
    local installed package
    installed=$'\n'$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)$'\n'
    for package in "$@"; do
        [[ $installed == *$'\n'"installed $package"$'\n'* ]] || printf '%s\n' "$package"
    done
}

install_on_debian() {
    local log
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    printf 'Installing %s ... ' "$*" >&2
    # Keeps packages from starting services.
    local policy=/usr/sbin/policy-rc.d
    if [[ -e $policy ]]; then
        policy=''
    else
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
        # shellcheck disable=SC2064  # the path is known now
        trap "rm -f $policy" EXIT
    fi
    # A stale package list may still be good enough.
    if { apt-get -q update || true; } >"$log" 2>&1 &&
        apt-get -q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "$@" >>"$log" 2>&1; then
        say 'done'
        rm -f "$log"
    else
        say failed
        tail -n 15 "$log" >&2
        rm -f "$log"
        return 1
    fi
}

# Prints: file or command that proves it is installed | names for dnf | description.
describe() {
    case $1 in
        libbpf-dev) echo 'libbpf.a|libbpf-devel libbpf-static|libbpf 1.1 or newer, headers and static library' ;;
        libelf-dev)
            echo 'libelf.a|elfutils-libelf-devel elfutils-libelf-devel-static|libelf, headers and static library'
            ;;
        zlib1g-dev) echo 'libz.a|zlib-devel zlib-static|zlib, headers and static library' ;;
        libcrypt-dev)
            echo 'libcrypt.a|libxcrypt-devel libxcrypt-static|libcrypt (libxcrypt), headers and static library'
            ;;
        libsqlite3-dev) echo 'libsqlite3.a|sqlite-devel sqlite-static|SQLite, headers and static library' ;;
        busybox-static) echo 'busybox|busybox|BusyBox, statically linked' ;;
        prometheus) echo 'promtool|golang-github-prometheus|Prometheus with promtool' ;;
        python3-venv) echo 'python3|python3|Python 3 with venv' ;;
        pyflakes3) echo 'pyflakes3|python3-pyflakes|pyflakes for Python 3' ;;
        shellcheck) echo 'shellcheck|ShellCheck|ShellCheck' ;;
        clang-format) echo 'clang-format|clang-tools-extra|clang-format' ;;
        *) echo "$1|$1|$1" ;;
    esac
}

# Without dpkg, a package counts as installed when the file or command that the build uses exists.
present_elsewhere() {
    case $1 in
        *.a) compgen -G "/usr/lib*/$1" || compgen -G "/usr/lib/*/$1" || compgen -G "/usr/local/lib*/$1" ;;
        *) command -v "$1" ;;
    esac >/dev/null
}

check_elsewhere() {
    local package witness dnf what names=() lines=()
    for package in "$@"; do
        IFS='|' read -r witness dnf what < <(describe "$package")
        present_elsewhere "$witness" && continue
        names+=("$dnf")
        lines+=("  $what (Debian: $package, dnf: $dnf)")
    done
    ((${#names[@]})) || return 0
    say 'Missing packages; this is neither Debian nor Ubuntu, so install them by hand:'
    printf '%s\n' "${lines[@]}" >&2
    if command -v dnf >/dev/null; then
        printf 'sudo dnf install -y %s\n' "${names[*]}"
    fi
    return 1
}

check_packages() {
    (($#)) || return 0
    if ! on_debian; then
        check_elsewhere "$@"
        return
    fi
    local missing
    mapfile -t missing < <(missing_on_debian "$@")
    ((${#missing[@]})) || return 0
    if ((EUID == 0)); then
        install_on_debian "${missing[@]}"
    else
        printf 'sudo apt-get install -y %s\n' "${missing[*]}"
        return 1
    fi
}

if [[ ${1-} == --swift ]]; then
    find_swift
    exit
fi
status=0
check_packages "$@" || status=1
check_swift || status=1
exit "$status"
