internal import Snapshot

extension Snapshot {
    /// What the metrics tell of one workload or aggregate.
    private struct Amounts {
        let zones: [String: ZoneEnergy]
        let watts: Double?
        let grams: Double?
        let cpuSeconds: Double
    }

    func metrics(of kind: MetricCatalog.WorkloadMetrics) -> [MetricFamily] {
        var energy = MetricFamily(kind.energy, [])
        var power = MetricFamily(kind.power, [])
        var emissions = MetricFamily(kind.emissions, [])
        var time = MetricFamily(kind.time, [])
        var scheduling = (kind.scheduling?.all ?? []).map { MetricFamily($0, []) }
        var info = kind.info.map { MetricFamily($0, []) }
        func add(_ amounts: Amounts, _ attributes: [(name: String, value: String)]) {
            for zone in node.zones {
                guard let amount = amounts.zones[zone.name] else { continue }
                let place = attributes + [(name: "zone", value: zone.name)]
                energy.samples.append(
                    Sample(place + [(name: "mode", value: "dynamic")], .millionths(amount.dynamicMicrojoules)))
                if amount.staticMicrojoules > 0 {
                    energy.samples.append(
                        Sample(place + [(name: "mode", value: "static")], .millionths(amount.staticMicrojoules)))
                }
            }
            // What is not known is missing, and not zero.
            if let watts = amounts.watts { power.samples.append(Sample(attributes, .real(watts))) }
            if let grams = amounts.grams { emissions.samples.append(Sample(attributes, .real(grams))) }
            time.samples.append(Sample(attributes, .real(amounts.cpuSeconds)))
        }
        for workload in workloads where workload.kind == kind.kind {
            let amounts = Amounts(
                zones: workload.zones, watts: workload.powerWatts, grams: workload.emissionsGrams,
                cpuSeconds: workload.cpuSeconds)
            let attributes = kind.power.attributes.map { (name: $0, value: workload.attribute($0)) }
            add(amounts, attributes)
            if !scheduling.isEmpty { workload.scheduling?.add(to: &scheduling, attributes: attributes) }
            info?.samples.append(Sample(kind.info?.attributes.flatMap(workload.attributes(like:)) ?? [], .integer(1)))
        }
        for aggregate in aggregates ?? [] where aggregate.kind == kind.kind {
            let amounts = Amounts(
                zones: aggregate.zones, watts: aggregate.powerWatts, grams: aggregate.emissionsGrams,
                cpuSeconds: aggregate.cpuSeconds)
            add(amounts, kind.power.attributes.map { (name: $0, value: aggregate.labels[$0] ?? "") })
        }
        return [energy, power, emissions, time] + scheduling + [info].compactMap(\.self)
    }

    /// What pods asked for, where the API tells.
    func requestMetrics() -> [MetricFamily] {
        let pods = workloads.filter { $0.kind == "pod" && $0.isAlive }
        func family(_ metric: Metric) -> MetricFamily {
            MetricFamily(
                metric,
                pods.compactMap { pod in
                    pod.labels[metric.name].flatMap(Double.init).map {
                        Sample([("k8s.pod.uid", pod.attribute("k8s.pod.uid"))], .real($0))
                    }
                })
        }
        return [family(MetricCatalog.podCPURequest), family(MetricCatalog.podMemoryRequest)]
    }
}

extension Snapshot.Workload {
    /// The value of an attribute; empty where it is not known.
    fileprivate func attribute(_ name: String) -> String {
        switch name {
        case "systemd.unit", "systemd.slice": self.name
        case "vm.name": labels[name] ?? (kind == "vm" ? self.name : "")
        case "k8s.namespace.name" where kind == "namespace": self.name
        case "cgroup.path": cgroupPath
        case "nested": isNested == true ? "true" : ""
        case "cgroup.id": cgroupId > 0 ? String(cgroupId) : id
        default: labels[name] ?? ""
        }
    }

    /// The attributes that a name of the catalogue stands for: itself, or, where it ends with `*`, all that begin so.
    fileprivate func attributes(like pattern: String) -> [(name: String, value: String)] {
        guard pattern.hasSuffix("*") else { return [(pattern, attribute(pattern))] }
        return labels.filter { $0.key.hasPrefix(pattern.dropLast()) }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value) }
    }
}
