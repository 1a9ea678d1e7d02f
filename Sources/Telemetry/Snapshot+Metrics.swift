package import Snapshot

extension Snapshot {
    /// The snapshot as metrics, in the catalogue's order.
    package func metrics(_ selection: MetricSelection = MetricSelection()) -> [MetricFamily] {
        func isTold(_ level: MetricSelection.Level) -> Bool { selection.levels.contains(level) }
        let ofWorkloads = MetricCatalog.workloads.filter { kind in
            MetricSelection.Level(rawValue: kind.kind).map(isTold) ?? true
        }
        return (isTold(.node) ? nodeMetrics() + carbonMetrics() : []) + ofWorkloads.flatMap(metrics(of:))
            + (isTold(.pod) ? requestMetrics() : [])
            + (isTold(.process) ? commandMetrics(largestCommands(selection.processLimit)) : []) + accountingMetrics()
            + agentMetrics()
    }

    typealias Sample = MetricFamily.Sample

    private func nodeMetrics() -> [MetricFamily] {
        func perZone(_ metric: Metric, _ sample: (ZoneState) -> Sample) -> MetricFamily {
            MetricFamily(metric, node.zones.map(sample))
        }
        func hardware(_ zone: ZoneState) -> [(String, String)] { [("hw.id", zone.name), ("hw.type", zone.hardware)] }
        let parts = parts
        func perPart(_ metric: Metric, _ value: (Part) -> Double?) -> MetricFamily {
            MetricFamily(
                metric, parts.compactMap { part in value(part).map { Sample([("part", part.name)], .real($0)) } })
        }
        return [
            perZone(MetricCatalog.hardwareEnergy) { Sample(hardware($0), .millionths($0.energyMicrojoules)) },
            // What cannot be read is not known, which is not zero.
            MetricFamily(
                MetricCatalog.hardwarePower,
                node.zones.compactMap { zone in zone.powerWatts.map { Sample(hardware(zone), .real($0)) } }),
            perZone(MetricCatalog.zoneInfo) { zone in
                Sample(
                    [
                        ("zone", zone.name), ("source", zone.source), ("quality", zone.quality),
                        ("method", zone.method ?? ""), ("hw.type", zone.hardware),
                    ], .integer(1))
            },
            perZone(MetricCatalog.zoneUp) { Sample([("zone", $0.name)], .integer($0.isUp ? 1 : 0)) },
        ] + hostMetrics() + [
            MetricFamily(
                MetricCatalog.nodeEnergy,
                node.zones.flatMap { zone in
                    parts.map { part in
                        Sample([("zone", zone.name), ("part", part.name)], .millionths(part.zones[zone.name] ?? 0))
                    }
                }),
            perPart(MetricCatalog.nodePower, \.powerWatts),
            MetricFamily(
                MetricCatalog.nodeStaticPower,
                node.zones.filter(\.isUp).map { Sample([("zone", $0.name)], .real($0.staticWatts)) }),
        ] + attributionMetrics() + [
            perPart(MetricCatalog.nodeEmissions, \.grams),
            perPart(MetricCatalog.nodeTime, \.cpuSeconds),
            MetricFamily(MetricCatalog.nodeCPUs, [Sample([], .integer(UInt64(max(0, node.cpuCount))))]),
            MetricFamily(
                MetricCatalog.nodeInfo,
                [Sample([("k8s.node.name", node.name), ("host.cpu.model.name", node.cpuModel)], .integer(1))]),
        ]
    }

    private func hostMetrics() -> [MetricFamily] {
        guard let meter = node.meter, meter.isInlet else {
            return [MetricFamily(MetricCatalog.hostEnergy, []), MetricFamily(MetricCatalog.hostPower, [])]
        }
        let attributes = [(name: "hw.id", value: "host"), (name: "source", value: meter.source)]
        let energy = node.zones.reduce(UInt64(0)) { $0 + $1.energyMicrojoules }
        return [
            MetricFamily(MetricCatalog.hostEnergy, [Sample(attributes, .millionths(energy))]),
            MetricFamily(MetricCatalog.hostPower, node.powerWatts.map { [Sample(attributes, .real($0))] } ?? []),
        ]
    }

    private func sourceMetrics() -> [MetricFamily] {
        func perSource(_ metric: Metric, _ value: (SourceState) -> MetricFamily.Value?) -> MetricFamily {
            MetricFamily(
                metric,
                agent.sources.compactMap { source in value(source).map { Sample([("source", source.name)], $0) } })
        }
        func perCheck(_ metric: Metric, _ value: (CrossCheckState) -> MetricFamily.Value) -> MetricFamily {
            MetricFamily(
                metric,
                (agent.crossChecks ?? []).map {
                    Sample([("zone", $0.zone), ("source", $0.source), ("other", $0.other)], value($0))
                })
        }
        return [
            perSource(MetricCatalog.sourceUp) { .integer($0.isUp ? 1 : 0) },
            perSource(MetricCatalog.sourceErrors) { .integer($0.errors) },
            perSource(MetricCatalog.sourceReads) { $0.reads.map { .integer($0) } },
            perSource(MetricCatalog.sourceAge) { $0.ageSeconds.map { .real($0) } },
            perSource(MetricCatalog.sourceInUse) { $0.isInUse.map { .integer($0 ? 1 : 0) } },
            perCheck(MetricCatalog.sourceRatio) { .real($0.ratio) },
            perCheck(MetricCatalog.sourceAgreement) { .integer($0.agrees ? 1 : 0) },
        ]
    }

