internal import Accounting
internal import Attribution
internal import Impact
internal import Ledger
internal import Linux
internal import Metering
internal import Snapshot
internal import Units

extension Engine {
    /// The state at the end of the tick, as readers get it.
    func snapshot() -> Snapshot {
        let window = times.window.value
        let zones = meters.zoneNames
        let node = ledger.node
        builder.update(ledger, .init(window: window, zones: zones, kernel: sample.kernel, files: files))
        let now = time.clock.unixTime
        var whole = Snapshot.Node(
            name: configuration.nodeName, cpuModel: hardware.cpu.name, cpuCount: cpuCount,
            cpuSeconds: node.whole.cpuSeconds, cpuUsage: node.whole.cpuUsage(window: window),
            powerWatts: meters.totalPower.value, emissionsGrams: node.whole.emissions.value, zones: zoneStates,
            idle: node.idle.bucket(window: window, zones: zones, countsTime: false),
            system: node.system.bucket(window: window, zones: zones, countsTime: true),
            unattributed: node.unattributed.bucket(window: window, zones: zones, countsTime: true))
        whole.meter = nodeMeter
        whole.staticPower = staticPower
        var snapshot = Snapshot(
            timestamp: Timestamp.format(unixTime: now), unixTime: now, sequence: sequence, windowSeconds: window,
            tier: accounting.tier.name,
            tierReason: accounting.tier.reason,
            node: whole,
            carbon: Snapshot.CarbonState(
                intensityGramsPerKilowattHour: rates.gramsPerKilowattHour, source: rates.source, pue: rates.pue),
            workloads: builder.workloads, processes: builder.processes, commands: builder.commands,
            aggregates: builder.aggregates,
            agent: agentState())
        snapshot.carbon.factorType = rates.kind.type
        snapshot.carbon.factorScope = rates.kind.scope
        snapshot.carbon.quality = rates.kind.quality
        snapshot.price = configuration.price.map {
            Snapshot.PriceState(perKilowattHour: $0.perKilowattHour, currency: $0.currency)
        }
        snapshot.kernel = kernelState()
        snapshot.cpus = cpus?.map { cpu in
            Snapshot.CPUTime(
                cpu: cpu.number, idle: cpu.idle, iowait: cpu.iowait, irq: cpu.irq, softirq: cpu.softirq,
                steal: cpu.steal)
        }
        snapshot.bootUnixTime = bootUnixTime
        if !meters.isPowerKnown { snapshot.forgetPower() }
        return snapshot
    }

    private func kernelState() -> Snapshot.Kernel? {
        guard let state = sample.kernel, sample.cpu != nil else { return nil }
        var kernel = Snapshot.Kernel()
        kernel.memoryBytes = state.memoryBytes
        kernel.cgroupsKept = state.cgroupsKept
        kernel.cgroupRoom = state.cgroupCapacity
        kernel.countedTurns = state.countingPeriod
        kernel.chargedSeconds = cpuTime.charged.value
        kernel.idleSeconds = cpuTime.idle.value
        kernel.stolenSeconds = cpuTime.stolen.value
        kernel.comparedSeconds = cpuTime.balance.map { $0.elapsed / .seconds(1) }
        kernel.unaccountedSeconds = cpuTime.balance.map { $0.unaccounted / .seconds(1) }
        kernel.cpuStatDifference = files.difference
        return kernel
    }

    private func agentState() -> Snapshot.AgentState {
        var faults = sample.faults
        faults["ticks_failed"] = times.failed
        if files.failures > 0 { faults["cpu_stat_unreadable", default: 0] += files.failures }
        if naming.refused > 0 { faults["names_refused"] = naming.refused }
        if let stateFile { faults["state_writes_failed"] = stateFile.failures }
        for (event, count) in meters.events { faults["power_" + event] = count }
        let usage = ownUsage()
        var state = Snapshot.AgentState(
            version: configuration.version, startTime: startTime, cpuSeconds: usage.cpuSeconds,
            residentBytes: usage.residentBytes ?? 0, tickSeconds: times.tick.value,
            drainSeconds: times.drain.value, namingSeconds: times.naming.value, lateTicks: times.late,
            faults: faults, sources: meters.states.map { Snapshot.SourceState($0) },
            nameSources: naming.states,
            notices: notices)
        (state.startUnixTime, state.processStartUnixTime) = (startUnixTime, processStartUnixTime)
        let checks = meters.crossChecks().map { Snapshot.CrossCheckState($0) }
        state.crossChecks = checks.isEmpty ? nil : checks
        state.aggregatedBy = configuration.rollUps?.names
        state.cgroupsFolded = ledger.tree.folded
        return state
    }

    /// Notices for the user; empty when all is well.
    private var notices: [String] {
        let overflowed = sample.overflowNanoseconds > 0
        return (accounting.tier.isDegraded ? [accounting.tier.reason] : [])
            + (overflowed
                ? ["the kernel's cgroup table was full: raise --cgroups.max if this continues"] : [])
            + (ledger.foldingNotice.map { [$0] } ?? [])
            + meters.notices + idleNotices + (stateFile?.notice.map { [$0] } ?? [])
            + (naming.notice(for: ledger).map { [$0] } ?? []) + naming.failures
            + (meters.zones.contains { $0.zone.quality == .estimated } ? hardware.problems : [])
    }
}
