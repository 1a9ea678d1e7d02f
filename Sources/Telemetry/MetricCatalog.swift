/// Every metric there is. `/metrics` and docs/metrics.md are both made from this.
package enum MetricCatalog {
    // The node.
    static let hardwareEnergy = Metric(
        "hw.energy", .counter, .joules, "Energy of one part of the machine.", attributes: ["hw.id", "hw.type"])
    static let hardwarePower = Metric(
        "hw.power", .gauge, .watts, "Power of one part of the machine over the last window.",
        attributes: ["hw.id", "hw.type"])
    static let zoneInfo = Metric(
        "energyd.zone", .info, .none, "How a zone's energy is known: from which source, and of what quality.",
        attributes: ["zone", "source", "quality", "method", "hw.type"])
    static let zoneUp = Metric(
        "energyd.zone.up", .gauge, .none, "1 while the zone can be read; its energy stands still while it is 0.",
        attributes: ["zone"])
    static let hostEnergy = Metric(
        "hw.host.energy", .counter, .joules,
        "Energy of the whole node by the meter at its inlet: the zones together. Only where there is such a meter.",
        attributes: ["hw.id", "source"])
    static let hostPower = Metric(
        "hw.host.power", .gauge, .watts, "Power of the whole node by the meter at its inlet, over the last window.",
        attributes: ["hw.id", "source"])
    static let nodeEnergy = Metric(
        "energyd.node.energy", .counter, .joules,
        "Energy of the node by where it went; the parts add up to the zone's energy exactly.",
        attributes: ["zone", "part"])
    static let nodePower = Metric(
        "energyd.node.power", .gauge, .watts, "Power of the node over the last window, by where it went.",
        attributes: ["part"])
    static let nodeStaticPower = Metric(
        "energyd.node.static.power", .gauge, .watts, "What the zone is taken to draw when nothing runs.",
        attributes: ["zone"])
    static let zonePowerBand = Metric(
        "energyd.zone.power.bound", .gauge, .watts,
        "Bounds that the power of an estimated zone lies between nine times out of ten.",
        attributes: ["zone", "bound"])
    static let attributionInfo = Metric(
        "energyd.attribution", .info, .none,
        "How the zone's dynamic energy is divided at present, and why; see docs/model.md.",
        attributes: ["zone", "method", "reason"])
    static let attributionShare = Metric(
        "energyd.attribution.model.share", .gauge, .ratio,
        "Share of the dynamic energy that the model decides over, the rest being CPU time's.", attributes: ["zone"])
    static let attributionError = Metric(
        "energyd.attribution.error", .gauge, .watts,
        "Mean absolute error against the meter over the last minutes, of the model and of CPU time.",
        attributes: ["zone", "method"])
    static let attributionCoefficient = Metric(
        "energyd.attribution.coefficient", .gauge, .watts,
        "What the model holds for common to all workloads: power per unit of each feature.",
        attributes: ["zone", "feature"])
    static let nodeEmissions = Metric(
        "energyd.node.emissions", .counter, .grams, "CO2 equivalent of the node's energy, by where it went.",
        attributes: ["part"])
    static let nodeTime = Metric(
        "energyd.node.cpu.time", .counter, .seconds, "CPU time that was used, by who used it.", attributes: ["part"])
    static let nodeCPUs = Metric("energyd.node.cpus", .gauge, .count("cpu"), "Logical CPUs online.")
    static let nodeInfo = Metric(
        "energyd.node", .info, .none, "The node's name and CPU.", attributes: ["k8s.node.name", "host.cpu.model.name"])

    // Emissions.
    static let carbonIntensity = Metric(
        "energyd.carbon.intensity", .gauge, .gramsPerKilowattHour, "CO2 equivalent per energy at the wall.")
    static let carbonPUE = Metric(
        "energyd.carbon.pue", .gauge, .ratio, "Power usage effectiveness that emissions are multiplied with.")
    static let carbonInfo = Metric(
        "energyd.carbon", .info, .none, "Where the carbon intensity comes from.", attributes: ["source"])

    // Processes, by name.
    private static let commandAttributes = ["process.command", "workload"]
    static let commandEnergy = Metric(
        "energyd.process.energy", .counter, .joules,
        "Dynamic energy of all processes of one name in one workload, those that ended included.",
        attributes: commandAttributes + ["zone"])
    static let commandPower = Metric(
        "energyd.process.power", .gauge, .watts, "Power of these processes over the last window.",
        attributes: commandAttributes)
    static let commandEmissions = Metric(
        "energyd.process.emissions", .counter, .grams, "CO2 equivalent of these processes' energy.",
        attributes: commandAttributes)
    static let commandTime = Metric(
        "process.cpu.time", .counter, .seconds, "CPU time of these processes.", attributes: commandAttributes)

    // The agent about itself.
    static let agentInfo = Metric("energyd.build", .info, .none, "The agent's version.", attributes: ["version"])
    static let accountingInfo = Metric(
        "energyd.accounting", .info, .none,
        "How CPU time is accounted: ebpf (by kernel programs), ebpf-batch (the same on kernels before 5.19) or procfs "
            + "(from cpu.stat and /proc).",
        attributes: ["tier", "reason"])
    static let agentTime = Metric(
        "energyd.agent.cpu.time", .counter, .seconds, "CPU time that the agent itself used.")
    static let agentMemory = Metric("energyd.agent.memory", .gauge, .bytes, "Resident memory of the agent.")
    static let agentTick = Metric(
        "energyd.agent.tick.duration", .gauge, .seconds, "Duration of the last tick, by phase.", attributes: ["phase"])
    static let agentLastTick = Metric(
        "energyd.agent.last_tick.timestamp", .gauge, .seconds, "End of the last window, Unix time.")
    static let agentTicks = Metric("energyd.agent.ticks", .counter, .count("tick"), "Ticks since the start.")
    static let agentLateTicks = Metric(
        "energyd.agent.late.ticks", .counter, .count("tick"), "Ticks that came more than half an interval late.")
    static let agentFaults = Metric(
        "energyd.agent.faults", .counter, .count("fault"),
        "What was lost, skipped or put right, by kind; see docs/operations.md.", attributes: ["kind"])
    static let agentNotices = Metric(
        "energyd.agent.notices", .gauge, .count("notice"), "Things that do not work as well as they could.")
    static let sourceUp = Metric(
        "energyd.source.up", .gauge, .none, "1 while the power source works.", attributes: ["source"])
    static let sourceErrors = Metric(
        "energyd.source.errors", .counter, .count("error"), "Readings of the power source that failed.",
        attributes: ["source"])
    static let sourceReads = Metric(
        "energyd.source.reads", .counter, .count("reading"), "Readings of the power source that worked.",
        attributes: ["source"])
    static let sourceAge = Metric(
        "energyd.source.age", .gauge, .seconds, "Time since the last reading of the power source that worked.",
        attributes: ["source"])
    static let sourceInUse = Metric(
        "energyd.source.in_use", .gauge, .none, "1 while figures come from the power source; 0 while it stands by.",
        attributes: ["source"])
    static let sourceRatio = Metric(
        "energyd.source.cross_check", .gauge, .ratio,
        "Energy by `other` per energy by `source`, which ought to be 1; the zone `inlet` stands for two meters of the "
            + "whole node; for `platform` it is that of the parts per that of the whole, which ought to be less.",
        attributes: ["zone", "source", "other"])
    static let sourceAgreement = Metric(
        "energyd.source.agrees", .gauge, .none, "1 while two meters of the same energy agree.",
        attributes: ["zone", "source", "other"])
    static let namesUp = Metric(
        "energyd.names.up", .gauge, .none, "1 while the source of names works.", attributes: ["source"])
    static let namesErrors = Metric(
        "energyd.names.errors", .counter, .count("error"), "Times that the source of names could not be asked.",
        attributes: ["source"])
    static let unnamed = Metric(
        "energyd.workloads.unnamed", .gauge, .count("workload"),
        "Pods and containers of pods that live and have no name yet.", attributes: ["kind"])
    static let conservationError = Metric(
        "energyd.conservation.error", .gauge, .joules,
        "Energy of the zone less all that was handed out; anything but 0 is a defect.", attributes: ["zone"])

    /// Every metric, in the order of the exposition.
    package static let all: [Metric] =
        [
            hardwareEnergy, hardwarePower, zoneInfo, zoneUp, hostEnergy, hostPower, nodeEnergy, nodePower,
            nodeStaticPower, zonePowerBand, attributionInfo, attributionShare, attributionError, attributionCoefficient,
            nodeEmissions,
            nodeTime, nodeCPUModes, nodeCPUs, nodeInfo, carbonIntensity, carbonPUE, carbonInfo,
        ] + workloads.flatMap(\.all) + [podCPURequest, podMemoryRequest]
        + [
            commandEnergy, commandPower, commandEmissions, commandTime, agentInfo, accountingInfo, kernelMemory,
            kernelCgroups,
            cpuTruth, cpuUnaccounted, cpuStatDifference, agentTime,
            agentMemory, agentTick, agentLastTick, agentTicks, agentLateTicks, agentFaults, agentNotices, sourceUp,
            sourceErrors, sourceReads, sourceAge, sourceInUse, sourceRatio, sourceAgreement,
            namesUp, namesErrors, unnamed, conservationError,
        ]

    /// docs/metrics.md.
    package static var markdown: String {
        let header = """
            # Metrics

            Made from the catalogue in `Sources/Telemetry/MetricCatalog.swift` by `make docs`.

            Counters start at zero with the agent (with `--state.file`, those of the node, of workloads and of process \
            names with the first agent since the boot) and never fall while a workload is shown; one that ended stays \
            visible for `--retention` with its final values. Counters carry what never changes about a workload; names, \
            which may come later, are in the `_info` metrics, to be joined: see [identity.md](identity.md). Attributes \
            that are not known are left out, and so is a power: absent is not 0. `zone` is a \
            part of the machine (`package-0`, `dram-0`; without a number where one estimate covers all sockets), \
            `mode` of energy is `dynamic` or `static`, `part` is `workloads`, `system`, `idle` or `unattributed`.

            | Prometheus | OpenTelemetry | type | unit | attributes | |
            |---|---|---|---|---|---|

            """
        let rows = all.map { metric in
            let attributes = metric.attributes.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(metric.prometheusName)` | `\(metric.name)` | \(metric.kind.rawValue) "
                + "| \(metric.unit.symbol) | \(attributes) | \(metric.help) |"
        }
        return header + rows.joined(separator: "\n") + "\n"
    }
}
