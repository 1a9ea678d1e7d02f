package import Engine
internal import Linux
package import Logging
package import NIOCore
internal import ServiceLifecycle
internal import Synchronization
package import Telemetry

/// Sends metrics by OTLP over HTTP: one task writes requests of the latest snapshot at an interval and puts them into the
/// queue, another one sends what waits there, oldest first.
///
/// What could not be sent waits; what was refused, or had to be dropped, is counted. None of it can delay the tick.
package struct PushService: Service {
    let settings: PushSettings
    let hub: SnapshotHub
    let group: any EventLoopGroup
    let clock: any Clock<Duration>
    let logger: Logger
    let state: PushState
    private let shared: Shared

    /// What both tasks use, on the work thread only.
    final class Shared: Sendable {
        let exporter: Mutex<MetricsExporter>
        let queue: Mutex<PushQueue?> = Mutex(nil)
        /// Bytes of a request before compression: less once a collector refused one as too large.
        let sizeLimit: Mutex<Int>
        /// Of the snapshot that was exported last.
        let lastSequence: Mutex<UInt64?> = Mutex(nil)
        let thread: WorkThread

        init(_ exporter: sending MetricsExporter, sizeLimit: Int) throws(HostError) {
            self.exporter = Mutex(exporter)
            self.sizeLimit = Mutex(sizeLimit)
            thread = try WorkThread()
            thread.yieldToOthers()
        }
    }

    /// For what is still to be sent when the agent ends.
    private static let farewell = Duration.seconds(1)

    /// - Parameters:
    ///   - state: where others see how it goes.
    ///   - clock: for the interval and for the pauses between attempts.
    /// - Throws: where the kernel has no thread to give.
    package init(
        _ settings: PushSettings, hub: SnapshotHub, selection: MetricSelection, resource: Resource,
        group: any EventLoopGroup, state: PushState, clock: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) throws {
        self.settings = settings
        self.hub = hub
        self.group = group
        self.state = state
        self.clock = clock
        self.logger = logger
        var selection = selection
        // Every data point has the time since which it counts.
        selection.zeroTime = .zero
        shared = try Shared(
            MetricsExporter(selection, resource: resource, rendersLabels: false), sizeLimit: settings.encoding.sizeLimit)
    }

    package func run() async throws {
        await openQueue()
        logger.info(
            "metrics are sent by OTLP",
            metadata: ["endpoint": "\(settings.target)", "interval": "\(settings.interval)"])
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // What an earlier run left.
        signal.yield()
        await withTaskGroup { group in
            group.addTask { await sendRequests(signals) }
            await cancelWhenGracefulShutdown { await makeRequests { signal.yield() } }
            // The figures of the end.
            await makeRequest()
            signal.yield()
            signal.finish()
            group.addTask { try? await Task.sleep(for: Self.farewell) }
            await group.next()
            group.cancelAll()
        }
        // Another process may use the directory from now on.
        await onThread { shared in shared.queue.withLock { $0 = nil } }
        logRest()
    }

    private func logRest() {
        let view = state.view
        guard view.queuedRequests > 0 else { return }
        let place = settings.queueDirectory == nil || view.diskFault != nil ? "are lost" : "wait for the next start"
        logger.warning(
            "requests that the collector did not accept before the end \(place)",
            metadata: ["requests": "\(view.queuedRequests)", "endpoint": "\(view.target)"])
    }

    /// Runs a piece of work that may block.
    func onThread<Value: Sendable>(_ work: @escaping @Sendable (Shared) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            shared.thread.run { [shared] in continuation.resume(returning: work(shared)) }
        }
    }
}
