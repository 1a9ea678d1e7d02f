internal import Composition
package import Engine
package import Kubernetes
package import Logging
internal import NIOPosix
internal import ServiceLifecycle
package import Settings
package import Telemetry
internal import UnixSignals

/// The agent: the engine and the servers around it, from start to a clean end on SIGTERM or SIGINT.
package struct Agent {
    package var configuration: EngineConfiguration
    package var listen: ListenAddress
    /// nil for none.
    package var socketPath: String?
    /// Permissions of the socket.
    package var socketMode: UInt32 = 0o666
    /// nil where Kubernetes is not asked.
    package var kubernetes: KubernetesConfiguration?
    /// What `/metrics` tells.
    package var metrics: MetricSelection
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
        try configuration.checkPaths()
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        var lifecycle = ServiceGroupConfiguration(
            services: services(), gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        lifecycle.maximumGracefulShutdownDuration = .seconds(3)
        try await ServiceGroup(configuration: lifecycle).run()
        logger.info("stopped")
    }

    /// Every service, in the order in which they start; they stop in the opposite order. The engine publishes to the
    /// store, and everything else reads from there.
    private func services() -> [ServiceGroupConfiguration.ServiceConfiguration] {
        let store = SnapshotStore(interval: configuration.interval)
        // One thread answers every request: a node has as many threads as CPUs to lose.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let routes = Routes(store: store, bodies: SnapshotBodies(store: store, selection: metrics))
        // One each, so that clients that fill one server do not lock out those of the other.
        let tcpConnections = ConnectionPool(limit: WebServer.connectionLimit, logger: logger)
        let socketConnections = ConnectionPool(limit: WebServer.connectionLimit, logger: logger)

        var services: [ServiceGroupConfiguration.ServiceConfiguration] = []
        services.append(
            .init(
                service: EngineService(
                    firstInterval: configuration.firstInterval, interval: configuration.interval, store: store,
                    logger: logger,
                    faults: { ["connections_closed": tcpConnections.closed + socketConnections.closed] },
                    makeEngine: { [configuration, logger] in
                        try Engine(configuration: configuration, logger: logger)
                    })))
        services.append(
            .init(
                service: WebServer(
                    address: .tcp(listen), routes: routes, group: group, connections: tcpConnections, logger: logger),
                failureTerminationBehavior: .cancelGroup))
        if let socketPath {
            services.append(
                .init(
                    service: WebServer(
                        address: .unix(path: socketPath, mode: socketMode), routes: routes, group: group,
                        connections: socketConnections, logger: logger),
                    failureTerminationBehavior: .cancelGroup))
        }
        if let kubernetes, let feed = configuration.names {
            let names = KubernetesNames(kubernetes, feed: feed, group: group, logger: logger)
            services.append(.init(service: KubernetesService(names: names)))
        }
        return services
    }
}
