internal import Linux

/// Requests that wait to be sent, oldest first, within a number of bytes: where there is no room, the oldest are dropped
/// and counted. In a directory they survive a restart; while it cannot be used, new ones wait in memory, and move there
/// once it can.
///
/// Belongs to one thread: calls may take as long as the directory's file system does.
package struct PushQueue {
    private var items: [PushItem] = []
    private var next: UInt64 = 1
    private let path: String?
    private let files: PushFiles
    /// Opened again whenever it is needed and not open.
    private var directory: PushDirectory?
    private let limit: Int
    private let memoryLimit: Int
    /// The request that is being sent: whether it is lost is known at its end.
    private var current: PushItem.ID?
    /// Bytes of all that waits.
    package private(set) var size = 0
    /// Bytes of what waits in memory.
    package private(set) var memorySize = 0
    /// Data points that were dropped, since the start.
    package private(set) var droppedPoints: UInt64 = 0
    /// Those of them that were lost in the directory: files that were gone or damaged.
    package private(set) var damagedPoints: UInt64 = 0

    /// Why the directory could not be used, why nothing could be written there, and why some files could not be read, each
    /// when it was last tried.
    private var accessFault: String?
    private var writeFault: String?
    private var readFault: String?
    /// Files that could not be read, with the round in which that was tried: once in each. A round begins with each new
    /// request.
    private var unreadable: [PushItem.ID: UInt64] = [:]
    private var round: UInt64 = 0
    /// Requests that are done with, whose files could not be removed.
    private var leftovers: [PushItem] = []

    /// Why the directory cannot be used at present, or a part of it; nil where it can, or there is none.
    package var diskFault: String? { accessFault ?? writeFault ?? (unreadable.isEmpty ? nil : readFault) }

    package var count: Int { items.count }
    /// Requests and data points that do not survive the end of the process.
    package var inMemory: (requests: Int, points: Int) { Self.sum(items.filter { !$0.isOnDisk }) }
    package var onDisk: (requests: Int, points: Int) { Self.sum(items.filter(\.isOnDisk)) }

    private static func sum(_ items: [PushItem]) -> (requests: Int, points: Int) {
        (items.count, items.reduce(0) { $0 + $1.points })
    }

    /// - Parameters:
    ///   - limit: bytes of all requests at most.
    ///   - memoryLimit: bytes of those in memory at most; nil for the same.
    ///   - directory: where they wait; nil for memory. What an earlier run left there comes first.
    package init(
        limit: Int, memoryLimit: Int? = nil, directory path: String? = nil, files: PushFiles = PushFiles()
    ) {
        self.limit = limit
        self.memoryLimit = min(memoryLimit ?? limit, limit)
        self.path = path
        self.files = files
        _ = usableDirectory()
        makeRoom(0)
    }

    /// Adds a request. One that is larger than all of the queue is dropped at once.
    package mutating func append(_ body: [UInt8], points: Int, _ kind: PushKind) {
        round += 1
        let directory = usableDirectory()
        guard body.count <= limit else { return drop(points) }
        makeRoom(body.count)
        let isWritable = directory.map { moveMemory(to: $0) } ?? false
        let item = PushItem(number: next, part: "", points: points, size: body.count, kind: kind, body: body)
        next += 1
        if let directory, isWritable, store(item, in: directory) {
            items.append(item.stored)
            size += item.size
            return
        }
        guard body.count <= memoryLimit else { return drop(points) }
        makeRoomInMemory(body.count)
        items.append(item)
        size += item.size
        memorySize += item.size
    }

    /// The oldest that can be had, and its body; nil where there is none. One whose file is gone or damaged is dropped; one
    /// whose file cannot be read at present waits on. It stays in the queue until ``finish(_:isDone:)`` or
    /// ``replace(_:with:)``.
    package mutating func first() -> (item: PushItem, body: [UInt8])? {
        let directory = usableDirectory()
        makeRoom(0)
        var index = 0
        while index < items.count {
            let item = items[index]
            if let body = item.body {
                current = item.id
                return (item, body)
            }
            guard let directory, unreadable[item.id] != round else {
                index += 1
                continue
            }
            do throws(HostError) {
                let body = try directory.read(item)
                unreadable[item.id] = nil
                if let body {
                    current = item.id
                    return (item, body)
                }
                drop(item.points, isDamaged: true)
                remove(at: index)
            } catch {
                unreadable[item.id] = round
                readFault = "\(error)"
                index += 1
            }
        }
        return nil
    }

    /// Ends the sending of a request.
    ///
    /// - Parameter isDone: whether it need not be sent again; else it waits on, unless it had to make room meanwhile.
    package mutating func finish(_ item: PushItem, isDone: Bool) {
        current = nil
        let index = items.firstIndex { $0.id == item.id }
        if let index {
            if isDone { remove(at: index) }
        } else if !isDone {
            drop(item.points)
        }
    }

    /// Ends the sending of a request that was too large: its halves are in its place from now on, also after a restart.
    mutating func replace(_ item: PushItem, with parts: [RequestDivision.Part]) {
        current = nil
        let directory = item.isOnDisk ? usableDirectory() : nil
        guard let index = items.firstIndex(where: { $0.id == item.id }) else { return drop(item.points) }
        var halves = item.halves(parts)
        if let directory {
            do throws(HostError) {
                try directory.replace(item, with: halves)
                halves = halves.map(\.stored)
                writeFault = nil
            } catch {
                writeFault = "\(error)"
            }
        }
        if item.isOnDisk, halves.contains(where: { !$0.isOnDisk }) { erase(item) }
        if !item.isOnDisk { memorySize -= item.size }
        memorySize += halves.reduce(0) { $0 + ($1.isOnDisk ? 0 : $1.size) }
        size += halves.reduce(0) { $0 + $1.size } - item.size
        items.replaceSubrange(index...index, with: halves)
        makeRoomInMemory(0)
    }

    // MARK: Room

    private mutating func drop(_ points: Int, isDamaged: Bool = false) {
        droppedPoints += UInt64(points)
        if isDamaged { damagedPoints += UInt64(points) }
    }

    private mutating func remove(at index: Int) {
        let item = items.remove(at: index)
        size -= item.size
        unreadable[item.id] = nil
        if item.isOnDisk { erase(item) } else { memorySize -= item.size }
    }

    private mutating func makeRoom(_ bytes: Int) {
        while size + bytes > limit, !items.isEmpty { evict(at: 0) }
    }

    private mutating func makeRoomInMemory(_ bytes: Int) {
        while memorySize + bytes > memoryLimit, let index = items.firstIndex(where: { !$0.isOnDisk }) {
            evict(at: index)
        }
    }

    private mutating func evict(at index: Int) {
        if items[index].id != current { drop(items[index].points) }
        remove(at: index)
    }

    // MARK: The directory

    /// nil where it cannot be used at present, or there is none.
    private mutating func usableDirectory() -> PushDirectory? {
        guard let path else { return nil }
        do throws(HostError) {
            do throws(HostError) {
                try directory?.check()
            } catch {
                guard error.code == .missing else { throw error }
                directory = nil
            }
            let usable = if let directory { directory } else { try open(path) }
            directory = usable
            accessFault = nil
            leftovers.removeAll { usable.remove($0) }
            return usable
        } catch {
            accessFault = "\(error)"
            return nil
        }
    }

    /// Takes over what is in it, and drops what no longer is.
    private mutating func open(_ path: String) throws(HostError) -> PushDirectory {
        let directory = try PushDirectory(path, files)
        let (found, lostPoints) = try directory.list()
        drop(lostPoints, isDamaged: true)
        let present = Set(found.map(\.id))
        for item in items where item.isOnDisk && !present.contains(item.id) {
            // Of the one that is being sent the end will be known.
            if item.id != current { drop(item.points, isDamaged: true) }
            unreadable[item.id] = nil
        }
        items.removeAll { $0.isOnDisk && !present.contains($0.id) }
        let known = Set((items + leftovers).map(\.id))
        let old = found.filter { !known.contains($0.id) }
        // What an earlier run left is older than all that waits in memory.
        if let last = old.last?.number {
            next = max(next, last + 1)
            for index in items.indices where !items[index].isOnDisk && items[index].id != current {
                items[index] = items[index].renumbered(next)
                next += 1
            }
        }
        items = old + items
        size = items.reduce(0) { $0 + $1.size }
        return directory
    }

    /// Moves there what had to wait in memory; false where that fails.
    private mutating func moveMemory(to directory: PushDirectory) -> Bool {
        for index in items.indices where !items[index].isOnDisk && items[index].id != current {
            guard store(items[index], in: directory) else { return false }
            memorySize -= items[index].size
            items[index] = items[index].stored
        }
        return true
    }

    private mutating func store(_ item: PushItem, in directory: PushDirectory) -> Bool {
        do throws(HostError) {
            try directory.write(item)
            writeFault = nil
            return true
        } catch {
            writeFault = "\(error)"
            return false
        }
    }

    /// Removes a request's file, now or as soon as that is possible.
    private mutating func erase(_ item: PushItem) {
        do throws(HostError) {
            try directory?.check()
            if let directory, directory.remove(item) { return }
        } catch {
            accessFault = "\(error)"
        }
        leftovers.append(item)
    }
}
