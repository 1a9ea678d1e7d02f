internal import Accounting
internal import Attribution
internal import Impact
internal import Linux
internal import Metering
internal import Snapshot
internal import Units

extension Engine {
    /// The state at the end of the tick, as readers get it.
    func snapshot() -> Snapshot {
        let window = timing.window.value
        let zones = meters.zoneNames
        let now = clock.unixTime
        var whole = Snapshot.Node(
            name: configuration.nodeName, cpuModel: hardware.cpu.name, cpuCount: cpuCount,
            cpuSeconds: Seconds(nanoseconds: node.cpuNanoseconds).value, cpuUsage: node.cpuUsage(window: window),
            powerWatts: meters.totalPower.value, emissionsGrams: node.emissions.value, zones: zoneStates,
            idle: idle.bucket(window: window, zones: zones, countsTime: false),
            system: system.bucket(window: window, zones: zones, countsTime: true),
            unattributed: unattributed.bucket(window: window, zones: zones, countsTime: true))
        whole.meter = nodeMeter
        var snapshot = Snapshot(
            timestamp: Timestamp.format(unixTime: now), unixTime: now, sequence: sequence, windowSeconds: window,
            tier: accounting.tier.name,
            tierReason: accounting.tier.reason,
            node: whole,
            carbon: Snapshot.CarbonState(
                intensityGramsPerKilowattHour: configuration.carbon.intensity.gramsPerKilowattHour,
                source: configuration.carbon.intensity.source, pue: configuration.carbon.pue),
            workloads: table.views(window: window, zones: zones, scheduling: scheduling(of:)),
            processes: processes.views(window: window, zones: zones),
            commands: processes.commandViews(window: window, zones: zones),
            aggregates: aggregates(window: window, zones: zones),
            agent: agentState())
        snapshot.kernel = kernelState()
        snapshot.cpus = cpus?.map { cpu in
            Snapshot.CPUTime(
                cpu: cpu.number, idle: cpu.idle, iowait: cpu.iowait, irq: cpu.irq, softirq: cpu.softirq,
                steal: cpu.steal)
        }
        if !meters.isPowerKnown { snapshot.forgetPower() }
        return snapshot
    }

    private func kernelState() -> Snapshot.Kernel? {
        guard let state = activity.kernel, let cpu = activity.cpu else { return nil }
        var kernel = Snapshot.Kernel()
        kernel.memoryBytes = state.memoryBytes
        kernel.cgroupsKept = state.cgroupsKept
        kernel.cgroupRoom = state.cgroupCapacity
        kernel.countedTurns = state.countedTurns
        kernel.chargedSeconds = Seconds(nanoseconds: cpu.charged &- truth.base.charged).value
        kernel.idleSeconds = Seconds(nanoseconds: cpu.idle &- truth.base.idle).value
        kernel.stolenSeconds = Seconds(nanoseconds: cpu.stolen &- truth.base.stolen).value
        kernel.unaccountedSeconds =
            truth.wall - kernel.chargedSeconds - kernel.idleSeconds - kernel.stolenSeconds
        kernel.cpuStatDifference = files.difference(table)
        return kernel
    }

    /// How a workload ran; nil where the accounting does not know.
    private func scheduling(of workload: WorkloadTable.Workload) -> Snapshot.Scheduling? {
        guard let kernel = activity.kernel else { return nil }
        let counters = workload.counters
        var result = Snapshot.Scheduling()
        result.voluntarySwitches = counters.voluntarySwitches
        result.involuntarySwitches = counters.involuntarySwitches
        result.waitSeconds = Seconds(nanoseconds: counters.waitNanoseconds).value
        if kernel.hasWaits { result.waitCounts = (0..<16).map { counters.waits[$0] } }
        if kernel.hasSiblings { result.sharedCoreSeconds = Seconds(nanoseconds: counters.sharedNanoseconds).value }
        if kernel.coreClasses.count > 1 {
            result.cpuSecondsByClass = NamedValues(
                names: kernel.coreClasses,
                values: kernel.coreClasses.indices.map {
                    Seconds(nanoseconds: counters.classNanoseconds[$0]).value
                })
        }
        if !kernel.counters.isEmpty {
            result.events = NamedValues(
                names: kernel.counters, values: kernel.counters.indices.map { counters.counted[$0 + 1] })
        }
        guard let files = files.readings[workload.id] else { return result }
        result.throttledSeconds = files.throttledMicroseconds.map { Double($0) / 1e6 }
        result.throttledPeriods = files.throttledPeriods
        if !files.pressure.isEmpty {
            let pressure = files.pressure.sorted { $0.key < $1.key }
            result.pressureSeconds = NamedValues(
                names: pressure.map(\.key), values: pressure.map { Double($0.value) / 1e6 })
        }
        return result
    }

    private func aggregates(window: Double, zones: [String]) -> [Snapshot.Aggregate]? {
        var views = table.groups.views(window: window, zones: zones)
        if activity.kernel == nil { for index in views.indices { views[index].contextSwitches = nil } }
        return views.isEmpty ? nil : views
    }

    private func agentState() -> Snapshot.AgentState {
        var faults = activity.faults
        faults["ticks_failed"] = timing.failed
        if naming.refused > 0 { faults["names_refused"] = naming.refused }
        if let stateFile { faults["state_writes_failed"] = stateFile.failures }
        for (event, count) in meters.events { faults["power_" + event] = count }
        let own = ownUsage()
        var state = Snapshot.AgentState(
            version: energydVersion, startTime: startTime, cpuSeconds: own.cpuSeconds,
            residentBytes: own.residentBytes ?? 0, tickSeconds: timing.tick.value,
            drainSeconds: timing.drain.value, namingSeconds: timing.naming.value, lateTicks: timing.late,
            faults: faults, sources: meters.states.map { Snapshot.SourceState($0) },
            nameSources: naming.sources(for: table),
            notices: notices)
        let checks = meters.crossChecks().map { Snapshot.CrossCheckState($0) }
        state.crossChecks = checks.isEmpty ? nil : checks
        state.aggregatedBy = configuration.rollUps?.names
        return state
    }
}
