internal import Glibc
internal import Linux

/// What ``StateFile`` does on its file system: each call may take as long as that does.
struct StateDisk: Sendable {
    /// What came of writing the file anew.
    enum Outcome {
        case written(FileIdentity)
        /// - Parameter isStale: what lies there is older than what was published, and cannot be removed.
        case failed(String, isStale: Bool)
    }

    let path: String
    private var temporary: String { path + ".new" }

    /// Larger files are not read, bytes.
    private static let limit = 64 << 20

    init(path: String) {
        self.path = path
    }

    /// What an earlier run of the agent left; nil for nothing.
    func read() -> Result<[UInt8]?, HostError> {
        do {
            return .success(try readFile(path, limit: Self.limit))
        } catch {
            guard error.code == .missing else { return .failure(error) }
        }
        // It may have ended between the last two steps of ``replace(with:)``, or before there was ever a whole file.
        guard let left = try? readFile(temporary, limit: Self.limit), (try? LedgerState(decoding: left)) != nil else {
            return .success(nil)
        }
        // Out of the way of the next one.
        rename(temporary, path)
        return .success(left)
    }

    /// True where a file lies there that no agent wrote. One that cannot be read is taken for the agent's.
    var isForeign: Bool {
        guard let beginning = try? readFile(path, limit: LedgerState.magic.count) else { return false }
        return !LedgerState.magic.starts(with: beginning)
    }

    func setAside() { rename(path, path + ".refused") }

    /// False where the file is not as this agent left it, or has no room: then it is to be written anew.
    func append(_ bytes: [UInt8], to identity: FileIdentity, after size: Int) -> Bool {
        guard let opened = try? OwnFile(appendingTo: path), opened.identity == identity, opened.size == size else {
            return false
        }
        return (try? opened.write(bytes)) != nil
    }

    /// Puts a new file in the place of the old one.
    func replace(with bytes: [UInt8]) -> Outcome {
        let identity: FileIdentity
        do {
            identity = try writeTemporary(bytes)
        } catch {
            // What is there is older than what is published next: it must not be found. Without it there may be room.
            if let isStale = discard() { return .failed(error.detail, isStale: isStale) }
            do {
                identity = try writeTemporary(bytes)
            } catch {
                return .failed(error.detail, isStale: false)
            }
        }
        // Not renamed over the old one: ext4 writes such a file to the disk at once, for a crash of the machine, after
        // which this one is worth little. A file that is removed within half a minute never gets there.
        unlink(path)
        guard rename(temporary, path) != 0 else { return .written(identity) }
        let code = errno
        unlink(temporary)
        return .failed(String(cString: strerror(code)), isStale: false)
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

    /// Removes the file: nil. Where its directory does not allow that it is emptied; false where that worked.
    func discard() -> Bool? {
        guard unlink(path) != 0, errno != ENOENT, errno != ENOTDIR else { return nil }
        guard let file = try? OwnFile(appendingTo: path),
            // One of ours: nothing else is emptied.
            let content = try? readFile(path, limit: LedgerState.magic.count), content == LedgerState.magic
        else { return false }
        return !file.empty()
    }
}
