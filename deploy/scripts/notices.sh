#!/usr/bin/env bash
# notices.sh SWIFT CHECKOUTS   prints the licences and notices of everything that is linked into the programs
#
# SWIFT is the compiler's driver, CHECKOUTS the directory where SwiftPM keeps the sources of the packages.
set -euo pipefail
if (($# != 2)); then
    sed -n '2s/^# //p' "$0" >&2
    exit 64
fi
swift=$(readlink -f "$1") checkouts=$2
[[ -d $checkouts ]] || {
    echo "notices.sh: $checkouts: no sources of packages: run \`make build\` first" >&2
    exit 1
}

# part NAME FILE...: the texts of one component.
part() {
    local name=$1 file found=0
    shift
    printf '\n%s\n%s\n' "$name" "$(printf '%*s' 78 '' | tr ' ' =)"
    for file in "$@"; do
        [[ -f $file ]] || continue
        printf '\n'
        cat "$file"
        found=1
    done
    ((found)) || {
        echo "notices.sh: no licence of $name" >&2
        return 1
    }
}

echo 'energyd is licensed under the Apache License 2.0. The programs contain the following components.'
part 'Swift runtime and libraries' "${swift%/bin/*}/share/swift/LICENSE.txt"
for checkout in "$checkouts"/*/; do
    mapfile -t texts < <(find "$checkout" -maxdepth 4 -type f \( -iname 'LICENSE*' -o -iname 'NOTICE*' \) \
        -not -path '*/.git/*' -not -path '*/IntegrationTests/*' | sort)
    part "$(basename "$checkout")" "${texts[@]}"
done
for package in libbpf-dev libelf-dev zlib1g-dev libcrypt-dev libsqlite3-dev libc6-dev; do
    part "$package $(dpkg-query -W -f='${Version}' "$package")" "/usr/share/doc/$package/copyright"
done
mapfile -t compiler < <(printf '%s\n' /usr/share/doc/libstdc++-*-dev/copyright)
part 'libstdc++ and libgcc' "${compiler[-1]}"
