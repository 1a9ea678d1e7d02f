package import Engine
internal import Impact
package import Logging
internal import Metering
package import Recording
package import Settings
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

/// An engine that is given a recording in place of a machine.
package final class ReplayingEngine {
    private var reader: RecordingReader
    private let replayer: Replayer
    private let engine: Engine
    /// Snapshots that are as they were when they were recorded, byte by byte, and those that are not. Both stay 0 where names
    /// were replaced.
    package private(set) var identical = 0
    package private(set) var different = 0
    /// Ticks that failed, as they did then.
    package private(set) var failed = 0

    package var header: RecordingHeader { reader.header }
    /// See ``RecordingReader/breaksOff``.
    package var breaksOff: Bool { reader.breaksOff }

    /// - Parameter flags: settings in place of those that were recorded.
    package convenience init(_ reader: RecordingReader, flags: [Assignment], logger: Logger) throws {
        let header = reader.header
        let values = try Layers.replay(recorded: header.settings.map { ($0.key, $0.text) }, flags: flags)
        var configuration = EngineConfiguration(values)
        configuration.version = header.program
        var facts = header.facts
        // Another file than the recorded one.
        if flags.contains(where: { $0.setting.key == Setting.powerModel.key }) { facts.powerModel = nil }
        try self.init(reader, configuration, facts: facts, logger: logger)
    }

    /// - Parameters:
    ///   - configuration: in place of that of the recording.
    ///   - facts: in place of those of the recording.
    package init(
        _ reader: RecordingReader, _ configuration: EngineConfiguration, facts: MachineFacts, logger: Logger
    ) throws {
        var reader = reader
        replayer = Replayer(reader.header)
        guard let first = try reader.next() else { throw RecordingError(code: .unreadable("the recording is empty")) }
        replayer.begin(first)
        let parts = EngineParts(
            configuration, facts: facts, inputs: replayer.inputs(configuration.power), logger: logger)
        engine = try Engine(parts, configuration: configuration, logger: logger)
        self.reader = reader
    }

    /// The next snapshot; nil at the end.
    package func next() throws -> Snapshot? {
        while let tick = try reader.next() {
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
