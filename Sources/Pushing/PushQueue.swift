internal import Linux

/// A request that waits to be sent.
package struct PushItem: Sendable, Equatable {
    /// Counts up: the lowest is the oldest.
    package let number: UInt64
    /// Data points in it.
    package let points: Int
    /// Bytes, as they are sent.
    package let size: Int
    let kind: PushKind
    /// nil where it is on the disk.
    let body: [UInt8]?
}

/// How the body of a request is written.
package struct PushKind: Sendable, Equatable {
    /// For the header `Content-Type`.
    package let isProtobuf: Bool
    package let isCompressed: Bool

    var suffix: String { (isProtobuf ? "pb" : "json") + (isCompressed ? ".gz" : "") }

    init(isProtobuf: Bool, isCompressed: Bool) {
        self.isProtobuf = isProtobuf
        self.isCompressed = isCompressed
    }

    init?(suffix: some StringProtocol) {
        let all = [(true, true), (true, false), (false, true), (false, false)].map {
            PushKind(isProtobuf: $0, isCompressed: $1)
        }
        guard let kind = all.first(where: { $0.suffix == suffix }) else { return nil }
        self = kind
    }
}

/// Requests that wait to be sent, oldest first, within a number of bytes: where there is no room, the oldest go and are
/// counted. In a directory they survive a restart.
///
/// Belongs to one thread: calls may take as long as the directory's file system does.
package struct PushQueue {
    private var items: [PushItem] = []
    private var next: UInt64 = 1
    private let directory: PushDirectory?
    private let limit: Int
    /// Bytes of all that waits.
    package private(set) var size = 0
    /// Data points that had to go, since the start.
    package private(set) var droppedPoints: UInt64 = 0
    /// Why the directory cannot be used at present; nil where it can, or there is none.
    package private(set) var diskFault: String?

    package var count: Int { items.count }

    /// - Parameter directory: where they wait; nil for memory. What an earlier run left there comes first.
    package init(limit: Int, directory: String? = nil) {
        self.limit = limit
        self.directory = directory.map(PushDirectory.init)
        guard let directory = self.directory else { return }
        do throws(HostError) {
            items = try directory.list()
            size = items.reduce(0) { $0 + $1.size }
            next = (items.last?.number ?? 0) + 1
        } catch {
            diskFault = "\(error)"
        }
        makeRoom(0)
    }

    /// Adds a request. One that is larger than all of the queue is dropped at once.
    package mutating func append(_ body: [UInt8], points: Int, _ kind: PushKind) {
        makeRoom(body.count)
        guard body.count <= limit else {
            droppedPoints += UInt64(points)
            return
        }
        var item = PushItem(number: next, points: points, size: body.count, kind: kind, body: body)
        next += 1
        if let directory {
            do throws(HostError) {
                try directory.write(item)
                item = PushItem(number: item.number, points: points, size: body.count, kind: kind, body: nil)
                diskFault = nil
            } catch {
                // It waits in memory then, within the same number of bytes.
                diskFault = "\(error)"
            }
        }
        items.append(item)
        size += item.size
    }

    /// The oldest, and its body; nil where there is none. One whose file is gone or damaged is dropped.
    package mutating func first() -> (item: PushItem, body: [UInt8])? {
        while let item = items.first {
            if let body = item.body ?? directory?.read(item) { return (item, body) }
            droppedPoints += UInt64(item.points)
            remove(item.number)
        }
        return nil
    }

    /// Removes one, for instance because it was sent; no harm where it has gone already.
    package mutating func remove(_ number: UInt64) {
        guard let index = items.firstIndex(where: { $0.number == number }) else { return }
        let item = items.remove(at: index)
        size -= item.size
        if item.body == nil { directory?.remove(item) }
    }

    private mutating func makeRoom(_ bytes: Int) {
        while size + bytes > limit, let oldest = items.first {
            droppedPoints += UInt64(oldest.points)
            remove(oldest.number)
        }
    }
}
