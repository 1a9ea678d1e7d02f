internal import History
internal import Linux
internal import Logging
internal import Snapshot
internal import Synchronization

/// Turns snapshots into minutes, and has them written on a thread of its own: a disk that hangs or is full delays nothing,
/// and what waits for it is bounded.
final class HistoryKeeper: Sendable {
    /// How it goes, for the snapshot.
    struct Status: Sendable {
        /// Minutes that could not be stored, each attempt.
        var failures: UInt64 = 0
        /// Minutes that were added to the one before, because too many waited.
        var merged: UInt64 = 0
        /// Stores that were damaged and set aside.
        var damaged: UInt64 = 0
        /// What is wrong now, with its remedy; nil where all is well.
        var notice: String?

        /// By kind, as in the snapshot.
        var faults: [String: UInt64] {
            ["history_writes_failed": failures, "history_minutes_merged": merged, "history_damaged": damaged]
        }
    }

    private struct Disk {
        var store: HistoryStore?
        var status = Status()
        var isLogged = false
    }

    private struct Line {
        var waiting: [HistoryRecorder.Minute] = []
        var isWriting = false
    }

    let settings: HistorySettings
    private let logger: Logger
    private let thread: WorkThread
    /// Used by the thread only, but for the status.
    private let disk = Mutex(Disk())
    private let shown = Mutex(Status())
    private let line = Mutex(Line())

    /// Minutes that wait for the disk; those after them are merged.
    private static let mostWaiting = 60

    /// Throws where the kernel has no thread to give.
    init(_ settings: HistorySettings, logger: Logger) throws(HostError) {
        self.settings = settings
        self.logger = logger
        thread = try WorkThread()
        thread.yieldToOthers()
    }

    var status: Status { shown.withLock { $0 } }

    /// Opens the store. Returns what it was continued from once that is known; nil where it cannot be opened.
    func open() async -> HistoryRecorder.Mark? {
        let (marks, continuation) = AsyncStream.makeStream(of: HistoryRecorder.Mark?.self)
        thread.run { [self] in
            continuation.yield(disk.withLock { disk in open(&disk) ? (try? disk.store?.mark()) ?? nil : nil })
            continuation.finish()
        }
        for await mark in marks { return mark }
        return nil
    }

    /// Adds a minute to what is to be written, and returns at once.
    func add(_ minute: HistoryRecorder.Minute) {
        let (isIdle, isMerged) = line.withLock { line in
            var isMerged = false
            if line.waiting.count >= Self.mostWaiting, let last = line.waiting.indices.last {
                line.waiting[last].period.merge(minute.period)
                line.waiting[last].mark = minute.mark
                isMerged = true
            } else {
                line.waiting.append(minute)
            }
            defer { line.isWriting = true }
            return (!line.isWriting, isMerged)
        }
        if isMerged { shown.withLock { $0.merged += 1 } }
        if isIdle { thread.run { [self] in writeWaiting() } }
    }

    /// Returns once everything that waits was tried.
    func flush() async {
        let (done, continuation) = AsyncStream.makeStream(of: Void.self)
        thread.run { [self] in
            writeWaiting()
            continuation.finish()
        }
        for await _ in done {}
    }

    // MARK: On the thread

    private func writeWaiting() {
        while let minute = next() {
            guard disk.withLock({ write(minute, &$0) }) else { return line.withLock { $0.isWriting = false } }
            // A later one may have been merged into it meanwhile: then it was the last, and is not written twice.
            line.withLock { line in if !line.waiting.isEmpty { line.waiting.removeFirst() } }
        }
    }

    /// The first that waits; nil, and the thread is idle, where none does.
    private func next() -> HistoryRecorder.Minute? {
        line.withLock { line in
            if line.waiting.isEmpty { line.isWriting = false }
            return line.waiting.first
        }
    }

    private func write(_ minute: HistoryRecorder.Minute, _ disk: inout Disk) -> Bool {
        guard open(&disk), let store = disk.store else { return false }
        do throws(SQLiteError) {
            try store.append(minute)
            note(store.roomFailure?.description, &disk)
            return true
        } catch {
            disk.store = nil
            if error.code == .damaged { setAside(&disk, because: error.description) }
            note("\(error)", &disk)
            return false
        }
    }

    /// True where the store is open.
    private func open(_ disk: inout Disk) -> Bool {
        if disk.store != nil { return true }
        do throws(HistoryError) {
            disk.store = try HistoryStore(settings)
            return true
        } catch {
            if error.code == .damaged { setAside(&disk, because: error.description) }
            note("\(error)", &disk)
            return false
        }
    }

    private func setAside(_ disk: inout Disk, because reason: String) {
        HistoryStore.setAside(settings)
        disk.status.damaged += 1
        logger.error(
            "the history was damaged: a new one is begun, and the old one kept",
            metadata: ["file": "\(settings.path).damaged", "reason": "\(reason)"])
    }

    /// Shows how it goes; logs the first failure and the end of it.
    private func note(_ failure: String?, _ disk: inout Disk) {
        if let failure {
            disk.status.failures += 1
            if !disk.isLogged {
                logger.error(
                    "cannot write the history", metadata: ["file": "\(settings.path)", "reason": "\(failure)"])
            }
        } else if disk.isLogged {
            logger.notice("the history is written again", metadata: ["file": "\(settings.path)"])
        }
        disk.isLogged = failure != nil
        disk.status.notice = failure.map {
            "cannot write the history \(settings.path): \($0); what is used now is kept in memory for an hour: make room "
                + "or set --history.path to another place, or to none"
        }
        let status = disk.status
        shown.withLock { shown in
            let merged = shown.merged
            shown = status
            shown.merged = merged
        }
    }
}
