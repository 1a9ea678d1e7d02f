#!/usr/bin/env bash
# install.sh BIN_DIR   tests `make install` with the programs of BIN_DIR: one line per check
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
bin=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root/opt/e
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then echo "ok install: $name"; else echo "FAIL install: $name: ${output//$'\n'/ }"; fi
}

installs() {
    deploy/scripts/install.sh install "$bin" /opt/e "$work/root" && "$root/bin/energyctl" --version && "$root/bin/kubectl-energy" --help \
        && grep -q '^ExecStart=/opt/e/bin/energyd ' "$root/lib/systemd/system/energyd.service"
}
# Every command has a page, and each page what a page has.
has_pages() {
    local page section
    for page in man8/energyd.8 man1/energyctl.1 man1/energyctl-{top,report,run,history,doctor,identify}.1; do
        [[ -s $root/share/man/$page ]] || { echo "no $page"; return 1; }
        for section in NAME SYNOPSIS OPTIONS '"EXIT STATUS"' FILES ENVIRONMENT; do
            [[ $page == *-history.1 && $section == OPTIONS ]] && continue
            grep -q "^.SH $section" "$root/share/man/$page" || { echo "$page has no $section"; return 1; }
        done
    done
    grep -q 'energyctl report \\-\\-since 7d' "$root/share/man/man1/energyctl-report.1"
}
# Warnings of groff and of mandoc go to different streams.
reads_as_man() {
    local page output
    for page in "$root"/share/man/man[18]/*; do
        output=$(LC_ALL=C.UTF-8 man --warnings -l "$page" 2>&1 >/dev/null)
        if [[ -n $output ]]; then
            echo "${page##*/}: $output"
            return 1
        fi
    done
}
lints() { mandoc -T lint -W warning "$root"/share/man/man[18]/*; }
is_syntax_of() { "$1" -n "$2"; }

# completes PROGRAM WORDS... : what bash offers for the last word, by the installed script.
completes() {
    PATH=$root/bin:$PATH bash --norc -c '
        source "$1"; shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9
        function=$(complete -p "$1" | sed -E "s/.* -F ([^ ]+) .*/\1/")
        "$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf "%s\n" "${COMPREPLY[@]}"' bash "$root/share/bash-completion/completions/$1" "$@" 2>&1
}
# offers WORD PROGRAM WORDS...
offers() {
    local word=$1 output
    shift
    output=$(completes "$@")
    grep -qE "^$word *$" <<<"$output" || { echo "$output"; return 1; }
}
offers_not() { ! offers "$@" >/dev/null; }
leaves_nothing() {
    deploy/scripts/install.sh uninstall "$bin" /opt/e "$work/root" || return 1
    local left
    left=$(find "$work/root" -type f)
    [[ -z $left ]] || { echo "$left"; return 1; }
}

check 'everything is installed' installs
check 'manual pages of all commands' has_pages
if command -v man >/dev/null; then check 'groff has nothing to say about them' reads_as_man; else echo 'skip man: apt-get install man-db'; fi
if command -v mandoc >/dev/null; then check 'mandoc has nothing to say about them' lints; else echo 'skip mandoc: apt-get install mandoc'; fi
for program in energyd energyctl; do
    check "$program's completion for bash" is_syntax_of bash "$root/share/bash-completion/completions/$program"
    if command -v zsh >/dev/null; then check "$program's for zsh" is_syntax_of zsh "$root/share/zsh/site-functions/_$program"; fi
    if command -v fish >/dev/null; then check "$program's for fish" is_syntax_of fish "$root/share/fish/vendor_completions.d/$program.fish"; fi
done
check 'bash completes a command' offers report energyctl rep
check 'and only such' offers_not top energyctl rep
check 'bash completes an option of a command' offers --fail-on energyctl report --fa
check 'bash completes the values of an option' offers focus energyctl report --output fo
check 'bash completes a subcommand of a command' offers verify energyctl history ver
check "bash completes the agent's options" offers --history.path energyd --history.p
check 'uninstall leaves nothing' leaves_nothing
