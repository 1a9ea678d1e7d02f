internal import Glibc
internal import Linux
package import Logging

/// The file in which the ledger survives a restart of the agent.
///
/// It is written with every tick and before the tick is published, so that no reader ever saw more than it holds,
/// however the agent ends. It is valid until the next boot only, so it need not reach the disk.
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
    /// What lies there is older than what was published, and cannot be removed.
    private var isStale = false
    private let bootID: String
    private let logger: Logger
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

    /// A file that is older than 30 s is written to the disk (`vm.dirty_expire_centisecs`), s.
    private static let maxAge = 20.0
    /// Updates may grow to that many bytes, besides four times what the whole ledger takes.
    private static let maxAdded = 1 << 18
    private var temporary: String { path + ".new" }

    /// Larger files are not read, bytes.
    private static let limit = 64 << 20

    /// nil where there is no boot id: the file could then be of another boot.
    package init?(path: String, procfs: String, logger: Logger) {
        guard let bootID = try? readText(procfs + "/sys/kernel/random/boot_id", limit: 64), !bootID.isEmpty else {
            logger.warning("no boot id: totals will not survive a restart", metadata: ["file": "\(path)"])
            return nil
        }
        self.path = path
        self.bootID = bootID
        self.logger = logger
    }

    /// What an earlier run of the agent left; nil for nothing that can be used.
    package mutating func load() -> LedgerState? {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path, limit: Self.limit)
        } catch {
            guard error.code == .missing else {
                refuse(error.detail, "counters started at zero")
                return nil
            }
            // It may have ended between the last two steps of ``replace(with:)``, or before there was ever a whole file.
            guard let left = try? readFile(temporary, limit: Self.limit), (try? LedgerState(decoding: left)) != nil
            else { return nil }
            // Out of the way of the next one.
            rename(temporary, path)
            bytes = left
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
            isForeign = true
            refuse(
                "it is not a state file", "it was left untouched and nothing is saved: set --state.file to another path"
            )
        } catch {
            // Of another version of the agent, which may be started again; or damaged, and of use to find out why.
            rename(path, path + ".refused")
            refuse("\(error)", "it was renamed to \(path).refused and counters started at zero")
        }
        return nil
    }

    private mutating func refuse(_ reason: String, _ outcome: String) {
        refusal = "the state file \(path) was refused: \(reason); \(outcome)"
        logger.warning(
            "the state file was refused: \(outcome)", metadata: ["file": "\(path)", "reason": "\(reason)"])
    }

    /// Brings the file up to date: whenever the agent ends, the next one finds the old totals or the new.
    ///
    /// As a rule it adds what changed since the last ``Ledger/forgetChanges()``. From time to time it writes the file
    /// anew: before the added part grows large, and before the kernel would write a file of that age to the disk.
    ///
    /// - Parameter now: s, on any clock that does not go back.
    package mutating func save(_ ledger: Ledger, _ context: StateEncoder.Context, at now: Double) {
        guard !isForeign else { return }
        if let file = whole, now - file.writtenAt < Self.maxAge, file.added < 4 * file.size + Self.maxAdded {
            let bytes = encoder.update(ledger, context)
            if append(bytes, to: file) {
                whole?.added += bytes.count
                return record(nil)
            }
        }
        let bytes = encoder.file(bootID: bootID, ledger, context)
        whole = nil
        do throws(HostError) {
            let identity = try replace(with: bytes)
            whole = Whole(writtenAt: now, size: bytes.count, identity: identity)
            isStale = false
            record(nil)
        } catch {
            record(error.detail)
        }
        encoder.release()
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

    /// False where the file is not as this agent left it, or has no room: then it is to be written anew.
    private func append(_ bytes: [UInt8], to file: Whole) -> Bool {
        guard let opened = try? OwnFile(appendingTo: path), opened.identity == file.identity,
            opened.size == file.size + file.added
        else { return false }
        return (try? opened.write(bytes)) != nil
    }

    /// Puts a new file in the place of the old one.
    private mutating func replace(with bytes: [UInt8]) throws(HostError) -> FileIdentity {
        let identity: FileIdentity
        do throws(HostError) {
            identity = try writeTemporary(bytes)
        } catch {
            // What is there is older than what is published next: it must not be found. Without it there may be room.
            try discard(because: error)
            identity = try writeTemporary(bytes)
        }
        // Not renamed over the old one: ext4 writes such a file to the disk at once, for a crash of the machine, after
        // which this one is worth little. A file that is removed within half a minute never gets there.
        unlink(path)
        guard rename(temporary, path) != 0 else { return identity }
        let code = errno
        unlink(temporary)
        throw HostError(errno: code, path: path)
    }

    private func writeTemporary(_ bytes: [UInt8]) throws(HostError) -> FileIdentity {
        let file = try OwnFile(creating: temporary)
        do throws(HostError) {
            try file.write(bytes)
        } catch {
            unlink(temporary)
            throw error
        }
        return file.identity
    }

    /// Removes the file, or empties it where its directory does not allow that; throws `failure` where neither works.
    private mutating func discard(because failure: HostError) throws(HostError) {
        isStale = false
        guard unlink(path) != 0, errno != ENOENT, errno != ENOTDIR else { return }
        if let file = try? OwnFile(appendingTo: path) {
            // One of ours: nothing else is emptied.
            if let content = try? readFile(path, limit: LedgerState.magic.count), content == LedgerState.magic {
                isStale = !file.empty()
            }
        }
        throw failure
    }
}
