package import Engine
package import Logging
package import Recording
package import Settings
package import Snapshot

/// An engine that is given a recording in place of a machine.
package final class ReplayingEngine<Ticks: RecordedTicks> {
    /// What it is given.
    package var ticks: Ticks
    private let replayer: Replayer
    private let engine: Engine
    /// Snapshots that are as they were when they were recorded, byte by byte, and those that are not. Both stay 0 where names
    /// were replaced.
    package private(set) var identical = 0
    package private(set) var different = 0
    /// Ticks that failed, as they did then.
    package private(set) var failed = 0

    /// - Parameter flags: settings in place of those that were recorded.
    package convenience init(_ ticks: Ticks, flags: [Assignment], logger: Logger) throws {
        let header = ticks.header
        let values = try Layers.replay(recorded: header.settings.map { ($0.key, $0.text) }, flags: flags)
        var configuration = EngineConfiguration(values)
        configuration.version = header.program
        var facts = header.facts
        // Another file than the recorded one.
        if flags.contains(where: { $0.setting.key == Setting.powerModel.key }) { facts.powerModel = nil }
        try self.init(ticks, configuration, facts: facts, logger: logger)
    }

    /// - Parameters:
    ///   - configuration: in place of that of the recording.
    ///   - facts: in place of those of the recording.
    package init(
        _ ticks: Ticks, _ configuration: EngineConfiguration, facts: MachineFacts, logger: Logger
    ) throws {
        var ticks = ticks
        replayer = Replayer(ticks.header)
        guard let first = try ticks.next() else { throw RecordingError(code: .unreadable("the recording is empty")) }
        replayer.begin(first)
        let parts = EngineParts(
            configuration, facts: facts, inputs: replayer.inputs(configuration.power), logger: logger)
        engine = try Engine(parts, configuration: configuration, logger: logger)
        self.ticks = ticks
    }

    /// The next snapshot; nil at the end.
    package func next() throws -> Snapshot? {
        while let tick = try ticks.next() {
            replayer.begin(tick)
            guard tick.failure == nil else {
                failed += 1
                _ = try? engine.tick()
                continue
            }
            let snapshot = try engine.tick()
            if let digest = tick.digest {
                let isSame = RecordedTick.digest(of: try snapshot.json()) == digest
                (identical, different) = (identical + (isSame ? 1 : 0), different + (isSame ? 0 : 1))
            }
            return snapshot
        }
        return nil
    }
}
