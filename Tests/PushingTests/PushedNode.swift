import Engine
import Logging
import NIOPosix
import ServiceLifecycle
import Snapshot
import SnapshotSamples
import Telemetry
import TestSupport

@testable import Pushing

/// The service as it runs in an agent, fed with snapshots by the test. Ends with ``stop()``.
final class PushedNode: Sendable {
    let hub = SnapshotHub(interval: .seconds(1))
    let clock = PushClock()
    let state: PushState
    let log = LogLines()
    private let lifecycle: ServiceGroup
    private let running: Task<Void, any Error>

    static let resource = Resource([.init("service.name", "energyd"), .init("host.name", "node7")])

    init(
        _ endpoint: String, files: PushFiles = PushFiles(), _ change: (inout PushSettings) -> Void = { _ in }
    ) throws {
        var settings = PushSettings(endpoint: endpoint)
        settings.interval = PushClock.interval
        settings.timeout = .seconds(20)
        change(&settings)
        state = PushState(target: settings.target)
        let service = try PushService(
            settings, hub: hub, selection: MetricSelection(), resource: Self.resource,
            group: MultiThreadedEventLoopGroup.singleton, state: state, clock: clock, files: files,
            logger: log.logger)
        let quiet = Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
        let lifecycle = ServiceGroup(configuration: .init(services: [.init(service: service)], logger: quiet))
        self.lifecycle = lifecycle
        running = Task { try await lifecycle.run() }
    }

    /// What the node measured at its tick of this number.
    static func snapshot(_ number: UInt64) -> Snapshot {
        var snapshot = fullSnapshot()
        snapshot.sequence = number
        snapshot.unixTime += Double(number)
        snapshot.agent.startUnixTime = fullSnapshot().unixTime - 1000
        snapshot.node.zones[0].energyMicrojoules += number
        return snapshot
    }

    /// The data points of that tick, as the collector logs them.
    static func lines(_ number: UInt64) -> [String] { PushingTests.lines(of: snapshot(number), resource: resource) }

    /// Publishes a tick, and waits until its requests are in the queue.
    func export(_ number: UInt64) async throws {
        hub.publish(Self.snapshot(number))
        clock.tick()
        try await until("tick \(number) is exported") { clock.isWaiting }
    }

    /// A tick that the service does not export before the next interval.
    func publish(_ number: UInt64) { hub.publish(Self.snapshot(number)) }

    func stop() async throws {
        await lifecycle.triggerGracefulShutdown()
        try await running.value
    }

    /// Waits for something that a real process has to do.
    func until(_ what: String, _ condition: () throws -> Bool) async throws {
        for _ in 0..<3000 {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failure("gave up waiting until \(what): \(state.view)")
    }

    func untilEmpty() async throws {
        try await until("the queue is empty") { state.view.queuedRequests == 0 && state.view.outcome != nil }
    }
}
