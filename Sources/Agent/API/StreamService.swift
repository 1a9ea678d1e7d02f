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
                group.addTask { for await _ in hub.updates() { await wake() } }
                group.addTask { [heartbeat] in
                    while (try? await Task.sleep(for: heartbeat)) != nil { await wake() }
                }
                await group.next()
                group.cancelAll()
            }
        }
        // Before the servers end, which wait for what they are sending.
        feed.finish()
        // A service that returns ends the others.
        try? await gracefulShutdown()
    }

    /// A thousand readers are served within 400 ms.
    private func wake() async {
        await feed.wake { try? await Task.sleep(for: .milliseconds(10)) }
    }
}
