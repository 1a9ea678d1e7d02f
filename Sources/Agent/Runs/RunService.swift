internal import Engine
internal import ServiceLifecycle

/// Looks after the cgroups of runs with every tick.
struct RunService: Service {
    let cgroups: RunCgroups
    let hub: SnapshotHub

    func run() async throws {
        cgroups.adopt()
        await cancelWhenGracefulShutdown { for await _ in hub.updates() { cgroups.tidy() } }
        // A service that returns ends the others.
        try? await gracefulShutdown()
    }
}
