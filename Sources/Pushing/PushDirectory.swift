internal import Glibc
internal import Linux

/// Requests as files of one directory: `NUMBER-POINTS.pb.gz`. Other files there are left alone.
struct PushDirectory {
    let path: String

    private static let temporarySuffix = ".new"
    /// Larger files are none of ours, bytes.
    private static let largest = 64 << 20
    /// Far more than fit.
    private static let mostFiles = 100_000

    init(_ path: String) {
        self.path = path
    }

    private func name(_ item: PushItem) -> String {
        "\(path)/\(digits(item.number))-\(item.points).\(item.kind.suffix)"
    }

    private func digits(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 20 - text.count)) + text
    }

    /// What waits, oldest first. The directory is made where it is missing.
    func list() throws(HostError) -> [PushItem] {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw HostError(errno: errno, path: path) }
        var items: [PushItem] = []
        for entry in try listDirectory(path).prefix(Self.mostFiles) {
            let text = entry.name
            if text.hasSuffix(Self.temporarySuffix) {
                // Of a run that ended while it wrote.
                if parse(String(text.dropLast(Self.temporarySuffix.count)), size: 0) != nil {
                    unlink("\(path)/\(text)")
                }
                continue
            }
            var status = stat()
            guard lstat("\(path)/\(text)", &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                (1...Self.largest).contains(Int(status.st_size)), let item = parse(text, size: Int(status.st_size))
            else { continue }
            items.append(item)
        }
        return items.sorted { $0.number < $1.number }
    }

    private func parse(_ name: String, size: Int) -> PushItem? {
        let parts = name.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let kind = PushKind(suffix: parts[1]) else { return nil }
        let numbers = parts[0].split(separator: "-")
        guard numbers.count == 2, numbers[0].count == 20, let number = UInt64(numbers[0]), number < .max,
            let points = Int(numbers[1]), (0...10_000_000).contains(points)
        else { return nil }
        return PushItem(number: number, points: points, size: size, kind: kind, body: nil)
    }

    /// Complete or not at all.
    func write(_ item: PushItem) throws(HostError) {
        let name = name(item)
        let file = try OwnFile(creating: name + Self.temporarySuffix)
        do throws(HostError) {
            try file.write(item.body ?? [])
        } catch {
            unlink(name + Self.temporarySuffix)
            throw error
        }
        guard rename(name + Self.temporarySuffix, name) == 0 else {
            let code = errno
            unlink(name + Self.temporarySuffix)
            throw HostError(errno: code, path: name)
        }
    }

    func read(_ item: PushItem) -> [UInt8]? {
        guard let body = try? readFile(name(item), limit: Self.largest + 1), body.count == item.size else { return nil }
        return body
    }

    func remove(_ item: PushItem) { unlink(name(item)) }
}
