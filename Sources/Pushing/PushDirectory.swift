internal import Glibc
internal import Linux

/// Requests as files of one directory. Other files there are left alone, and so are links.
///
/// Belongs to one process at a time, which keeps a lock on it.
final class PushDirectory {
    let path: String
    private let files: PushFiles
    private let lock: Int32

    /// Of a file that is being written.
    private static let temporarySuffix = ".new"
    /// Of half of a request that is being divided; the request's stem follows. It counts once the request's file is gone.
    private static let halfSuffix = ".of-"
    /// Bytes; no request is larger.
    private static let largest = 64 << 20
    /// Many more than fit into any limit.
    private static let mostFiles = 100_000

    /// Makes the directory, readable for its owner only, where it is missing; its parent must be there.
    init(_ path: String, _ files: PushFiles) throws(HostError) {
        if let silence = files.silence(path) { throw silence }
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw HostError(errno: errno, path: path) }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw HostError(errno: errno, path: path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw HostError(errno: code, path: path) }
            throw HostError(code: .other(code), path: path, detail: "another agent uses this queue")
        }
        lock = descriptor
        self.path = path
        self.files = files
    }

    deinit { close(lock) }

    /// Throws where it cannot be used at present; `.missing` where another directory or nothing is in its place, so that it
    /// has to be opened again. To be called before each use.
    func check() throws(HostError) {
        if let silence = files.silence(path) { throw silence }
        var (own, present) = (stat(), stat())
        guard stat(path, &present) == 0 else { throw HostError(errno: errno, path: path) }
        // What is open is not there either where a server forgot it (ESTALE).
        guard fstat(lock, &own) == 0, own.st_dev == present.st_dev, own.st_ino == present.st_ino else {
            throw HostError(code: .missing, path: path, detail: "another directory is in its place")
        }
    }

    private func name(_ item: PushItem) -> String { "\(path)/\(item.fileName)" }

    /// What waits, oldest first, and the data points of what cannot be used, which is removed: what an earlier run did not
    /// finish to write, and what a machine that lost its power left empty.
    func list() throws(HostError) -> (items: [PushItem], lostPoints: Int) {
        var (items, lostPoints) = ([PushItem](), 0)
        for entry in try listDirectory(path) {
            var place = "\(path)/\(entry.name)"
            guard let (known, state) = Self.read(name: entry.name), let size = try Self.size(at: place) else {
                continue
            }
            if case .half(let whole) = state {
                guard try Self.size(at: "\(path)/\(whole)") == nil else {
                    // The request is still there.
                    unlink(place)
                    continue
                }
                guard rename(place, name(known)) == 0 else { throw HostError(errno: errno, path: place) }
                place = name(known)
            }
            guard state != .unfinished, (1...Self.largest).contains(size), items.count < Self.mostFiles else {
                lostPoints += known.points
                unlink(place)
                continue
            }
            items.append(
                PushItem(
                    number: known.number, part: known.part, points: known.points, size: size, kind: known.kind,
                    body: nil))
        }
        return (items.sorted { ($0.number, $0.part) < ($1.number, $1.part) }, lostPoints)
    }

    private enum State: Equatable {
        case whole, unfinished
        /// Of the request in the file of this name.
        case half(String)
    }

    /// nil for a name that is not given here.
    private static func read(name: String) -> (PushItem, State)? {
        if name.hasSuffix(temporarySuffix) {
            return PushItem(fileName: String(name.dropLast(temporarySuffix.count)), size: 0).map { ($0, .unfinished) }
        }
        guard let mark = name.firstRange(of: halfSuffix) else {
            return PushItem(fileName: name, size: 0).map { ($0, .whole) }
        }
        guard let item = PushItem(fileName: String(name[..<mark.lowerBound]), size: 0),
            let whole = PushItem(stem: name[mark.upperBound...], kind: item.kind, size: 0), item.number == whole.number,
            item.part.dropLast() == whole.part, !item.part.isEmpty
        else { return nil }
        return (item, .half(whole.fileName))
    }

    /// Of a regular file, bytes; nil where there is none.
    private static func size(at path: String) throws(HostError) -> Int? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw HostError(errno: errno, path: path) }
            return nil
        }
        return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }

    /// Complete or not at all.
    func write(_ item: PushItem) throws(HostError) {
        let name = name(item)
        try write(item, as: name + Self.temporarySuffix)
        guard rename(name + Self.temporarySuffix, name) == 0 else {
            let code = errno
            unlink(name + Self.temporarySuffix)
            throw HostError(errno: code, path: name)
        }
    }

    private func write(_ item: PushItem, as name: String) throws(HostError) {
        let file = try OwnFile(creating: name)
        do throws(HostError) {
            try file.write(item.body ?? [])
        } catch {
            unlink(name)
            throw HostError(code: error.code, path: path, detail: error.detail)
        }
    }

    /// Replaces a request by its halves: all of them or none, whenever the process ends.
    func replace(_ item: PushItem, with halves: [PushItem]) throws(HostError) {
        let names = halves.map { (temporary: name($0) + Self.halfSuffix + item.stem, final: name($0)) }
        do throws(HostError) {
            for (half, name) in zip(halves, names) { try write(half, as: name.temporary) }
            // From here on the halves count.
            guard remove(item) else { throw HostError(errno: errno, path: name(item)) }
            for name in names where rename(name.temporary, name.final) != 0 {
                throw HostError(errno: errno, path: name.final)
            }
        } catch {
            for name in names {
                unlink(name.temporary)
                unlink(name.final)
            }
            throw error
        }
    }

    /// nil where the file is gone, or is not the one that was listed. Throws where that cannot be known at present.
    func read(_ item: PushItem) throws(HostError) -> [UInt8]? {
        let name = name(item)
        let body: [UInt8]
        do throws(HostError) {
            body = try files.read(name, Self.largest + 1)
        } catch {
            // Only what certainly is no more: a disk that was taken out, for instance, may come back.
            guard try Self.size(at: name) == nil else { throw error }
            try check()
            return nil
        }
        return body.count == item.size ? body : nil
    }

    /// False where its file is still there.
    func remove(_ item: PushItem) -> Bool { unlink(name(item)) == 0 || errno == ENOENT }
}
