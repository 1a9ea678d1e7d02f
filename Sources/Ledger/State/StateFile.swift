internal import Linux
package import Logging
internal import Synchronization

/// The file in which the ledger survives a restart of the agent.
///
/// It is written with every tick and before the tick is published, so that no reader ever saw more than it holds,
/// however the agent ends. It is valid until the next boot only, so it need not reach the disk.
///
/// A tick waits for its file system for a moment. One that hangs is as one that is full: what is published from then on is
/// in no file until it answers, and what it writes too late is removed, because more was published since.
package struct StateFile {
    package let path: String
    /// Writes that failed.
    package private(set) var failures: UInt64 = 0
    /// Why totals were not taken over at the start, or are not saved now; nil where all is well.
    package var notice: String? {
        guard let failure else { return refusal }
        let outcome =
            isStale
            ? "an older one is left there and cannot be removed: remove it, or after a restart counters start lower"
            : "after a restart counters start at zero"
        return "cannot write the state file \(path): \(failure); \(outcome)"
    }
    /// What the file says about idle power, also where its totals are of an earlier boot; nil where it says nothing.
    package private(set) var idle: LedgerState.LearnedIdle?

    private var refusal: String?
    private var failure: String?
    /// What lies there is no file of the agent's, and stays.
    private var isForeign = false
    /// What lies there is unknown: nothing came of it at the start.
    private var isUnread = false
    /// What lies there is older than what was published, and cannot be removed.
    private var isStale = false
    private let bootID: String
    private let logger: Logger
    private let disk: StateDisk
    private let run: Runner
    private var encoder = StateEncoder()
    /// The file as this agent left it; nil before it has written one, and after a write that failed.
    private var whole: Whole?

    private struct Whole {
        /// s.
        var writtenAt: Double
        /// Of the part that holds the whole ledger, bytes.
        var size: Int
        /// Of what was added to it, bytes.
        var added = 0
        /// The file itself: another one may lie there by now, in a directory that others may change.
        var identity: FileIdentity
    }

    /// Does work that may wait; false where it is not done within so many seconds, or earlier work is not.
    package typealias Runner = @Sendable (_ seconds: Double, _ work: @escaping @Sendable () -> Void) -> Bool

    /// A file that is older than 30 s is written to the disk (`vm.dirty_expire_centisecs`), s.
    private static let maxAge = 20.0
    /// Updates may grow to that many bytes, besides four times what the whole ledger takes.
    private static let maxAdded = 1 << 18
    /// How long a tick waits for a write, and the start for what an earlier run left, s.
    private static let patience = 0.5
    private static let startPatience = 0.8

    /// nil where there is no boot id: the file could then be of another boot.
    ///
    /// - Parameter run: by default work is done at once, however long it takes.
    package init?(
        path: String, procfs: String, logger: Logger,
        run: @escaping Runner = { _, work in
            work()
            return true
        }
    ) {
        guard let bootID = try? readText(procfs + "/sys/kernel/random/boot_id", limit: 64), !bootID.isEmpty else {
            logger.warning("no boot id: totals will not survive a restart", metadata: ["file": "\(path)"])
            return nil
        }
        self.path = path
        self.bootID = bootID
        self.logger = logger
        self.run = run
        disk = StateDisk(path: path)
    }

    /// What an earlier run of the agent left; nil for nothing that can be used.
    package mutating func load() -> LedgerState? {
        let bytes: [UInt8]
        switch ask(Self.startPatience, { [disk] in disk.read() }) {
        case .success(let found?): bytes = found
        case .success(nil): return nil
        case .failure(let error):
            refuse(error.detail, "counters started at zero")
            return nil
        case nil:
            isUnread = true
            refuse(Self.silence, "counters started at zero")
            return nil
        }
        // The machine went down before the file was written to the disk: nothing was published from it since the boot.
        if bytes.isEmpty { return nil }
        do throws(LedgerState.Refusal) {
            let state = try LedgerState(decoding: bytes)
            idle = state.idle
            guard state.bootID == bootID else {
                logger.info("the machine has been booted since: counters start at zero", metadata: ["file": "\(path)"])
                return nil
            }
            return state
        } catch .foreign {
            leaveForeign()
        } catch {
            // Of another version of the agent, which may be started again; or damaged, and of use to find out why.
            _ = ask(Self.startPatience) { [disk] in disk.setAside() }
            refuse("\(error)", "it was renamed to \(path).refused and counters started at zero")
        }
        return nil
    }

    private mutating func refuse(_ reason: String, _ outcome: String) {
        refusal = "the state file \(path) was refused: \(reason); \(outcome)"
        logger.warning(
            "the state file was refused: \(outcome)", metadata: ["file": "\(path)", "reason": "\(reason)"])
    }

    private mutating func leaveForeign() {
        isForeign = true
        refuse("it is not a state file", "it was left untouched and nothing is saved: set --state.file to another path")
    }

    /// Brings the file up to date: whenever the agent ends, the next one finds the old totals or the new.
    ///
    /// As a rule it adds what changed since the last ``Ledger/forgetChanges()``. From time to time it writes the file
    /// anew: before the added part grows large, and before the kernel would write a file of that age to the disk.
    ///
    /// - Parameter now: s, on any clock that does not go back.
    package mutating func save(_ ledger: Ledger, _ context: StateEncoder.Context, at now: Double) {
        guard !isForeign else { return }
        if failure == Self.silence || isUnread, !isUsable() { return }
        if let file = whole, now - file.writtenAt < Self.maxAge, file.added < 4 * file.size + Self.maxAdded {
            let bytes = encoder.update(ledger, context)
            let size = file.size + file.added
            switch ask(Self.patience, { [disk] in disk.append(bytes, to: file.identity, after: size) }, undo) {
            case true?:
                whole?.added += bytes.count
                return record(nil)
            case false?: break
            case nil:
                (whole, isStale) = (nil, true)
                return record(Self.silence)
            }
        }
        let bytes = encoder.file(bootID: bootID, ledger, context)
        whole = nil
        switch ask(Self.patience, { [disk] in disk.replace(with: bytes) }, undo) {
        case .written(let identity)?:
            whole = Whole(writtenAt: now, size: bytes.count, identity: identity)
            isStale = false
            record(nil)
        case .failed(let reason, let isStale)?:
            self.isStale = isStale
            record(reason)
        case nil:
            // It may hold an earlier tick, or this one.
            isStale = true
            record(Self.silence)
        }
        encoder.release()
    }

    private static let silence = "its file system does not answer"

    /// What was written too late is older than what was published since.
    private var undo: @Sendable () -> Void { { [disk] in _ = disk.discard() } }

    /// False where the file system still does not answer, or has a file of somebody else there.
    private mutating func isUsable() -> Bool {
        switch ask(Self.patience, { [disk, isUnread] in isUnread && disk.isForeign }) {
        case false?:
            isUnread = false
            return true
        case true?:
            failure = nil
            leaveForeign()
        case nil:
            record(Self.silence)
        }
        return false
    }

    /// What comes of work on the file; nil where it is not done in time.
    ///
    /// - Parameter undo: done in the end where the work is not done in time.
    private func ask<Result: Sendable>(
        _ seconds: Double, _ work: @escaping @Sendable () -> Result, _ undo: @escaping @Sendable () -> Void = {}
    ) -> Result? {
        let answer = Answer<Result>()
        _ = run(seconds) {
            if answer.isLate || !answer.deliver(work()) { undo() }
        }
        return answer.take()
    }

    /// What one thread hands to another, which does not wait for ever.
    private final class Answer<Value: Sendable>: Sendable {
        private let state = Mutex((value: Value?.none, isLate: false))

        var isLate: Bool { state.withLock(\.isLate) }

        /// False where it is too late.
        func deliver(_ value: Value) -> Bool {
            state.withLock { state in
                state.value = value
                return !state.isLate
            }
        }

        /// What has come; nil, and then it is too late.
        func take() -> Value? {
            state.withLock { state in
                state.isLate = true
                return state.value
            }
        }
    }

    /// Counts and logs a failure; nil for none.
    private mutating func record(_ reason: String?) {
        guard let reason else {
            if failure != nil {
                logger.notice("the state file can be written again", metadata: ["file": "\(path)"])
                failure = nil
            }
            return
        }
        failures += 1
        if failure == nil {
            logger.error("cannot write the state file", metadata: ["file": "\(path)", "reason": "\(reason)"])
        }
        failure = reason
    }
}
