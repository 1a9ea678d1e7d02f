"""Reads expositions with Prometheus' own parsers and compares them with the JSON of the same snapshot.

usage: parse.py DIRECTORY    snapshot.json, and NAME.text and NAME.openmetrics of several selections

Prints `ok FILE` for each; what is wrong ends it with status 1.
"""

import json
import pathlib
import re
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

directory = pathlib.Path(sys.argv[1])
snapshot = json.loads((directory / "snapshot.json").read_text(encoding="utf-8"))
# What identifies a workload, as labels.
IDENTITY = {
    "container": lambda w: {"container_id": w["labels"].get("container.id", ""),
                            "cgroup_path": "" if not w["id"].startswith("container:/") else w["cgroupPath"]},
    "pod": lambda w: {"k8s_pod_uid": w["labels"]["k8s.pod.uid"]},
    "namespace": lambda w: {"k8s_namespace_name": w["name"]},
    "job": lambda w: {"job_id": w["labels"]["job.id"], "cgroup_path": w["cgroupPath"]},
    "unit": lambda w: {"systemd_unit": w["name"], "cgroup_path": w["cgroupPath"]},
    "slice": lambda w: {"systemd_slice": w["name"], "cgroup_path": w["cgroupPath"]},
    "vm": lambda w: {"cgroup_path": w["cgroupPath"]},
    "cgroup": lambda w: {"cgroup_id": str(w["cgroupId"]) if w["cgroupId"] else w["id"]},
}
CONVENTIONAL = {"container": "container_cpu_time_seconds_total", "pod": "k8s_pod_cpu_time_seconds_total"}


def fail(file, text):
    print(f"FAIL {file}: {text}")
    sys.exit(1)


def key(name, labels):
    """A series by its identity; an empty label is an absent one."""
    return name, frozenset((k, v) for k, v in labels.items() if v)


def expected(is_conventional):
    """The series of workloads, with the figures of the JSON."""
    series = {}
    for workload in snapshot["workloads"]:
        kind, labels = workload["kind"], IDENTITY[workload["kind"]](workload)
        for zone, energy in workload["zones"].items():
            for mode in ("dynamic", "static"):
                joules = energy[f"{mode}Microjoules"] / 1e6
                if joules or mode == "dynamic":
                    series[key(f"energyd_{kind}_energy_joules_total", {**labels, "zone": zone, "mode": mode})] = joules
        time = CONVENTIONAL.get(kind) if is_conventional else None
        series[key(time or f"energyd_{kind}_cpu_time_seconds_total", labels)] = workload["cpuSeconds"]
        if "powerWatts" in workload:
            series[key(f"energyd_{kind}_power_watts", labels)] = workload["powerWatts"]
        if "emissionsGrams" in workload:
            series[key(f"energyd_{kind}_emissions_grams_total", labels)] = workload["emissionsGrams"]
        if "scheduling" in workload:
            for mode in ("voluntary", "involuntary"):
                series[key(f"energyd_{kind}_context_switches_total", {**labels, "mode": mode})] = workload[
                    "scheduling"][f"{mode}Switches"]
    for aggregate in snapshot.get("aggregates", []):
        kind, labels = aggregate["kind"], {k.replace(".", "_"): v for k, v in aggregate["labels"].items()}
        for zone, energy in aggregate["zones"].items():
            joules = energy["dynamicMicrojoules"] / 1e6
            series[key(f"energyd_{kind}_energy_joules_total", {**labels, "zone": zone, "mode": "dynamic"})] = joules
        series[key(f"energyd_{kind}_power_watts", labels)] = aggregate["powerWatts"]
        series[key(f"energyd_{kind}_cpu_time_seconds_total", labels)] = aggregate["cpuSeconds"]
    return series


def of_the_node():
    """Figures of the node."""
    node = snapshot["node"]
    series = {
        key("energyd_node_power_watts", {}): node["powerWatts"],
        key("energyd_node_emissions_grams_total", {}): node["emissionsGrams"],
        key("energyd_node_cpu_time_seconds_total", {}): node["cpuSeconds"],
        key("energyd_node_energy_joules_total", {}): sum(z["energyMicrojoules"] for z in node["zones"]) / 1e6,
    }
    for zone in node["zones"]:
        series[key("hw_energy_joules_total", {"hw_id": zone["name"]})] = zone["energyMicrojoules"] / 1e6
        for part in ("idle", "system", "unattributed"):
            joules = node[part]["zones"].get(zone["name"], 0) / 1e6
            series[key("energyd_node_part_energy_joules_total", {"zone": zone["name"], "part": part})] = joules
    return series


