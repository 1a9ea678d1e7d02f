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
        let hub = SnapshotHub(interval: configuration.interval)
        // One thread answers everybody: a scrape takes milliseconds, and a node has as many threads as CPUs to lose.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        // Large bodies are rendered on another, so that a probe never waits for a scrape.
        let rendering = NIOThreadPool(numberOfThreads: 1)
        rendering.start()
        let routes = Routes(hub: hub, bodies: SnapshotBodies(hub: hub, selection: metrics, threads: rendering))
        // One each, so that a full server does not affect the other.
        let pools = (0..<2).map { _ in ConnectionPool(limit: WebServer.connectionLimit, logger: logger) }
        func server(
            _ address: WebServer.Address, _ connections: ConnectionPool
        ) -> ServiceGroupConfiguration.ServiceConfiguration {
            .init(
                service: WebServer(
                    address: address, routes: routes, group: group, connections: connections, logger: logger),
                failureTerminationBehavior: .cancelGroup)
        }
        let engine = EngineService(configuration: configuration, hub: hub, logger: logger) {
            ["connections_closed": pools.reduce(0) { $0 + $1.closed }, "snapshots_dropped": hub.dropped]
        }
        var services = [
            ServiceGroupConfiguration.ServiceConfiguration(service: engine), server(.tcp(listen), pools[0]),
        ]
        if let socketPath { services.append(server(.unix(path: socketPath, mode: socketMode), pools[1])) }
        if let kubernetes, let feed = configuration.names {
            let names = KubernetesNames(kubernetes, feed: feed, group: group, logger: logger)
            services.append(.init(service: KubernetesService(names: names)))
        }
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        var lifecycle = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        lifecycle.maximumGracefulShutdownDuration = .seconds(3)
        do {
            try await ServiceGroup(configuration: lifecycle).run()
        } catch {
            try await rendering.shutdownGracefully()
            throw error
        }
        try await rendering.shutdownGracefully()
        logger.info("stopped")
    }
}
