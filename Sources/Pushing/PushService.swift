package import Engine
internal import Fetching
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
    let files: PushFiles
    let shared: Shared
    /// Since the service was made.
    let elapsed: @Sendable () -> Duration

    /// What both tasks use; what is slow, on the work thread only.
    final class Shared: Sendable {
        let exporter: Mutex<MetricsExporter>
        let queue: Mutex<PushQueue?> = Mutex(nil)
        let sizes: Mutex<RequestSizes>
        /// Of the snapshot that was exported last.
        let lastSequence: Mutex<UInt64?> = Mutex(nil)
        let thread: WorkThread

        init(_ exporter: sending MetricsExporter, _ sizes: RequestSizes) throws(HostError) {
            self.exporter = Mutex(exporter)
            self.sizes = Mutex(sizes)
            thread = try WorkThread()
            thread.yieldToOthers()
        }
    }

    /// For what is still to be sent when the agent ends, and after that for closing the queue.
    private static let farewell = Duration.seconds(1)

    /// - Parameters:
    ///   - state: where others see how it goes.
    ///   - clock: for the interval and for the pauses between attempts.
    ///   - files: how the queue's directory is reached.
    /// - Throws: where the kernel has no thread to give.
    package init(
        _ settings: PushSettings, hub: SnapshotHub, selection: MetricSelection, resource: Resource,
        group: any EventLoopGroup, state: PushState, clock: any Clock<Duration> = ContinuousClock(),
        files: PushFiles = PushFiles(), logger: Logger
    ) throws {
        self.settings = settings
        self.hub = hub
        self.group = group
        self.state = state
        self.clock = clock
        self.files = files
        self.logger = logger
        elapsed = stopwatch(clock)
        var selection = selection
        // Every data point has the time since which it counts.
        selection.zeroTime = .zero
        shared = try Shared(
            MetricsExporter(selection, resource: resource, rendersLabels: false),
            RequestSizes(largest: settings.encoding.sizeLimit, smallest: settings.smallestRequest))
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown { await openQueue() }
        logger.info(
            "metrics are sent by OTLP",
            metadata: ["endpoint": "\(settings.target)", "interval": "\(settings.interval)"])
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // What an earlier run left.
        signal.yield()
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await sendRequests(signals)
                return true
            }
            await cancelWhenGracefulShutdown { await makeRequests { signal.yield() } }
            group.addTask {
                // The figures of the end.
                await makeRequest()
                signal.yield()
                signal.finish()
                return false
            }
            group.addTask {
                try? await Task.sleep(for: Self.farewell)
                return true
            }
            while let isEnd = await group.next(), !isEnd {}
            group.cancelAll()
        }
        await closeQueue()
        logRest()
    }

    /// Another process may use the directory from now on. Not waited for where its file system hangs.
    private func closeQueue() async {
        await withTaskGroup { group in
            group.addTask {
                let changes = await onThread { [state, elapsed] shared in
                    shared.queue.withLock { queue in
                        defer { queue = nil }
                        return queue.map { state.note($0, at: elapsed()) }
                    }
                }
                if let changes = changes ?? nil { log(changes) }
            }
            group.addTask { try? await Task.sleep(for: Self.farewell) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Runs a piece of work that may block. nil where it is not done when the task is cancelled: a file system that hangs
    /// must not keep the agent from ending.
    func onThread<Value: Sendable>(_ work: @escaping @Sendable (Shared) -> Value) async -> Value? {
        let answer = FirstAnswer<Value>()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.await(continuation)
                shared.thread.run { [shared] in answer.give(work(shared)) }
            }
        } onCancel: {
            answer.give(nil)
        }
    }
}

/// Passes the first of several answers on.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private struct State {
        var waiting: CheckedContinuation<Value?, Never>?
        /// Given before anything waited for it.
        var early: Value??
        var isGiven = false
    }

    private let state = Mutex(State())

    func await(_ continuation: CheckedContinuation<Value?, Never>) {
        let early = state.withLock { state in
            if state.early == nil { state.waiting = continuation }
            return state.early
        }
        if let early { continuation.resume(returning: early) }
    }

    func give(_ value: Value?) {
        let waiting = state.withLock { state in
            guard !state.isGiven else { return nil as CheckedContinuation<Value?, Never>? }
            state.isGiven = true
            defer { state.waiting = nil }
            if state.waiting == nil { state.early = .some(value) }
            return state.waiting
        }
        waiting?.resume(returning: value)
    }
}
