internal import Composition
package import Engine
package import History
package import Kubernetes
internal import Linux
package import Logging
internal import NIOPosix
package import Pushing
internal import ServiceLifecycle
package import Settings
internal import Snapshot
package import Telemetry
internal import UnixSignals

/// The agent: the engine and the servers around it, from start to a clean end on SIGTERM or SIGINT.
package struct Agent {
    package var configuration: EngineConfiguration
    package var listen: ListenAddress
    /// Further values of `Host` that are answered on a loopback address.
    package var hosts: [String] = []
    /// nil for none.
    package var socketPath: String?
    /// Permissions of the socket.
    package var socketMode: UInt32 = 0o660
    /// Whether clients of the socket get cgroups for their runs.
    package var makesRunCgroups = true
    /// Who may read at the TCP address; the socket has its permissions.
    package var access = AccessFiles()
    /// Where readers' tokens are reviewed; nil where they are not.
    package var reviews: KubernetesConfiguration?
    /// nil where Kubernetes is not queried.
    package var kubernetes: KubernetesConfiguration?
    /// Which metrics `/metrics` exports.
    package var metrics: MetricSelection
    /// What they have in common.
    package var resource = Resource()
    /// Where metrics are sent; nil for nowhere.
    package var push: PushSettings?
    /// Where the past is kept; nil for nowhere.
    package var history: HistorySettings?
    package var logger: Logger

    package init(
        configuration: EngineConfiguration, listen: ListenAddress, socketPath: String?,
        kubernetes: KubernetesConfiguration? = nil, metrics: MetricSelection = MetricSelection(), logger: Logger
    ) {
        self.configuration = configuration
        self.kubernetes = kubernetes
        self.metrics = metrics
        self.listen = listen
        self.socketPath = socketPath
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT. Throws an ``AgentError`` where it cannot start.
    package func run() async throws {
        Memory.returnWhenFreed()
        try configuration.checkPaths()
        // Large bodies are rendered on a thread of their own, so that a probe never waits for a scrape.
        let rendering = try WorkThread()
        rendering.yieldToOthers()
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        var lifecycle = ServiceGroupConfiguration(
            services: try services(rendering), gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        lifecycle.maximumGracefulShutdownDuration = .seconds(3)
        try await ServiceGroup(configuration: lifecycle).run()
        logger.info("stopped")
    }

    /// Every service, in the order in which they start; they stop in the opposite order. The engine publishes to the hub,
    /// and everything else reads from there.
    private func services(
        _ rendering: WorkThread
    ) throws -> [ServiceGroupConfiguration.ServiceConfiguration] {
        let hub = SnapshotHub(interval: configuration.interval)
        // One thread answers every request; the default would be one per CPU.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let feed = StreamFeed()
        let bodies = SnapshotBodies(
            hub: hub, selection: metrics, resource: resource, limit: configuration.memoryLimit / 6
        ) { rendering.run($0) }
        let keeper = try history.map { try HistoryKeeper($0, logger: logger) }
        let past = try history.map { try HistoryDocuments(path: $0.path, node: configuration.nodeName) }
        let routes = Routes(hub: hub, bodies: bodies, feed: feed, history: past)
        // One each, so that clients that fill one server do not lock out those of the other.
        let tcpConnections = ConnectionPool(limit: WebServer.connectionLimit, logger: logger)
        let socketConnections = ConnectionPool(limit: WebServer.connectionLimit, logger: logger)

        let access = try webAccess(
            group,
            WebAccess.Endings(streams: { feed.endAll() }, connections: { tcpConnections.endAll() }))
        let pushState = push.map { PushState(target: $0.target) }

        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        // Before the engine, so that it ends after it: the last tick is part of the history.
        if let keeper {
            let isUserMade = UserMade(paths: configuration.paths)
            services.append(
                .init(
                    service: HistoryService(
                        keeper: keeper, hub: hub, isUserMade: { isUserMade($0) }, logger: logger)))
        }
        services.append(
            .init(
                service: EngineService(
                    firstInterval: configuration.firstInterval, interval: configuration.interval, hub: hub,
                    logger: logger,
                    faults: {
                        [
                            "connections_closed": tcpConnections.closed + socketConnections.closed,
                            "queries_refused": bodies.refused,
                            "streams_refused": feed.refused,
                            "snapshots_dropped": hub.dropped,
                            "logins_failed": access.control.failures,
                            "logins_forbidden": access.control.forbidden,
                            "access_reloads_failed": access.status.failures,
                            "log_lines_dropped": LogOutput.losses.dropped,
                            "log_lines_suppressed": LogOutput.losses.suppressed,
                        ].merging(keeper?.status.faults ?? [:]) { $1 }
                    },
                    exports: { pushState.map { [$0.snapshot] } },
                    state: { agent, now in
                        agent.notices += access.notices(at: now)
                        if let notice = keeper?.status.notice { agent.notices.append(notice) }
                        agent.certificateExpiryUnixTime = access.status.certificateExpiry
                    },
                    trimMemory: { rendering.run { Memory.trim() } },
                    makeEngine: { [configuration, logger] in
                        try Engine(configuration: configuration, logger: logger)
                    })))
        services.append(
            .init(
                service: WebServer(
                    address: .tcp(listen, names: hosts), routes: routes, group: group, connections: tcpConnections,
                    access: access, logger: logger),
                failureTerminationBehavior: .cancelGroup))
        services.append(.init(service: WebAccessService(access: access, logger: logger)))
        if let socketPath {
            let runs = try runCgroups()
            services.append(
                .init(
                    service: WebServer(
                        address: .unix(path: socketPath, mode: socketMode), routes: routes, group: group,
                        connections: socketConnections, runs: runs, logger: logger),
                    failureTerminationBehavior: .cancelGroup))
            if let runs { services.append(.init(service: RunService(cgroups: runs, hub: hub))) }
        }
        // After the servers, so that it ends before them: they wait for the streams that they send.
        services.append(.init(service: StreamService(hub: hub, feed: feed)))
        if let past { services.append(.init(service: past)) }
        if let kubernetes, let feed = configuration.names {
            let names = KubernetesNames(kubernetes, feed: feed, group: group, logger: logger)
            services.append(.init(service: KubernetesService(names: names)))
        }
        if let push, let pushState {
            let service = try PushService(
                push, hub: hub, selection: metrics, resource: resource, group: group, state: pushState, logger: logger)
            services.append(.init(service: service))
        }
        return services
    }

    private func runCgroups() throws -> RunCgroups? {
        guard makesRunCgroups else { return nil }
        let thread = try WorkThread()
        return RunCgroups(paths: configuration.paths) { thread.run($0) }
    }

    /// Reads who may read; throws where that cannot be used.
    private func webAccess(
        _ group: MultiThreadedEventLoopGroup, _ endings: WebAccess.Endings
    ) throws -> WebAccess {
        // Comparing a password takes a tenth of a second, and nothing waits for it but who brought it.
        let logins = try WorkThread()
        logins.yieldToOthers()
        let reviewer: KubernetesReviewer?
        do {
            reviewer = try reviews.map {
                KubernetesReviewer(reviews: try TokenReviews($0, group: group, logger: logger))
            }
        } catch {
            throw AgentError("--web.token-review: \(error)", isConfiguration: true)
        }
        return try WebAccess(
            access, listen: listen, reviewer: reviewer, logger: logger, endings: endings
        ) { logins.run($0) }
    }
}
