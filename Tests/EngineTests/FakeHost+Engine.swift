import Accounting
import Composition
import Engine
import Linux
import Logging
import TestSupport

extension FakeHost {
    /// An engine that reads these files, one window per call of `tick`.
    func makeEngine(
        retention: Duration = .seconds(600), retentionLimit: Int = 1000, stateFile: String? = nil,
        clock: any EngineClock = SystemClock(), accounting: (any Accounting)? = nil, ownUsage: OwnUsage? = nil,
        configure: (inout EngineConfiguration) -> Void = { _ in }
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
        var parts = try EngineParts(configuration, accounting: accounting, logger: logger)
        parts.clock = clock
        if let ownUsage { parts.ownUsage = { ownUsage } }
        return try Engine(parts, configuration: configuration, logger: logger)
    }
}
