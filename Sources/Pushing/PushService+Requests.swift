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
        let (settings, files) = (settings, files)
        _ = await onThread { shared in
            let limit = settings.queueDirectory == nil ? settings.memoryLimit : settings.diskLimit
            shared.queue.withLock {
                $0 = PushQueue(
                    limit: limit, memoryLimit: settings.memoryLimit, directory: settings.queueDirectory, files: files)
            }
        }
        await noteQueue()
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

    /// Puts the latest snapshot into the queue, once: request by request, so that only one of them is in memory.
    func makeRequest() async {
        guard let snapshot = hub.latest else { return }
        let settings = settings
        _ = await onThread { shared in
            let isNew = shared.lastSequence.withLock { last in
                defer { last = snapshot.sequence }
                return last != snapshot.sequence
            }
            guard isNew else { return }
            var options = settings.encoding
            options.sizeLimit = shared.sizes.withLock { sizes in
                sizes.begin()
                return sizes.limit
            }
            let kind = PushKind(isProtobuf: options.format == .protobuf, isCompressed: settings.compresses)
            shared.exporter.withLock { exporter in
                exporter.requests(snapshot, options) { request in
                    let body = kind.isCompressed ? gzipped(request.body) : request.body
                    shared.queue.withLock { $0?.append(body, points: request.points, kind) }
                }
            }
        }
        await noteQueue()
    }
}