def check(file):
    text = file.read_text(encoding="utf-8")
    is_open = file.suffix == ".openmetrics"
    name = file.stem
    samples, helps = {}, set()
    count = 0
    for family in (openmetrics if is_open else plain)(text):
        if family.name in helps:
            fail(file.name, f"{family.name} comes twice")
        helps.add(family.name)
        for sample in family.samples:
            count += 1
            full = (sample.name, frozenset(sample.labels.items()))
            if full in samples:
                fail(file.name, f"{full} comes twice")
            samples[full] = (sample.labels, sample.value)
            if sample.timestamp is not None:
                fail(file.name, f"{sample} has a timestamp")
    lines = sum(1 for line in text.split("\n") if line and not line.startswith("#"))
    if lines != count:
        fail(file.name, f"{lines} lines, {count} samples")
    if is_open != text.endswith("# EOF\n"):
        fail(file.name, "its end is wrong")
    wanted = of_the_node() if name == "node" else {**of_the_node(), **expected(name in ("conventional", "all"))}
    compare(file, samples, wanted)
    labels(file, name, samples)
    created = {n for n, _ in samples if n.endswith("_created")}
    if bool(created) != (is_open and name in ("created", "all")):
        fail(file.name, f"created: {sorted(created)[:3]}")
    print(f"ok {file.name}: {count} samples")


def compare(file, samples, wanted):
    by_name = {}
    for sample_name, _ in samples:
        by_name.setdefault(sample_name, [])
    for (sample_name, _), (sample_labels, value) in samples.items():
        by_name[sample_name].append((sample_labels, value))
    for (metric, identity), value in wanted.items():
        found = [v for ls, v in by_name.get(metric, []) if matches(metric, ls, dict(identity))]
        if len(found) != 1:
            fail(file.name, f"{len(found)} samples of {metric} {dict(identity)}")
        if abs(found[0] - value) > 1e-12 * abs(value):
            fail(file.name, f"{metric} {dict(identity)}: {found[0]}, not {value}")


def matches(metric, found, wanted):
    # Every sample of a container without a path has an id, and the other way round.
    if metric.startswith(("energyd_container_", "container_")) and wanted.get("cgroup_path", "") != found.get("cgroup_path", ""):
        return False
    return all(found.get(k) == v or k == "cgroup_path" and printable(v) == found.get(k) for k, v in wanted.items())


def printable(text):
    """Characters that control a terminal or hide are written as `\\u{1b}`: as far as the sample of paths has them."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f\u202e\u2028\ufeff]", lambda m: f"\\u{{{ord(m[0]):x}}}", text)


def labels(file, name, samples):
    """The names on the series are those that were selected, whatever they contain."""
    pods = {w["labels"]["k8s.pod.uid"]: w for w in snapshot["workloads"] if w["kind"] == "pod"}
    for (metric, _), (found, _) in samples.items():
        if ("otel_scope_name" in found) != (name in ("scope", "all")) and not metric.startswith("target"):
            fail(file.name, f"{metric}: scope {found.get('otel_scope_name')}")
        if metric != "energyd_pod_power_watts":
            continue
        pod = pods[found["k8s_pod_uid"]]["labels"]
        has = {k for k in found if not k.startswith("otel_")}
        wanted = {"k8s_pod_uid"}
        if name not in ("none", "one"):
            wanted |= {f"k8s_{word}" for word in ("pod_name", "owner_kind", "owner_name") if f"k8s.{word.replace('_', '.')}" in pod}
        if name != "none" and "k8s.namespace.name" in pod:
            wanted.add("k8s_namespace_name")
        if name in ("more", "all"):
            wanted |= {"k8s_node_name", "host_name"}
        if name == "one" and "k8s.pod.label.app.io/name" in pod:
            wanted.add("k8s_pod_label_app_io_name")
        if name in ("more", "all"):
            wanted |= {"k8s_pod_label_" + re.sub(r"[^a-zA-Z0-9_]", "_", k[len("k8s.pod.label."):])
                       for k in pod if k.startswith("k8s.pod.label.")}
        if has != wanted:
            fail(file.name, f"{metric} has {sorted(has)}, not {sorted(wanted)}")
        text = pod.get("k8s.pod.name", "")
        if "k8s_pod_name" in found and re.fullmatch(r"[ -~\n]*", text) and "\\u{" not in text:
            if found["k8s_pod_name"] != text:
                fail(file.name, f"{found['k8s_pod_name']!r}, not {text!r}")
        if any(ord(c) < 32 and c != "\n" or c in "\u202e\u2028\ufeff" for value in found.values() for c in value):
            fail(file.name, f"{found} can control a terminal")


for path in sorted(directory.glob("*.*")):
    if path.suffix in (".text", ".openmetrics"):
        check(path)