    private func attributionMetrics() -> [MetricFamily] {
        func samples(_ zone: ZoneState, _ attribute: String, _ values: [(String, Double?)]) -> [Sample] {
            values.compactMap { name, value in
                value.map { Sample([("zone", zone.name), (attribute, name)], .real($0)) }
            }
        }
        func family(_ metric: Metric, _ samples: (ZoneState) -> [Sample]) -> MetricFamily {
            MetricFamily(metric, node.zones.flatMap(samples))
        }
        return [
            family(MetricCatalog.zonePowerBand) { zone in
                zone.isUp ? samples(zone, "bound", [("low", zone.powerLowWatts), ("high", zone.powerHighWatts)]) : []
            },
            family(MetricCatalog.attributionInfo) { zone in
                guard let attribution = zone.attribution else { return [] }
                return [
                    Sample(
                        [("zone", zone.name), ("method", attribution.method), ("reason", attribution.reason)],
                        .integer(1))
                ]
            },
            family(MetricCatalog.attributionShare) { zone in
                zone.attribution.map { [Sample([("zone", zone.name)], .real($0.modelShare))] } ?? []
            },
            family(MetricCatalog.attributionError) { zone in
                let attribution = zone.attribution
                return samples(
                    zone, "method",
                    [("model", attribution?.modelErrorWatts), ("cpu-time", attribution?.cpuTimeErrorWatts)])
            },
            family(MetricCatalog.attributionCoefficient) { zone in
                let coefficients = (zone.attribution?.coefficients ?? [:]).sorted { $0.key < $1.key }
                return samples(zone, "feature", coefficients.map { ($0.key, $0.value) })
            },
        ]
    }

    private func carbonMetrics() -> [MetricFamily] {
        [
            MetricFamily(MetricCatalog.carbonIntensity, [Sample([], .real(carbon.intensityGramsPerKilowattHour))]),
            MetricFamily(MetricCatalog.carbonPUE, [Sample([], .real(carbon.pue))]),
            MetricFamily(MetricCatalog.carbonInfo, [Sample([("source", carbon.source)], .integer(1))]),
        ]
    }

    private func commandMetrics(_ commands: [Command]) -> [MetricFamily] {
        func attributes(_ command: Command) -> [(name: String, value: String)] {
            [("process.command", command.comm), ("workload", command.workloadId)]
        }
        return [
            MetricFamily(
                MetricCatalog.commandEnergy,
                commands.flatMap { command in
                    node.zones.compactMap { zone in
                        command.zones[zone.name].map { amount in
                            Sample(
                                attributes(command) + [("zone", zone.name)], .millionths(amount.dynamicMicrojoules))
                        }
                    }
                }),
            MetricFamily(
                MetricCatalog.commandPower,
                commands.compactMap { command in command.powerWatts.map { Sample(attributes(command), .real($0)) } }),
            MetricFamily(
                MetricCatalog.commandEmissions,
                commands.compactMap { command in command.emissionsGrams.map { Sample(attributes(command), .real($0)) } }
            ),
            MetricFamily(MetricCatalog.commandTime, commands.map { Sample(attributes($0), .real($0.cpuSeconds)) }),
        ]
    }

    private func agentMetrics() -> [MetricFamily] {
        [
            MetricFamily(MetricCatalog.agentInfo, [Sample([("version", agent.version)], .integer(1))]),
            MetricFamily(
                MetricCatalog.accountingInfo, [Sample([("tier", tier), ("reason", tierReason)], .integer(1))]),
            MetricFamily(MetricCatalog.agentTime, [Sample([], .real(agent.cpuSeconds))]),
            MetricFamily(
                MetricCatalog.agentMemory, agent.residentBytes > 0 ? [Sample([], .integer(agent.residentBytes))] : []),
            MetricFamily(
                MetricCatalog.agentTick,
                [
                    Sample([("phase", "drain")], .real(agent.drainSeconds)),
                    Sample([("phase", "names")], .real(agent.namingSeconds ?? 0)),
                    Sample([("phase", "all")], .real(agent.tickSeconds)),
                ]),
            MetricFamily(MetricCatalog.agentLastTick, [Sample([], .real(unixTime))]),
            MetricFamily(MetricCatalog.agentTicks, [Sample([], .integer(sequence))]),
            MetricFamily(MetricCatalog.agentLateTicks, [Sample([], .integer(agent.lateTicks))]),
            MetricFamily(
                MetricCatalog.agentFaults,
                agent.faults.sorted { $0.key < $1.key }.map { Sample([("kind", $0.key)], .integer($0.value)) }),
            MetricFamily(MetricCatalog.agentNotices, [Sample([], .integer(UInt64(agent.notices.count)))]),
        ] + sourceMetrics() + [
            MetricFamily(
                MetricCatalog.namesUp,
                (agent.nameSources ?? []).map { Sample([("source", $0.name)], .integer($0.isUp ? 1 : 0)) }),
            MetricFamily(
                MetricCatalog.namesErrors,
                (agent.nameSources ?? []).map { Sample([("source", $0.name)], .integer($0.errors)) }),
            MetricFamily(
                MetricCatalog.unnamed,
                [("pod", "k8s.pod.name"), ("container", "k8s.container.name")].map { kind, name in
                    let count = workloads.count {
                        $0.kind == kind && $0.isAlive && $0.labels["k8s.pod.uid"] != nil && $0.labels[name] == nil
                    }
                    return Sample([("kind", kind)], .integer(UInt64(count)))
                }),
            MetricFamily(
                MetricCatalog.conservationError,
                node.zones.map { Sample([("zone", $0.name)], .real(Double(conservationError(of: $0)) / 1e6)) }),
        ]
    }
}
