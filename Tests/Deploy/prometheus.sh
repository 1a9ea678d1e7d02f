#!/usr/bin/env bash
# Checks the Prometheus examples in docs/operations.md. Prints `ok NAME` or `FAIL NAME: REASON` for each case.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check NAME COMMAND...
check() {
    local name=$1
    shift
    if "$@" >"$work/output" 2>&1; then
        echo "ok $name"
    else
        echo "FAIL $name: $(tr '\n' ' ' <"$work/output")"
    fi
}

# The blocks that start with a file name.
awk -v work="$work" '
    /^```/ { name = ""; next_is_first = $0 == "```yaml"; next }
    next_is_first { next_is_first = 0; if ($1 == "#" && $2 ~ /\.yml$/) name = work "/" $2 }
    name { print > name }' docs/operations.md

# Debian builds promtool without this kind of discovery.
promtool check config "$work/prometheus.yml" >"$work/output" 2>&1
if grep -q 'field kubernetes_sd_configs not found' "$work/output"; then
    sed -i '/kubernetes_sd_configs:/,/namespaces:/d' "$work/prometheus.yml"
fi
check 'promtool check config' promtool check config "$work/prometheus.yml"

# Every metric in a file exists; two labels have names like metrics.
# shellcheck disable=SC2317  # called by check
known() {
    local metric
    while read -r metric; do
        grep -q "^| \`$metric\` " docs/metrics.md || { echo "$metric is not in docs/metrics.md"; return 1; }
    done < <(grep -oE '\b(energyd|hw)_[a-z_]+' "$1" | grep -vE '^energyd_label_(name|value)$' | sort -u)
}
check 'metrics of the alert rules' known "$work/energyd.rules.yml"

# Every metric in the documented queries exists.
awk '/^```/ { inside = $0 == "```promql"; next } inside && !/^#/' README.md docs/*.md >"$work/queries"
check 'metrics of the documented queries' known "$work/queries"

# shellcheck disable=SC2317  # called by check
kinds() {
    local kind
    for kind in $(grep -oE 'kind=~"[^"]*"' "$work/energyd.rules.yml" | cut -d'"' -f2 | tr '|' ' '); do
        grep -q "^| .*\`$kind\`" docs/operations.md || { echo "the fault $kind is in no table"; return 1; }
    done
}
check 'faults of the alert rules' kinds

cat >"$work/test.yml" <<'YAML'
rule_files: [energyd.rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - { series: 'up{job="energyd", node="a"}', values: "1x30" }
      - { series: 'up{job="energyd", node="b"}', values: "0x30" }
      - { series: 'energyd_zone_up{node="a", zone="dram-0"}', values: "1x5 0x25" }
      - { series: 'energyd_conservation_error_joules{node="a", zone="dram-0"}', values: "0x30" }
      - { series: 'energyd_agent_faults_total{node="a", kind="power_gap"}', values: "0x10 1x20" }
      - { series: 'energyd_agent_faults_total{node="a", kind="power_wrap"}', values: "0+1x30" }
      - { series: 'energyd_workloads_unnamed{node="a", kind="pod"}', values: "2x30" }
      - { series: 'energyd_workloads_unnamed{node="a", kind="container"}', values: "0x30" }
      - { series: 'energyd_names_up{node="b", source="logs"}', values: "1x30" }
      - { series: 'energyd_source_lost_energy_joules_total{node="a", source="rapl", zone="dram-0"}', values: "0x30" }
      - { series: 'energyd_source_refused_energy_joules_total{node="a", source="rapl", zone="dram-0"}', values: "0+2x30" }
      - { series: 'energyd_export_points_total{node="a", target="http://c", outcome="sent"}', values: "0+500x10 5000x20" }
      - { series: 'energyd_export_points_total{node="b", target="http://c", outcome="sent"}', values: "0+500x30" }
      - { series: 'energyd_export_points_total{node="a", target="http://c", outcome="rejected"}', values: "0x30" }
      - { series: 'energyd_export_points_total{node="b", target="http://c", outcome="dropped"}', values: "0x10 7x20" }
      - { series: 'energyd_agent_faults_total{node="b", kind="access_reloads_failed"}', values: "0x10 1x20" }
      - { series: 'energyd_web_certificate_expiry_timestamp_seconds{node="a"}', values: "260400x30" }
      - { series: 'energyd_web_certificate_expiry_timestamp_seconds{node="b"}', values: "864000x30" }
    alert_rule_test:
      - eval_time: 20m
        alertname: EnergydAbsent
        exp_alerts:
          - exp_labels: { job: energyd, node: b }
            exp_annotations: { summary: "b: no energy is accounted; see the log of energyd on that node" }
      - eval_time: 20m
        alertname: EnergydMeterLost
        exp_alerts:
          - exp_labels: { node: a, zone: dram-0 }
            exp_annotations: { summary: "a: dram-0 cannot be read, its energy does not advance" }
      - eval_time: 20m
        alertname: EnergydLosesEnergy
        exp_alerts:
          - exp_labels: { node: a, kind: power_gap }
            exp_annotations: { summary: "a: power_gap; docs/operations.md has the remedy" }
      - eval_time: 20m
        alertname: EnergydMissesEnergy
        exp_alerts:
          - exp_labels: { node: a, source: rapl, zone: dram-0 }
            exp_annotations: { summary: "a: 30 J of dram-0 (rapl) were not counted" }
      - eval_time: 20m
        alertname: EnergydNamesMissing
        exp_alerts:
          - exp_labels: { node: a }
            exp_annotations: { summary: "a: pods and containers have no names; energyctl doctor has the remedy" }
      - eval_time: 20m
        alertname: EnergydPushLosesMetrics
        exp_alerts:
          - exp_labels: { node: b, target: "http://c" }
            exp_annotations: { summary: "b: data points for http://c are lost; docs/otlp.md says when" }
      - eval_time: 30m
        alertname: EnergydPushFails
        exp_alerts:
          - exp_labels: { node: a, target: "http://c", outcome: sent }
            exp_annotations: { summary: "a: nothing reaches http://c; energyctl doctor has the reason" }
      - eval_time: 20m
        alertname: EnergydKeepsOldPasswords
        exp_alerts:
          - exp_labels: { node: b, kind: access_reloads_failed }
            exp_annotations: { summary: "b: new certificates, passwords or tokens cannot be used; its log says why" }
      - eval_time: 20m
        alertname: EnergydCertificateEnds
        exp_alerts:
          - exp_labels: { node: a }
            exp_annotations: { summary: "a: the certificate of energyd ends in 3d 0h 0m 0s" }
      - { eval_time: 20m, alertname: EnergydWrong, exp_alerts: [] }
YAML
check 'promtool test rules' promtool test rules "$work/test.yml"
