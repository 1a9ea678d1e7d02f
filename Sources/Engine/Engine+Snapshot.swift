internal import Carbon
internal import Energy
internal import Host
internal import Telemetry

extension Engine {
    /// The state at the end of the tick, as readers get it.
    func snapshot() -> Snapshot {
        let window = timing.window.value
        let zones = meter.zoneNames
        let now = Timestamp.unixTime()
        return Snapshot(
            timestamp: Timestamp.format(unixTime: now), unixTime: now, sequence: sequence, windowSeconds: window,
            tier: accounting.tier.name,
            tierReason: accounting.tier.reason,
            node: Snapshot.Node(
                name: configuration.nodeName, cpuModel: cpuModel.name, cpuCount: cpuCount,
                cpuSeconds: Seconds(nanoseconds: node.cpuNanoseconds).value, cpuUsage: node.cpuUsage(window: window),
                powerWatts: meter.totalPower.value, emissionsGrams: node.emissions.value, zones: meter.states(),
                idle: idle.bucket(window: window, zones: zones, countsTime: false),
                system: system.bucket(window: window, zones: zones, countsTime: true),
                unattributed: unattributed.bucket(window: window, zones: zones, countsTime: true)),
            carbon: Snapshot.CarbonState(
                intensityGramsPerKilowattHour: configuration.carbon.intensity.gramsPerKilowattHour,
                source: configuration.carbon.intensity.source, pue: configuration.carbon.pue),
            workloads: table.views(window: window, zones: zones),
            processes: processes.views(window: window, zones: zones),
            commands: processes.commandViews(window: window, zones: zones),
            aggregates: aggregates(window: window, zones: zones),
            agent: agentState())
    }

    private func aggregates(window: Double, zones: [String]) -> [Snapshot.Aggregate]? {
        let views = table.groups.views(window: window, zones: zones)
        return views.isEmpty ? nil : views
    }

    private func agentState() -> Snapshot.AgentState {
        var faults = activity.faults
        faults["ticks_failed"] = timing.failed
        for (event, count) in meter.events { faults["power_" + event] = count }
        return Snapshot.AgentState(
            version: energydVersion, startTime: startTime, cpuSeconds: OwnProcess.cpuSeconds,
            residentBytes: OwnProcess.residentBytes ?? 0, tickSeconds: timing.tick.value,
            drainSeconds: timing.drain.value, namingSeconds: timing.naming.value, lateTicks: timing.late,
            faults: faults, sources: meter.health,
            nameSources: naming.sources(for: table),
            notices: notices)
    }
}
