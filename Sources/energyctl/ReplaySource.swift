import Composition
import History
import Logging
import Recording
import Simulation
import Snapshot
import Terminal

/// A machine that was recorded, or that is simulated, in place of one that runs.
struct ReplaySource: SnapshotSource {
    private let host: Host
    private let history: String?

    private static var silent: Logger { Logger(label: "energyctl") { _ in SwiftLogNoOpLogHandler() } }

    /// A file of `energyctl record`.
    init(_ file: String) throws(SourceFailure) {
        // What is wrong with it is said before a screen is drawn.
        _ = try RecordingInput(file).reader()
        history = nil
        host = Host {
            do {
                let engine = try ReplayingEngine(try RecordingInput(file).reader(), flags: [], logger: Self.silent)
                return { try engine.next() }
            } catch let error as RecordingError {
                throw SourceFailure("\(file): \(error)")
            }
        }
    }

    /// A simulated node.
    ///
    /// - Parameter history: the file of what it remembers.
    init(_ node: DemoNode, history: String) {
        self.history = history
        host = Host {
            let engine = try ReplayingEngine(node, flags: [], logger: Self.silent)
            return { try engine.next() }
        }
    }

    mutating func next() async throws -> Snapshot {
        guard let snapshot = try await host.next() else { throw SourceFailure("the recording ends here") }
        return snapshot
    }

    func past() async -> PastUse? {
        guard let history, let reader = try? HistoryReader(path: history) else { return nil }
        return await .asked { try reader.answer(since: $0.since, until: $0.until, boundaries: $0.boundaries) }
    }

    /// Owns the engine, which is not safe to share.
    private actor Host {
        typealias Next = () throws -> Snapshot?

        private let make: @Sendable () throws -> Next
        private var made: Next?

        init(_ make: @escaping @Sendable () throws -> Next) {
            self.make = make
        }

        func next() throws -> Snapshot? {
            let next = try made ?? make()
            made = next
            return try next()
        }
    }
}
