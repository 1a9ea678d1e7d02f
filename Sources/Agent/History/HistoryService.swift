internal import Engine
internal import History
internal import Logging
internal import ServiceLifecycle
internal import Snapshot

/// Keeps what was used: follows the hub, and hands every minute to the keeper. What is used after the last whole minute is
/// written when the agent ends.
struct HistoryService: Service {
    let keeper: HistoryKeeper
    let hub: SnapshotHub
    /// Whether a user who is not root chose a workload's name.
    let isUserMade: @Sendable (Snapshot.Workload) -> Bool
    let logger: Logger

    /// For what is still to be written when the agent ends, s.
    private static let farewell = 1.0

    func run() async throws {
        logger.info("history is kept", metadata: ["file": "\(keeper.settings.path)"])
        // Ends when the engine does, which is before this service is asked to: the last snapshot is part of the history.
        var recorder = HistoryRecorder(isUserMade: isUserMade)
        for await snapshot in hub.updates() {
            if let minute = recorder.take(snapshot) { keeper.add(minute) }
        }
        if let minute = recorder.finish() { keeper.add(minute) }
        await keeper.flush(within: Self.farewell)
        // A service that returns ends the others.
        try? await gracefulShutdown()
    }
}
