internal import Linux

/// A request that waits to be sent.
package struct PushItem: Sendable, Equatable {
    /// Counts up: the lowest is the oldest.
    package let number: UInt64
    /// Data points in it.
    package let points: Int
    /// Bytes, as they are sent.
    package let size: Int
    package let kind: PushKind
    /// nil where it is on the disk.
    let body: [UInt8]?
}

/// Requests that wait to be sent, oldest first, within a number of bytes: where there is no room, the oldest are dropped
/// and counted. In a directory they survive a restart; where it cannot be used, new ones wait in memory.
///
/// Belongs to one thread: calls may take as long as the directory's file system does.
package struct PushQueue {
    private var items: [PushItem] = []
    private var next: UInt64 = 1
    private var directory: PushDirectory?
    private let limit: Int
    private let memoryLimit: Int
    /// The request that is being sent: whether it is lost is known at its end.
    private var current: UInt64?
    /// Bytes of all that waits.
    package private(set) var size = 0
    /// Bytes of what waits in memory.
    package private(set) var memorySize = 0
    /// Data points that were dropped, since the start.
    package private(set) var droppedPoints: UInt64 = 0
    /// Why the directory cannot be used at present; nil where it can, or there is none.
    package private(set) var diskFault: String?

    package var count: Int { items.count }

    /// - Parameters:
    ///   - limit: bytes of all requests at most.
    ///   - memoryLimit: bytes of those in memory at most; nil for the same.
    ///   - directory: where they wait; nil for memory. What an earlier run left there comes first.
    package init(limit: Int, memoryLimit: Int? = nil, directory path: String? = nil) {
        self.limit = limit
        self.memoryLimit = min(memoryLimit ?? limit, limit)
        guard let path else { return }
        do throws(HostError) {
            let directory = try PushDirectory(path)
            items = try directory.list()
            size = items.reduce(0) { $0 + $1.size }
            next = (items.last?.number ?? 0) + 1
            self.directory = directory
        } catch {
            diskFault = "\(error)"
        }
        makeRoom(0)
    }

    /// Adds a request. One that is larger than all of the queue is dropped at once.
    package mutating func append(_ body: [UInt8], points: Int, _ kind: PushKind) {
        guard body.count <= limit else { return drop(points) }
        makeRoom(body.count)
        let item = PushItem(number: next, points: points, size: body.count, kind: kind, body: body)
        next += 1
        if directory != nil {
            do throws(HostError) {
                try directory?.write(item)
                diskFault = nil
                items.append(PushItem(number: item.number, points: points, size: item.size, kind: kind, body: nil))
                size += item.size
                return
            } catch {
                diskFault = "\(error)"
            }
        }
        guard body.count <= memoryLimit else { return drop(points) }
        makeRoomInMemory(body.count)
        items.append(item)
        size += item.size
        memorySize += item.size
    }

    /// The oldest, and its body; nil where there is none. One whose file is gone or damaged is dropped. It stays in the
    /// queue until ``finish(_:isDone:)``.
    package mutating func first() -> (item: PushItem, body: [UInt8])? {
        while let item = items.first {
            if let body = item.body ?? directory?.read(item) {
                current = item.number
                return (item, body)
            }
            drop(item.points)
            remove(at: 0)
        }
        return nil
    }

    /// Ends the sending of a request.
    ///
    /// - Parameter isDone: whether it need not be sent again; else it waits on, unless it had to make room meanwhile.
    package mutating func finish(_ item: PushItem, isDone: Bool) {
        current = nil
        let index = items.firstIndex { $0.number == item.number }
        if let index {
            if isDone { remove(at: index) }
        } else if !isDone {
            drop(item.points)
        }
    }

    private mutating func drop(_ points: Int) { droppedPoints += UInt64(points) }

    private mutating func remove(at index: Int) {
        let item = items.remove(at: index)
        size -= item.size
        if item.body == nil { directory?.remove(item) } else { memorySize -= item.size }
    }

    private mutating func makeRoom(_ bytes: Int) {
        while size + bytes > limit, !items.isEmpty { evict(at: 0) }
    }

    private mutating func makeRoomInMemory(_ bytes: Int) {
        while memorySize + bytes > memoryLimit, let index = items.firstIndex(where: { $0.body != nil }) {
            evict(at: index)
        }
    }

    private mutating func evict(at index: Int) {
        if items[index].number != current { drop(items[index].points) }
        remove(at: index)
    }
}
