internal import Compression
internal import Engine
internal import Linux
internal import Logging
internal import Snapshot
internal import Synchronization
internal import Telemetry

/// The task that writes requests.
extension PushService {
    func openQueue() async {
        let settings = settings
        await onThread { shared in
            let limit = settings.queueDirectory == nil ? settings.memoryLimit : settings.diskLimit
            shared.queue.withLock {
                $0 = PushQueue(limit: limit, memoryLimit: settings.memoryLimit, directory: settings.queueDirectory)
            }
        }
        await noteQueue()
        if let fault = state.view.diskFault {
            logger.warning(
                "requests for the collector wait in memory: the directory of --otlp.queue cannot be used",
                metadata: ["error": "\(fault)"])
        }
    }

    /// - Parameter isReady: called after each.
    func makeRequests(_ isReady: @Sendable () -> Void) async {
        // The first one as soon as there is anything to send.
        for await snapshot in hub.updates() where snapshot.sequence > 0 { break }
        while !Task.isCancelled {
            await makeRequest()
            isReady()
            guard (try? await clock.sleep(for: settings.interval)) != nil else { return }
        }
    }

    /// Puts the latest snapshot into the queue, once.
    func makeRequest() async {
        guard let snapshot = hub.latest else { return }
        let settings = settings
        await onThread { shared in
            let isNew = shared.lastSequence.withLock { last in
                defer { last = snapshot.sequence }
                return last != snapshot.sequence
            }
            guard isNew else { return }
            var options = settings.encoding
            options.sizeLimit = shared.sizeLimit.withLock(\.self)
            let requests = shared.exporter.withLock { $0.requests(snapshot, options) }
            let kind = PushKind(isProtobuf: options.format == .protobuf, isCompressed: settings.compresses)
            for request in requests {
                let body = kind.isCompressed ? gzipped(request.body) : request.body
                shared.queue.withLock { $0?.append(body, points: request.points, kind) }
            }
        }
        await noteQueue()
    }

    /// Shows the state of the queue, and logs when it begins to drop.
    func noteQueue() async {
        let beginsToDrop = await onThread { [state] shared in
            shared.queue.withLock { queue in
                guard let queue else { return false }
                return state.change { view in
                    (view.queuedRequests, view.queuedBytes) = (UInt64(queue.count), UInt64(queue.size))
                    let drops = queue.droppedPoints > view.droppedPoints
                    (view.droppedPoints, view.diskFault) = (queue.droppedPoints, queue.diskFault)
                    let begins = drops && !view.isDropping
                    view.isDropping = queue.count > 0 && (drops || view.isDropping)
                    return begins
                }
            }
        }
        if beginsToDrop {
            logger.warning(
                "data points for the collector are dropped, the oldest first: the queue is full",
                metadata: ["endpoint": "\(state.view.target)"])
        }
    }
}
