package import Engine
internal import Impact
package import Logging
internal import Metering
internal import Recording
internal import Settings
package import Snapshot

/// An engine of this machine whose inputs are recorded.
package final class RecordingEngine {
    private let engine: Engine
    private let recorder = Recorder()
    private var writer = RecordingWriter()
    private var anonymiser: Anonymiser?
    private let write: ([UInt8]) throws -> Void
    /// Bytes of the recording up to now; the last ticks are not among them.
    package private(set) var bytesWritten = 0

    /// Starts the engine and begins the recording. The state file is not used: a recording begins at zero.
    ///
    /// - Parameters:
    ///   - configuration: of the engine, with the sources that run beside it.
    ///   - settings: what it was made of; see ``Settings/ResolvedConfiguration/recorded``.
    ///   - write: takes the bytes of the recording over, block by block; what it throws, ``tick()`` throws.
    package init(
        _ configuration: EngineConfiguration, settings: [(key: String, text: String)], isAnonymised: Bool,
        logger: Logger,
        write: @escaping ([UInt8]) throws -> Void
    ) throws {
        self.write = write
        anonymiser = isAnonymised ? Anonymiser() : nil
        let facts = MachineFacts(configuration)
        let inputs = try MachineInputs(configuration, logger: logger)
        var header = RecordingHeader(facts: facts)
        header.program = configuration.version
        header.settings = settings.map { RecordingHeader.Setting($0.key, $0.text) }
        header.requestedMeters = inputs.meters.filter(\.isRequested).map(\.name)
        anonymiser?.replaceNames(in: &header)
        let parts = EngineParts(configuration, facts: facts, inputs: recorder.record(inputs), logger: logger)
        engine = try Engine(parts, configuration: configuration, logger: logger)
        try append(writer.begin(header))
        try endTick(digest: nil)
    }

    /// A tick of the engine that failed, and that was recorded.
    package struct TickFailure: Error {
        package let reason: any Error
    }

    /// A window of the engine, recorded. Throws ``TickFailure`` where the engine failed, and what `write` throws.
    package func tick() throws -> Snapshot {
        let snapshot: Snapshot
        do {
            snapshot = try engine.tick()
        } catch {
            try endTick(digest: nil)
            throw TickFailure(reason: error)
        }
        try endTick(digest: (try? snapshot.json()).map { RecordedTick.digest(of: $0) })
        return snapshot
    }

    /// Writes what is left.
    package func finish() throws { try append(writer.flush()) }

    private func endTick(digest: UInt64?) throws {
        var tick = recorder.takeTick()
        tick.digest = digest
        anonymiser?.replaceNames(in: &tick)
        try append(writer.append(tick))
    }

    private func append(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return }
        try write(bytes)
        bytesWritten += bytes.count
    }
}
