internal import Accounting
internal import Attribution
internal import Ledger
internal import Linux
internal import Logging
internal import Metering
internal import Units

/// The state file: the ledger survives a restart of the agent.
extension Engine {
    /// Continues the ledger of an earlier run of the agent; returns what it left.
    func restore() -> LedgerState? {
        let found = stateFile?.load()
        if let idle = stateFile?.idle, idle.machine == machine {
            attributor.restore(idle: idle.zones, isSameBoot: found != nil)
            logger.info("idle power is known from an earlier run", metadata: ["zones": "\(idle.zones.count)"])
        }
        guard let state = found else { return nil }
        (startTime, startUnixTime) = (state.startTime, Timestamp.unixTime(of: state.startTime))
        meters.restore(state.zones)
        ledger.restore(state, commands: configuration.accounting.processes != .off)
        files.restore(state.workloads)
        logger.info("continuing the totals of an earlier run", metadata: ["since": "\(startTime)"])
        return state
    }

    func saveState(at moment: Seconds) {
        guard stateFile != nil else { return }
        let context = StateEncoder.Context(
            startTime: startTime, zones: meters.zones.map { ($0.zone, $0.energy) }, meaning: meaning,
            idle: LedgerState.LearnedIdle(machine: machine, zones: attributor.learnedIdle)
        ) { [files, ledger] in files.totals(of: $0, in: ledger) }
        stateFile?.save(ledger, context, at: moment.value)
    }

    /// What idle power is a property of: another processor, or other CPUs of it, have another one.
    private var machine: String {
        let cpu = hardware.cpu
        return
            "\(cpu.vendor) \(cpu.family) \(cpu.model) \(cpu.stepping) \(cpu.part ?? 0) \(cpu.name), \(startCPUs) CPUs"
    }

    var meaning: LedgerState.Meaning {
        LedgerState.Meaning(
            events: sample.kernel?.counters ?? [], classes: sample.kernel?.coreClasses ?? [])
    }
}
