internal import Accounting
internal import Ledger
internal import Linux
internal import Logging
internal import Metering
internal import Units

/// The state file: the ledger survives a restart of the agent.
extension Engine {
    /// Continues the ledger of an earlier run of the agent; returns what it left.
    func restore() -> LedgerState? {
        guard let state = stateFile?.load() else { return nil }
        startTime = state.startTime
        meters.restore(state.zones)
        ledger.restore(state, commands: configuration.accounting.processes != .off)
        files.restore(state.workloads)
        logger.info("continuing the totals of an earlier run", metadata: ["since": "\(startTime)"])
        return state
    }

    func saveState(at moment: Seconds) {
        guard stateFile != nil else { return }
        let context = StateEncoder.Context(
            startTime: startTime, zones: meters.zones.map { ($0.zone, $0.energy) }, meaning: meaning
        ) { [files, ledger] in files.totals(of: $0, in: ledger) }
        stateFile?.save(ledger, context, at: moment.value)
    }

    var meaning: LedgerState.Meaning {
        LedgerState.Meaning(
            events: sample.kernel?.counters ?? [], classes: sample.kernel?.coreClasses ?? [])
    }
}
