internal import Glibc
internal import Linux

/// Requests as files of one directory: `NUMBER-POINTS.pb.gz`. Other files there are left alone, and so are links.
///
/// Belongs to one process at a time, which keeps a lock on it.
final class PushDirectory {
    let path: String
    private let lock: Int32

    private static let temporarySuffix = ".new"
    /// Bytes; no request is larger.
    private static let largest = 64 << 20
    /// Many more than fit into any limit.
    private static let mostFiles = 100_000

    /// Makes the directory, readable for its owner only, where it is missing; its parent must be there.
    init(_ path: String) throws(HostError) {
        if let silence = PathProbe.silence(at: path, within: 1) { throw silence }
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
    }

    deinit { close(lock) }

    static func fileName(of item: PushItem) -> String {
        let digits = String(item.number)
        let padded = String(repeating: "0", count: max(0, 20 - digits.count)) + digits
        return "\(padded)-\(item.points).\(item.kind.suffix)"
    }

    private func name(_ item: PushItem) -> String { "\(path)/\(Self.fileName(of: item))" }

    /// What waits, oldest first. Removes what an earlier run did not finish to write.
    func list() throws(HostError) -> [PushItem] {
        var items: [PushItem] = []
        for entry in try listDirectory(path) {
            let text = entry.name
            let isTemporary = text.hasSuffix(Self.temporarySuffix)
            let final = isTemporary ? String(text.dropLast(Self.temporarySuffix.count)) : text
            var status = stat()
            guard let known = PushItem(fileName: final, size: 0), lstat("\(path)/\(text)", &status) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            let size = Int(status.st_size)
            // A machine that lost its power leaves empty files.
            guard !isTemporary, (1...Self.largest).contains(size), items.count < Self.mostFiles else {
                unlink("\(path)/\(text)")
                continue
            }
            items.append(
                PushItem(number: known.number, points: known.points, size: size, kind: known.kind, body: nil))
        }
        return items.sorted { $0.number < $1.number }
    }

    /// Complete or not at all.
    func write(_ item: PushItem) throws(HostError) {
        let name = name(item)
        let file = try OwnFile(creating: name + Self.temporarySuffix)
        do throws(HostError) {
            try file.write(item.body ?? [])
        } catch {
            unlink(name + Self.temporarySuffix)
            throw HostError(code: error.code, path: path, detail: error.detail)
        }
        guard rename(name + Self.temporarySuffix, name) == 0 else {
            let code = errno
            unlink(name + Self.temporarySuffix)
            throw HostError(errno: code, path: name)
        }
    }

    /// nil where the file is gone, or is not the one that was listed.
    func read(_ item: PushItem) -> [UInt8]? {
        guard let body = try? readFile(name(item), limit: Self.largest + 1), body.count == item.size else { return nil }
        return body
    }

    func remove(_ item: PushItem) { unlink(name(item)) }
}

extension PushItem {
    /// The request in a file of this name; nil for a name that ``PushDirectory`` does not give.
    package init?(fileName: String, size: Int) {
        let parts = fileName.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = PushKind(suffix: parts[1]) else { return nil }
        let numbers = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        let areDigits = numbers.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard numbers.count == 2, areDigits, numbers[0].utf8.count == 20, let number = UInt64(numbers[0]),
            number < .max,
            let points = Int(numbers[1]), points <= 10_000_000, String(points) == numbers[1]
        else { return nil }
        self.init(number: number, points: points, size: size, kind: kind, body: nil)
    }
}
