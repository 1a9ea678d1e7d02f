#!/usr/bin/env bash
# Checks the deployment without a cluster: manifests, Dockerfile, systemd unit, scripts, and, as root with crun, the agent
# in a container like that of the manifest. Prints one line per check, then `N passed, N failed`; exits with 1 if one
# failed. Needs kubectl, Python 3 and, once, the Python package index.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
readonly tools=.build-tools/deploy
readonly validator=1.37.0
# The oldest and the newest Kubernetes that the manifests are meant for.
readonly kubernetes_versions=(1.31 1.37)
readonly exposure_limit=25

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# Prints and counts the `ok` and `FAIL` lines of standard input.
tally() {
    local line
    while IFS= read -r line; do
        printf '%s\n' "$line"
        case $line in
            'ok '*) passed=$((passed + 1)) ;;
            'FAIL '*) failed=$((failed + 1)) ;;
        esac
    done
}

# check NAME COMMAND...: the command must succeed; what it prints is shown when it does not.
check() {
    local name=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        tally <<<"ok $name"
    else
        tally <<<"FAIL $name: $(tr '\n' ' ' <"$work/output")"
    fi
}

# finish [REASON]: prints the result, after a FAIL line if something required is missing.
finish() {
    if [[ -n ${1-} ]]; then tally <<<"FAIL $1"; fi
    echo "$passed passed, $failed failed"
    exit "$((failed > 0))"
}

# skip NAME REASON
skip() { printf 'skip %s: %s\n' "$1" "$2"; }

# Scripts and examples; shellcheck is part of `make lint`.
tally < <(Tests/Deploy/run-script.sh)
tally < <(Tests/Deploy/kubectl-energy.sh)
if [[ -x .build/release/energyctl ]]; then
    tally < <(Tests/Deploy/install.sh .build/release)
else
    skip install 'make build'
fi
if command -v promtool >/dev/null; then
    tally < <(Tests/Deploy/prometheus.sh)
else
    skip promtool 'apt-get install prometheus'
fi

# The systemd unit: verify requires the program to exist.
if command -v systemd-analyze >/dev/null; then
    sed 's#^ExecStart=[^ ]*#ExecStart=/bin/true#' deploy/systemd/energyd.service >"$work/energyd.service"
    # Unknown settings are reported, by file name, with an exit status of 0.
    # shellcheck disable=SC2317  # called by check
    quiet_verify() {
        systemd-analyze verify "$1" >"$work/verify" 2>&1
        local status=$?
        grep -F "${1##*/}" "$work/verify" && return 1
        return "$status"
    }
    check 'systemd-analyze verify' quiet_verify "$work/energyd.service"
    check "systemd-analyze security: exposure at most $exposure_limit of 100" \
        systemd-analyze security --offline=true --no-pager --threshold="$exposure_limit" "$work/energyd.service"
else
    skip systemd-analyze 'apt-get install systemd'
fi

# The manifests.
if ! command -v kubectl >/dev/null; then
    skip 'Kubernetes manifests' 'NOT CHECKED: no kubectl on PATH; see https://kubernetes.io/docs/tasks/tools'
    finish
fi
if [[ ! -x $tools/bin/kubernetes-validate ]]; then
    if ! { python3 -m venv "$tools" &&
        "$tools/bin/pip" -q --disable-pip-version-check install "kubernetes-validate==$validator" PyYAML; } >&2; then
        rm -rf "$tools"
        finish 'kubernetes-validate: not installed: apt-get install python3-venv, and let pip reach its index'
    fi
fi

# The example of deploy/README.md, in a directory next to the repository as it says.
mkdir "$work/mine"
ln -s "$PWD" "$work/energyd"
# shellcheck disable=SC2016  # no command substitution, but Markdown
sed -n '/^```yaml$/,/^```$/{/^```/d;p}' deploy/README.md >"$work/mine/kustomization.yaml"

# shellcheck disable=SC2317  # called by check
render() { kubectl kustomize "$1" >"$work/$2.yaml"; }
check 'kubectl kustomize deploy/kustomize/base' render deploy/kustomize/base base
check 'kubectl kustomize deploy/kustomize/overlays/prometheus-operator' \
    render deploy/kustomize/overlays/prometheus-operator operator
check 'kubectl kustomize deploy/kustomize/overlays/kubernetes-api' \
    render deploy/kustomize/overlays/kubernetes-api api
check 'kubectl kustomize deploy/kustomize/overlays/kubernetes-kubelet' \
    render deploy/kustomize/overlays/kubernetes-kubelet kubelet
check 'kubectl kustomize deploy/kustomize/overlays/token-review' \
    render deploy/kustomize/overlays/token-review review
check 'kubectl kustomize the example of deploy/README.md' render "$work/mine" example

# The commands of docs/operations.md that deploy on Kubernetes, without building or applying anything.
mkdir "$work/checkout"
ln -s "$PWD/deploy" "$work/checkout/deploy"
# shellcheck disable=SC2016  # no command substitution, but Markdown
awk '/^## /{here = /^## On Kubernetes$/} here && /^```/{if (inside) exit; inside = 1; next} inside' docs/operations.md >"$work/commands"
# shellcheck disable=SC2317  # called by check
documented() (
    docker() { [[ $1 == build || $1 == push ]]; }
    kubectl() { [[ "$1 $2" == 'apply -k' ]] && command kubectl kustomize "$3" >"$work/documented.yaml"; }
    # shellcheck source=/dev/null
    cd "$work/checkout" && . "$work/commands"
)
check 'the commands of docs/operations.md' documented
for rendered in base operator api kubelet review example documented; do
    [[ -s $work/$rendered.yaml ]] || finish
done

for version in "${kubernetes_versions[@]}"; do
    # The PodMonitor is not a resource of Kubernetes itself: the validator only warns about it.
    for manifest in base operator api kubelet review example documented; do
        check "kubernetes-validate --strict $version $manifest" \
            "$tools/bin/kubernetes-validate" --strict -k "$version" "$work/$manifest.yaml"
    done
done
if ! "$tools/bin/python" Tests/Deploy/manifests.py \
    "$work"/{base,operator,api,kubelet,example,documented}.yaml deploy/Dockerfile >"$work/manifests" 2>&1; then
    printf 'FAIL manifests.py: %s\n' "$(tail -n 1 "$work/manifests")" >>"$work/manifests"
fi
tally <"$work/manifests"

# The agent as the manifest runs it.
readonly agent=${ENERGYD_BIN:-.build/release}/energyd
if ((EUID == 0)) && [[ -x $agent ]] && command -v crun >/dev/null; then
    if ! "$tools/bin/python" Tests/Deploy/container.py "$work/base.yaml" "$agent" >"$work/container" 2>&1; then
        printf 'FAIL container.py: %s\n' "$(tail -n 1 "$work/container")" >>"$work/container"
    fi
    tally <"$work/container"
else
    skip 'the agent in a container' 'needs root, make build, and crun (apt-get install crun)'
fi
finish
