#!/usr/bin/env bash
# run.sh BIN_DIR   boots Debian's other kernels in QEMU and looks whether the agent is right on them. About 2 min each;
# kernels are kept in .build-kernels. KERNELS="5.10-cloud 6.1-cloud 6.1-rt 6.12-cloud" chooses; DEPTH (1000) is how many
# levels deep cgroups come and go at the end.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
bin=$1
cache=.build-kernels
mkdir -p "$cache"
passed=0 failed=0

# Older kernels than this release has come from the one before it.
older=http://deb.debian.org/debian
older_suite=bullseye

# Prints the newest package of a flavour; for an older release the path of its file.
package_of() {
    local version=${1%-*} flavour=${1#*-}
    if [[ $version == 5.10 ]]; then
        curl -fsSL -m 60 "$older/dists/$older_suite/main/binary-amd64/Packages.xz" | xz -dc |
            sed -n "s|^Filename: \(.*/linux-image-5\.10\.[^/]*-$flavour-amd64-unsigned_[^/]*\.deb\)$|\1|p" |
            sort -V | tail -n 1
        return
    fi
    apt-cache search --names-only "^linux-image-${version//./\\.}\\.[.0-9a-z+-]*-$flavour-amd64-unsigned\$" |
        cut -d' ' -f1 | sort -V | tail -n 1
}

# Prints the path of a kernel image, fetched when it is not there.
kernel_of() {
    local package=${1##*/} file
    if [[ $1 == */* ]] && ! compgen -G "$cache/$package/boot/vmlinuz-*" >/dev/null; then
        file=$cache/download.deb
        curl -fsSL -m 300 -o "$file" "$older/$1" && dpkg-deb -x "$file" "$cache/$package" && rm -f "$file" || return
    fi
    if ! compgen -G "$cache/$package/boot/vmlinuz-*" >/dev/null; then
        (cd "$cache" && apt-get -q download "$package" >/dev/null 2>&1 && dpkg-deb -x "$package"_*.deb "$package" &&
            rm -f "$package"_*.deb) || return
    fi
    compgen -G "$cache/$package/boot/vmlinuz-*"
}

make_initramfs() {
    local root=$cache/root program
    rm -rf "$root"
    mkdir -p "$root"/{bin,proc,sys,dev}
    cp "$(command -v busybox)" "$root/bin/busybox"
    for program in sh mount sleep mkdir rmdir wget grep sed sort uname kill cat; do ln -s busybox "$root/bin/$program"; done
    cp "$bin/energyd" Tests/Kernels/init "$root/"
    "${CC:-clang}" -O2 -static Tests/Bench/latency.c -o "$root/latency" -lpthread || return
    (cd "$root" && find . | cpio --quiet -o -H newc | gzip -1) >"$cache/initramfs.gz"
}

# KVM hangs on nested machines; several TCG threads and -cpu max panic 6.12.
boot() {
    timeout 400 qemu-system-x86_64 -accel tcg,thread=single -cpu qemu64 -smp 2 -m 1024 -nographic -no-reboot \
        -kernel "$1" -initrd "$cache/initramfs.gz" \
        -append "console=ttyS0 quiet panic=-1 rdinit=/init DEPTH=${DEPTH:-1000}" </dev/null 2>&1 |
        tr -d '\r'
}

# result KEY: what the guest told.
result() { sed -n "s/^.*RESULT $1=//p" "$cache/output"; }

# expect KERNEL WHAT AWK_CONDITION VALUE...
expect() {
    local kernel=$1 what=$2 condition=$3
    shift 3
    if awk -v line="$*" "BEGIN { n = split(line, v, \" \"); exit !($condition) }"; then
        passed=$((passed + 1))
        printf 'ok   %s: %s (%s)\n' "$kernel" "$what" "$*"
    else
        failed=$((failed + 1))
        printf 'FAIL %s: %s (%s)\n' "$kernel" "$what" "$*"
    fi
}

if ! command -v qemu-system-x86_64 >/dev/null; then
    printf '\nSKIPPED: QEMU CANNOT BE INSTALLED HERE, NO OTHER KERNEL WAS TRIED\n\n'
    exit 0
fi
make_initramfs || exit
for flavour in ${KERNELS:-5.10-cloud 6.1-cloud 6.1-rt 6.12-cloud}; do
    package=$(package_of "$flavour")
    if [[ -z $package ]] || ! image=$(kernel_of "$package"); then
        # Only that of the older release may be out of reach: its archive moves one day.
        if [[ $flavour == 5.* ]]; then
            printf '\nSKIPPED %s: THIS KERNEL COULD NOT BE DOWNLOADED AND WAS NOT TRIED\n\n' "$flavour"
        else
            failed=$((failed + 1))
            echo "FAIL $flavour: no such kernel can be downloaded"
        fi
        continue
    fi
    boot "$image" >"$cache/output"
    before=$failed
    kernel=$(result kernel)
    [[ -n $kernel ]] || kernel=$flavour
    # Before 5.19 the maps are read from outside.
    tier=ebpf
    [[ $flavour == 5.* ]] && tier=ebpf-batch
    expect "$kernel" "accounts in the kernel, tier $tier" "v[1] == \"$tier\"" "$(result tier)"
    agrees='n == 2 && v[2] > 100000 && v[1] * 1e6 > v[2] * 0.995 && v[1] * 1e6 < v[2] * 1.005'
    expect "$kernel" 'a busy cgroup agrees with cpu.stat' "$agrees" "$(result busy)"
    expect "$kernel" 'a fork storm agrees with cpu.stat' "$agrees" "$(result storm)"
    expect "$kernel" 'a brief cgroup has its name' 'n == 1 && v[1] > 0' "$(result brief)"
    expect "$kernel" 'the joules add up' 'n == 1 && v[1] == 0' "$(result conservation)"
    expect "$kernel" 'nothing was lost' 'n == 1 && v[1] == 0' "$(result lost)"
    expect "$kernel" 'a CPU went offline' 'v[1] == 1' "$(result online)"
    # The guest's clock ticks slowly under emulation: a tick for every CPU and reading.
    expect "$kernel" 'the time of all CPUs adds up' \
        'n == 3 && v[2] > 10 && v[2] > 0.6 * v[3] && v[1] < 0.005 * v[2] && v[1] > -0.005 * v[2]' \
        "$(result unaccounted)"
    expect "$kernel" 'a table that is full loses nothing' \
        'n == 3 && v[2] > 0 && v[1] < v[3] / 1e6 && v[1] + v[2] > v[3] / 1e6 * 0.995' "$(result crowd)"
    # "worst MAX mkdir MEAN MAX rmdir MEAN MAX", in us, without the agent and with it. Where the kernel builds paths for it,
    # mkdir and rmdir take longer by some three times what mkdir takes without.
    expect "$kernel" 'deep cgroups come and go about as fast as without it' \
        'n == 16 && v[12] - v[4] < 2 * v[4] && v[15] - v[7] < v[4] / 2' "$(result deep)"
    if ((failed > before)); then tail -n 40 "$cache/output"; fi
done
printf '%d passed, %d failed\n' "$passed" "$failed"
((passed > 0 && failed == 0))
