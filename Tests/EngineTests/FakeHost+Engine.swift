import Accounting
import Composition
import Engine
import Linux
import Logging
import Recording
import Snapshot
import TestSupport

extension FakeHost {
    /// An engine that reads these files by the clock of this machine, one window per call of `tick`.
    func makeEngine(
        retention: Duration = .seconds(600), retentionLimit: Int = 1000, stateFile: String? = nil,
        clock: (any EngineClock)? = nil, accounting: (any Accounting)? = nil, ownUsage: OwnUsage? = nil,
        recorder: Recorder? = nil, configure: (inout EngineConfiguration) -> Void = { _ in }
    ) throws -> Engine {
        var configuration = EngineConfiguration(interval: .seconds(1), retention: .seconds(600))
        configuration.paths = paths
        configuration.accounting.tier = .procfs
        configuration.accounting.processes = .off
        configuration.retention = retention
        configuration.retentionLimit = retentionLimit
        configuration.stateFile = stateFile
        configure(&configuration)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let clock = clock ?? ManualClock(time: time)
        if let recorder {
            var inputs = try MachineInputs(configuration, accounting: accounting, isDetached: false, logger: logger)
            inputs.clock = clock
            if let ownUsage { inputs.ownUsage = { ownUsage } }
            let parts = EngineParts(
                configuration, facts: MachineFacts(configuration), inputs: recorder.record(inputs), logger: logger)
            return try Engine(parts, configuration: configuration, logger: logger)
        }
        var parts = try EngineParts(configuration, accounting: accounting, isDetached: false, logger: logger)
        parts.clock = clock
        if let ownUsage { parts.ownUsage = { ownUsage } }
        return try Engine(parts, configuration: configuration, logger: logger)
    }

    /// The window that ends so many seconds after the one before.
    func tick(_ engine: Engine, after seconds: Double = 1) throws -> Snapshot {
        time.advance(by: seconds)
        return try engine.tick()
    }
}
