internal import Engine
internal import History
internal import Logging
internal import ServiceLifecycle

/// Keeps what was used: follows the hub, and hands every minute to the keeper. What is used after the last whole minute is
/// written when the agent ends.
struct HistoryService: Service {
    let keeper: HistoryKeeper
    let hub: SnapshotHub
    let logger: Logger

    /// For what is still to be written when the agent ends.
    private static let farewell = Duration.seconds(1)
    /// How long the beginning waits for the disk.
    private static let patience = Duration.seconds(3)

    func run() async throws {
        logger.info("history is kept", metadata: ["file": "\(keeper.settings.path)"])
        let mark = await first(within: Self.patience) { await keeper.open() } ?? nil
        // Ends when the engine does, which is before this service is asked to: the last snapshot is part of the history.
        var recorder = HistoryRecorder(continuing: mark)
        for await snapshot in hub.updates() {
            if let minute = recorder.take(snapshot) { keeper.add(minute) }
        }
        if let minute = recorder.finish() { keeper.add(minute) }
        _ = await first(within: Self.farewell) { await keeper.flush() }
        // A service that returns ends the others.
        try? await gracefulShutdown()
    }

    /// What `work` returns; nil where it is not done in time.
    private func first<Result: Sendable>(
        within time: Duration, _ work: @escaping @Sendable () async -> Result
    ) async -> Result? {
        await withTaskGroup(of: Result?.self) { group in
            group.addTask { await work() }
            group.addTask {
                try? await Task.sleep(for: time)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
