internal import Logging
internal import Synchronization

/// What became of requests: counted each time, logged once in an outage.
extension PushService {
    func noteAccepted(points: UInt64, rejected: UInt64, _ message: String) {
        let isWhole = rejected == 0 && message.isEmpty
        let isNews = state.note(
            isWhole ? .accepted : .partial, at: elapsed(), sent: points - rejected, rejected: rejected,
            rejected > 0 ? "\(rejected) data points refused: \(message)" : nil)
        guard isNews else { return }
        guard !isWhole else {
            return logger.info("the collector accepts metrics again", metadata: ["endpoint": "\(settings.target)"])
        }
        logger.warning(
            rejected > 0
                ? "the collector refused some data points, which are lost" : "the collector has a warning",
            metadata: ["endpoint": "\(settings.target)", "data points": "\(rejected)", "reason": "\(message)"])
    }

    func noteRefused(points: UInt64, _ reason: String) {
        guard state.note(.refused, at: elapsed(), rejected: points, reason) else { return }
        logger.warning(
            "the collector refused metrics, which are lost",
            metadata: ["endpoint": "\(settings.target)", "error": "\(reason)"])
    }

    func noteWaiting(_ reason: String) {
        guard state.note(.waiting, at: elapsed(), reason) else { return }
        logger.warning(
            "metrics could not be sent to the collector; they wait and are sent again",
            metadata: ["endpoint": "\(settings.target)", "error": "\(reason)"])
    }

    /// Shows the state of the queue, and logs what has changed.
    func noteQueue() async {
        let changes = await onThread { [state, elapsed] shared in
            shared.queue.withLock { queue in queue.map { state.note($0, at: elapsed()) } }
        }
        if let changes = changes ?? nil { log(changes) }
    }

    func log(_ changes: PushState.QueueChanges) {
        if changes.beginsToDrop {
            logger.warning(
                "data points for the collector are dropped, the oldest first: the queue is full",
                metadata: ["endpoint": "\(settings.target)"])
        }
        if changes.damagedPoints > 0 {
            logger.warning(
                "requests for the collector in the directory of --otlp.queue were gone or damaged, and are lost",
                metadata: ["data points": "\(changes.damagedPoints)"])
        }
        if let fault = changes.faultBegins {
            logger.warning(
                "the directory of --otlp.queue cannot be used: new requests for the collector wait in memory",
                metadata: ["error": "\(fault)"])
        }
        if changes.faultEnds { logger.info("the directory of --otlp.queue can be used again") }
    }

    /// At the end of the agent.
    func logRest() {
        let view = state.view
        for (rest, fate) in [(view.inMemory, "are lost"), (view.onDisk, "wait for the next start")]
        where rest.requests > 0 {
            logger.warning(
                "requests that the collector did not accept before the end \(fate)",
                metadata: [
                    "requests": "\(rest.requests)", "data points": "\(rest.points)", "endpoint": "\(view.target)",
                ])
        }
    }
}
