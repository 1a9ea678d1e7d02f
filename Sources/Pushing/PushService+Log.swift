internal import Logging

/// What became of requests: counted each time, logged where it changes.
extension PushService {
    func noteAccepted(points: UInt64, rejected: UInt64, _ message: String) {
        let isWhole = rejected == 0 && message.isEmpty
        let before = state.note(
            isWhole ? .accepted : .partial, sent: points - rejected, rejected: rejected,
            rejected > 0 ? "\(rejected) data points refused: \(message)" : nil)
        switch (before, isWhole) {
        case (.partial, false): break
        case (_, false):
            logger.warning(
                rejected > 0
                    ? "the collector refused some data points, which are lost" : "the collector has a warning",
                metadata: ["endpoint": "\(settings.target)", "data points": "\(rejected)", "reason": "\(message)"])
        case (.refused, true), (.waiting, true), (.partial, true):
            logger.info("the collector accepts metrics again", metadata: ["endpoint": "\(settings.target)"])
        case (_, true): break
        }
    }

    func noteRefused(points: UInt64, _ reason: String) {
        guard state.note(.refused, rejected: points, reason) != .refused else { return }
        logger.warning(
            "the collector refused metrics, which are lost",
            metadata: ["endpoint": "\(settings.target)", "error": "\(reason)"])
    }

    func noteWaiting(_ reason: String) {
        guard state.note(.waiting, reason) != .waiting else { return }
        logger.warning(
            "metrics could not be sent to the collector; they wait and are sent again",
            metadata: ["endpoint": "\(settings.target)", "error": "\(reason)"])
    }
}
