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
        /// Workloads that users made and an hour does not have by name, each hour.
        var folded: UInt64 = 0
        /// What is wrong now, with its remedy; nil where all is well.
        var notice: String?

        /// By kind, as in the snapshot.
        var faults: [String: UInt64] {
            [
                "history_writes_failed": failures, "history_minutes_merged": merged, "history_damaged": damaged,
                "history_workloads_folded": folded,
            ]
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

        /// Of all minutes that wait.
        var workloads: Int { waiting.reduce(0) { $0 + $1.period.usage.count } }
    }

    let settings: HistorySettings
    private let logger: Logger
    private let thread: WorkThread
    /// Used by the thread only, but for the status.
    private let disk = Mutex(Disk())
    private let shown = Mutex(Status())
    private let line = Mutex(Line())

    /// Workloads of all minutes that wait for the disk, of which each takes half a KiB: what comes after them is added to
    /// the last one.
    private let mostWaiting: Int

    /// Throws where the kernel has no thread to give.
    init(_ settings: HistorySettings, mostWaiting: Int = 20_000, logger: Logger) throws(HostError) {
        self.settings = settings
        self.mostWaiting = mostWaiting
        self.logger = logger
        thread = try WorkThread()
        thread.yieldToOthers()
    }

    var status: Status { shown.withLock { $0 } }

    /// Adds a minute to what is to be written, and returns at once.
    func add(_ minute: HistoryRecorder.Minute) {
        let (isIdle, isMerged) = line.withLock { line in
            let isMerged = add(minute, to: &line)
            defer { line.isWriting = true }
            return (!line.isWriting, isMerged)
        }
        if isMerged { shown.withLock { $0.merged += 1 } }
        if isIdle { thread.run { [self] in writeWaiting() } }
    }

    /// Returns true where there was no room for one more.
    private func add(_ minute: HistoryRecorder.Minute, to line: inout Line) -> Bool {
        let workloads = line.workloads
        guard workloads + minute.period.usage.count > mostWaiting, let last = line.waiting.indices.last else {
            line.waiting.append(minute)
            return false
        }
        let room = mostWaiting - workloads + line.waiting[last].period.usage.count
        line.waiting[last].period.merge(minute.period, most: room)
        line.waiting[last].mark = minute.mark
        return true
    }

    /// Returns once everything that waits was tried, or after so many seconds: also in a task that was cancelled, as that
    /// of a service is when another one takes long to end.
    func flush(within seconds: Double) async {
        let timer = try? WorkThread()
        await withCheckedContinuation { continuation in
            let waiting = Mutex<CheckedContinuation<Void, Never>?>(continuation)
            let end: @Sendable () -> Void = { waiting.withLock { $0.take() }?.resume() }
            thread.run { [self] in
                writeWaiting()
                end()
            }
            timer?.run(after: seconds, end)
        }
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
            let before = store.foldedWorkloads
            try store.append(minute)
            disk.status.folded += store.foldedWorkloads - before
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
            "cannot write the history \(settings.path): \($0); minutes wait in memory, and are added up when there are "
                + "too many: make room, or set --history.path to another place, or to none"
        }
        let status = disk.status
        shown.withLock { shown in
            let merged = shown.merged
            shown = status
            shown.merged = merged
        }
    }
}
