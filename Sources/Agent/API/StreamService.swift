internal import Engine
internal import ServiceLifecycle

/// Wakes the readers of streams with every tick, and now and then without one; ends them when the agent does.
struct StreamService: Service {
    let hub: SnapshotHub
    let feed: StreamFeed
    /// Time between two heartbeats.
    var heartbeat = Duration.seconds(10)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { for await _ in hub.updates() { feed.wake() } }
                group.addTask { [heartbeat] in
                    while (try? await Task.sleep(for: heartbeat)) != nil { feed.wake() }
                }
                await group.next()
                group.cancelAll()
            }
        }
        // Before the servers are told to end, which wait for what they are sending.
        feed.finish()
        // A service that returns ends the others.
        try? await gracefulShutdown()
    }
}
