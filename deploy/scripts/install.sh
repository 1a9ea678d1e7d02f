#!/usr/bin/env bash
# install.sh install|uninstall BIN_DIR PREFIX [DESTDIR]   programs, systemd unit, completions and manual pages
#
# DESTDIR stands before every path, for packages. Uninstalling removes these files, and neither settings nor history.
set -euo pipefail
cd "$(dirname "$0")/../.."
if (($# < 3 || $# > 4)) || [[ $1 != install && $1 != uninstall ]]; then
    sed -n '2s/^# //p' "$0" >&2
    exit 64
fi
mode=$1 bin=$2 prefix=$3 root=${4-}$3
programs=(energyd energyctl)

completion() {
    case $1 in
        bash) echo "$root/share/bash-completion/completions/$2" ;;
        zsh) echo "$root/share/zsh/site-functions/_$2" ;;
        fish) echo "$root/share/fish/vendor_completions.d/$2.fish" ;;
    esac
}

if [[ $mode == uninstall ]]; then
    for program in "${programs[@]}"; do
        rm -f "$root/bin/$program"
        for shell in bash zsh fish; do rm -f "$(completion $shell "$program")"; done
    done
    rm -f "$root/bin/kubectl-energy" "$root/lib/systemd/system/energyd.service" \
        "$root"/share/man/man8/energyd{,-*}.8 "$root"/share/man/man1/energyctl{,-*}.1
    exit
fi

for program in "${programs[@]}"; do
    if [[ ! -x $bin/$program ]]; then
        echo "install.sh: no program $bin/$program: run make build first" >&2
        exit 66
    fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
put() { install -D -m "$1" "$2" "$3"; }

for program in "${programs[@]}"; do
    put 755 "$bin/$program" "$root/bin/$program"
    for shell in bash zsh fish; do
        "$bin/$program" completion $shell >"$work/completion"
        put 644 "$work/completion" "$(completion $shell "$program")"
    done
done
put 755 deploy/scripts/kubectl-energy "$root/bin/kubectl-energy"
sed "s#^ExecStart=/usr/local/bin/#ExecStart=$prefix/bin/#" deploy/systemd/energyd.service >"$work/unit"
put 644 "$work/unit" "$root/lib/systemd/system/energyd.service"
deploy/scripts/man.py "$bin/energyd" 8 "$work/man8"
deploy/scripts/man.py "$bin/energyctl" 1 "$work/man1"
for page in "$work"/man[18]/*; do put 644 "$page" "$root/share/man/${page#"$work"/}"; done
