#!/usr/bin/env bash
# kubectl-energy.sh   tests the plugin of kubectl with programs in place of kubectl and energyctl: one line per check
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
export PATH=$work/bin:$PATH WORK=$work

# Like kubectl: lists pods by node, and forwards a port until it is ended.
cat >"$work/bin/kubectl" <<'END'
#!/usr/bin/env bash
printf '%s\n' "$*" >>"$WORK/calls"
case " $* " in
    *' get pods '*)
        [[ $* != *forbidden* ]] || { echo 'Error from server (Forbidden): pods is forbidden' >&2; exit 1; }
        [[ $* == *--namespace=energyd\ * ]] || exit 0
        pods=$'energyd-a worker-1\nenergyd-b worker-2'
        if [[ $* =~ spec.nodeName=([a-z0-9-]+) ]]; then grep " ${BASH_REMATCH[1]}$" <<<"$pods"; else echo "$pods"; fi
        exit 0 ;;
    *' port-forward '*)
        [[ $* != *pod/gone* ]] || { echo 'Error from server (NotFound): pods "gone" not found' >&2; exit 1; }
        echo $$ >"$WORK/forwarding"
        echo 'Forwarding from 127.0.0.1:34567 -> 9464'
        for ((i = 0; i < 10000; i++)); do echo 'Handling connection for 34567'; done
        echo drained >"$WORK/drained"
        exec sleep 60 ;;
esac
exit 1
END
cat >"$work/bin/energyctl" <<'END'
#!/usr/bin/env bash
printf '%s\n' "$*" >"$WORK/energyctl"
for _ in {1..100}; do [[ -e $WORK/drained ]] && break; sleep 0.05; done
exit "${STATUS:-0}"
END
chmod +x "$work"/bin/*

# plugin STATUS ARGUMENTS...: runs it and compares its exit status.
plugin() {
    local expected=$1 status
    shift
    rm -f "$work"/{calls,energyctl,forwarding,drained}
    deploy/scripts/kubectl-energy "$@" >"$work/output" 2>&1
    status=$?
    ((status == expected)) || echo "status $status: $(<"$work/output")"
    ((status == expected))
}
said() { grep -qF -- "$1" "$work/output" || { cat "$work/output"; return 1; }; }
asked() { [[ -e $work/energyctl && $(<"$work/energyctl") == "$1" ]] || { cat "$work/energyctl" "$work/output"; return 1; }; }
called() { grep -qF -- "$1" "$work/calls" || { cat "$work/calls"; return 1; }; }
over() { ! kill -0 "$(<"$work/forwarding")" 2>/dev/null; }

check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then echo "ok kubectl energy: $name"; else echo "FAIL kubectl energy: $name: ${output//$'\n'/ }"; fi
}
of_a_node() {
    plugin 0 --node worker-2 report --since 7d --by 'label:a b' && called 'port-forward --address=127.0.0.1 pod/energyd-b :9464' \
        && asked 'report --address=127.0.0.1:34567 --since 7d --by label:a b' && over && [[ -e $work/drained ]]
}
by_default() { plugin 0 --node=worker-1 && asked 'top --address=127.0.0.1:34567' && over; }
status_passes() { STATUS=3 plugin 3 --pod=energyd-a report && ! grep -q 'get pods' "$work/calls"; }
which_cluster() {
    plugin 0 --context prod --kubeconfig /k -n energyd --node worker-1 top && called '--context=prod --kubeconfig=/k --namespace=energyd get pods' \
        && called '--context=prod --kubeconfig=/k --namespace=energyd port-forward'
}
several() { plugin 2 top && said '--node worker-1' && said '--node worker-2' && [[ ! -e $work/energyctl ]]; }
none() { plugin 1 --node worker-9 && said 'on node worker-9' && plugin 1 -n other && said '-n, or deploy it'; }
refused() { plugin 1 -n forbidden && said Forbidden && plugin 1 --pod gone && said NotFound && [[ ! -e $work/energyctl ]]; }
wrong() { plugin 2 --nodes x && plugin 2 run && plugin 2 --node && plugin 2 --node a --pod b && plugin 0 --help && said 'EXIT STATUS'; }

check 'the agent of a node is asked' of_a_node
check 'top is the default' by_default
check 'the exit status is that of energyctl' status_passes
check 'context and kubeconfig are those of kubectl' which_cluster
check 'several agents are listed' several
check 'no agent is an error with a remedy' none
check 'what kubectl refuses is shown' refused
check 'wrong options are refused' wrong
