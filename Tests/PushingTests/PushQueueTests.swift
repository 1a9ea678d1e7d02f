import Glibc
import Linux
import Synchronization
import TestSupport
import Testing

@testable import Pushing

@Suite struct PushQueueTests {
    private let kind = PushKind(isProtobuf: true, isCompressed: true)

    private func body(_ number: UInt8, _ size: Int = 10) -> [UInt8] { [UInt8](repeating: number, count: size) }

    /// Everything in it, in the order in which it would be sent.
    private func drain(_ queue: inout PushQueue) -> [UInt8] {
        var found: [UInt8] = []
        while let (item, body) = queue.first() {
            found.append(body[0])
            queue.finish(item, isDone: true)
        }
        return found
    }

    @Test(arguments: [false, true]) func theOldestComesFirst(_ isOnDisk: Bool) throws {
        let directory = try TemporaryDirectory()
        var queue = PushQueue(limit: 1000, directory: isOnDisk ? directory.path : nil)
        for number in 1...12 { queue.append(body(UInt8(number)), points: 3, kind) }
        #expect(queue.count == 12 && queue.size == 120 && queue.memorySize == (isOnDisk ? 0 : 120))
        // What could not be sent stays the first.
        let item = try #require(queue.first()?.item)
        #expect(item.points == 3 && item.kind == kind && item.size == 10)
        queue.finish(item, isDone: false)
        #expect(drain(&queue) == Array(1...12))
        #expect(queue.count == 0 && queue.size == 0 && queue.memorySize == 0 && queue.droppedPoints == 0)
        #expect(try listDirectory(directory.path).isEmpty)
    }

    @Test(arguments: [false, true]) func theOldestIsDroppedWhereThereIsNoRoom(_ isOnDisk: Bool) throws {
        let directory = try TemporaryDirectory()
        var queue = PushQueue(limit: 35, directory: isOnDisk ? directory.path : nil)
        for number in 1...5 { queue.append(body(UInt8(number)), points: number, kind) }
        #expect(queue.count == 3 && queue.size == 30 && queue.droppedPoints == 3)
        queue.append(body(6, 36), points: 100, kind)
        #expect(queue.count == 3 && queue.droppedPoints == 103)
        queue.append(body(7, 35), points: 1, kind)
        #expect(drain(&queue) == [7] && queue.droppedPoints == 115)
    }

    /// It may be delivered yet: only its end says whether it is lost.
    @Test(arguments: [true, false]) func whatIsBeingSentIsCountedAtItsEnd(_ isDelivered: Bool) throws {
        var queue = PushQueue(limit: 20)
        queue.append(body(1), points: 5, kind)
        let item = try #require(queue.first()?.item)
        for number in 2...3 { queue.append(body(UInt8(number)), points: 7, kind) }
        #expect(queue.droppedPoints == 0 && queue.size == 20)
        queue.finish(item, isDone: isDelivered)
        #expect(queue.droppedPoints == (isDelivered ? 0 : 5))
        #expect(drain(&queue) == [2, 3])
    }

    @Test func aRestartFindsWhatWaited() throws {
        let directory = try TemporaryDirectory()
        var first: PushQueue? = PushQueue(limit: 100, directory: directory.path)
        for number in 1...3 { first?.append(body(UInt8(number)), points: number, kind) }
        first?.append(body(4), points: 4, PushKind(isProtobuf: false, isCompressed: false))
        first = nil
        var second = PushQueue(limit: 100, directory: directory.path)
        #expect(second.count == 4 && second.size == 40 && second.diskFault == nil)
        second.append(body(5), points: 5, kind)
        let item = try #require(second.first()?.item)
        #expect(item.points == 1 && item.kind == kind)
        #expect(drain(&second) == [1, 2, 3, 4, 5])
    }

    @Test func aSmallerLimitDropsTheOldestAtTheStart() throws {
        let directory = try TemporaryDirectory()
        var first: PushQueue? = PushQueue(limit: 100, directory: directory.path)
        for number in 1...5 { first?.append(body(UInt8(number)), points: 1, kind) }
        first = nil
        var second = PushQueue(limit: 20, directory: directory.path)
        #expect(second.droppedPoints == 3)
        #expect(drain(&second) == [4, 5])
    }

    /// Of others nothing is touched, and nothing of them is sent.
    @Test func foreignAndDamagedFiles() throws {
        let directory = try TemporaryDirectory()
        let name = "00000000000000000007-3.pb.gz"
        let foreign = [
            "notes.txt", "00000000000000000001-3.pb.gz.bak", "1-3.pb.gz", "00000000000000000002-x.pb.gz",
            "0000000000000000000a-1.pb", "00000000000000000003-3.xml", "18446744073709551615-1.pb",
            "00000000000000000004-03.pb", "notes.new",
        ]
        for file in foreign { try directory.write("x", to: file) }
        try directory.write("whole", to: name)
        // Half-written, and one that a loss of power left.
        try directory.write("hal", to: "00000000000000000008-3.pb.gz.new")
        try directory.write("", to: "00000000000000000009-3.pb.gz")
        // A link and a directory with the name of a request.
        symlink("/etc/passwd", directory.path + "/00000000000000000010-3.pb.gz")
        mkdir(directory.path + "/00000000000000000011-3.pb.gz", 0o755)
        var queue = PushQueue(limit: 1 << 20, directory: directory.path)
        #expect(queue.count == 1 && queue.diskFault == nil)
        #expect(queue.first()?.body == Array("whole".utf8))
        queue.append(body(1), points: 1, kind)
        #expect(drain(&queue) == [UInt8(ascii: "w"), 1])
        let left = try listDirectory(directory.path).map(\.name).sorted()
        #expect(left == (foreign + ["00000000000000000010-3.pb.gz", "00000000000000000011-3.pb.gz"]).sorted())
    }

    /// Somebody removed or changed a file that waited.
    @Test func whatIsGoneIsDroppedAndCounted() throws {
        let directory = try TemporaryDirectory()
        var queue = PushQueue(limit: 100, directory: directory.path)
        for number in 1...3 { queue.append(body(UInt8(number)), points: number, kind) }
        unlink(directory.path + "/00000000000000000001-1.pb.gz")
        try directory.write("short", to: "00000000000000000002-2.pb.gz")
        #expect(drain(&queue) == [3] && queue.droppedPoints == 3 && queue.size == 0)
    }

    /// Memory in its place, and no more of it than without a directory; what waits there moves back.
    @Test func aDirectoryThatCannotBeWritten() throws {
        let parent = try TemporaryDirectory()
        let path = parent.path + "/queue"
        var queue = PushQueue(limit: 1000, memoryLimit: 25, directory: path)
        queue.append(body(1), points: 1, kind)
        removeTree(path)
        try parent.write("x", to: "queue")
        for number in 2...5 { queue.append(body(UInt8(number)), points: number, kind) }
        #expect(queue.diskFault?.contains(path) == true && queue.memorySize == 20)
        // The first may come back with the directory.
        #expect(queue.droppedPoints == 2 + 3 && queue.count == 3 && queue.inMemory == (2, 9))
        unlink(path)
        queue.append(body(6), points: 6, kind)
        #expect(queue.diskFault == nil && queue.memorySize == 0 && queue.onDisk == (3, 15))
        // It has not.
        #expect(queue.droppedPoints == 2 + 3 + 1 && queue.damagedPoints == 1)
        #expect(try listDirectory(path).count == 3)
        #expect(drain(&queue) == [4, 5, 6] && queue.droppedPoints == 6)
    }

    /// At the start, too: it is tried again, and then what an earlier run left comes first.
    @Test func aDirectoryThatComesLate() throws {
        let parent = try TemporaryDirectory()
        let path = parent.path + "/a/queue"
        mkdir(parent.path + "/a", 0o700)
        var first: PushQueue? = PushQueue(limit: 1000, directory: path)
        for number in 1...3 { first?.append(body(UInt8(number)), points: 1, kind) }
        first = nil
        #expect(rename(parent.path + "/a", parent.path + "/b") == 0)
        var second = PushQueue(limit: 1000, directory: path)
        #expect(second.diskFault?.contains("No such file") == true)
        second.append(body(4), points: 1, kind)
        // One that is being sent has its number.
        let item = try #require(second.first()?.item)
        second.append(body(5), points: 1, kind)
        #expect(second.count == 2 && second.memorySize == 20)
        #expect(rename(parent.path + "/b", parent.path + "/a") == 0)
        second.append(body(6), points: 1, kind)
        #expect(second.diskFault == nil && second.count == 6 && second.inMemory.requests == 1)
        second.finish(item, isDone: true)
        #expect(drain(&second) == [1, 2, 3, 5, 6] && second.droppedPoints == 0)
        #expect(try listDirectory(path).isEmpty)
    }

    /// A directory that goes and comes back, such as one on another machine.
    @Test func aDirectoryThatIsAwayForAWhile() throws {
        let parent = try TemporaryDirectory()
        let path = parent.path + "/a/queue"
        mkdir(parent.path + "/a", 0o700)
        var queue = PushQueue(limit: 1000, directory: path)
        for number in 1...2 { queue.append(body(UInt8(number)), points: 1, kind) }
        #expect(rename(parent.path + "/a", parent.path + "/b") == 0)
        let away = queue.first()
        #expect(away == nil && queue.diskFault != nil)
        queue.append(body(3), points: 1, kind)
        #expect(queue.first()?.body.first == 3)
        #expect(rename(parent.path + "/b", parent.path + "/a") == 0)
        #expect(drain(&queue) == [1, 2, 3] && queue.diskFault == nil && queue.droppedPoints == 0)
    }

    /// It may be read the next time: nothing is lost, and others are not kept waiting.
    @Test(arguments: [EIO, EMFILE, ESTALE, EACCES]) func aFileThatCannotBeReadForAWhile(_ code: Int32) throws {
        let directory = try TemporaryDirectory()
        let broken = Mutex<Set<UInt8>>([1, 3])
        let attempts = Mutex(0)
        var files = PushFiles()
        files.read = { (path, limit) throws(HostError) in
            let body = try readFile(path, limit: limit)
            guard broken.withLock({ $0.contains(body[0]) }) else { return body }
            attempts.withLock { $0 += 1 }
            throw HostError(errno: code, path: path)
        }
        var queue = PushQueue(limit: 1000, directory: directory.path, files: files)
        for number in 1...4 { queue.append(body(UInt8(number)), points: 1, kind) }
        #expect(drain(&queue) == [2, 4])
        #expect(queue.count == 2 && queue.droppedPoints == 0 && queue.diskFault?.contains(directory.path) == true)
        // Once only, until there is something new.
        let again = queue.first()
        #expect(again == nil && attempts.withLock(\.self) == 2)
        broken.withLock { $0 = [3] }
        queue.append(body(5), points: 1, kind)
        #expect(drain(&queue) == [1, 5] && queue.diskFault != nil)
        broken.withLock { $0 = [] }
        queue.append(body(6), points: 1, kind)
        #expect(drain(&queue) == [3, 6] && queue.diskFault == nil && queue.droppedPoints == 0)
        #expect(try listDirectory(directory.path).isEmpty)
    }

    /// What was sent while the file system did not answer is not sent again, and its file is removed later.
    @Test func whatCannotBeRemovedAtOnce() throws {
        let directory = try TemporaryDirectory()
        let isSilent = Mutex(false)
        var files = PushFiles()
        files.silence = { path in
            isSilent.withLock(\.self) ? HostError(code: .other(ETIMEDOUT), path: path, detail: "no answer") : nil
        }
        var queue = PushQueue(limit: 1000, directory: directory.path, files: files)
        for number in 1...2 { queue.append(body(UInt8(number)), points: 1, kind) }
        let item = try #require(queue.first()?.item)
        isSilent.withLock { $0 = true }
        queue.finish(item, isDone: true)
        let silent = queue.first()
        #expect(silent == nil && queue.count == 1 && queue.diskFault?.contains("no answer") == true)
        #expect(try listDirectory(directory.path).count == 2)
        isSilent.withLock { $0 = false }
        #expect(drain(&queue) == [2] && queue.diskFault == nil)
        #expect(try listDirectory(directory.path).isEmpty)
    }

    // MARK: Division

    private let halves = [
        RequestDivision.Part(body: [11, 0, 0], points: 3), RequestDivision.Part(body: [12, 0, 0], points: 4),
    ]

    @Test(arguments: [false, true]) func halvesTakeThePlaceOfTheWhole(_ isOnDisk: Bool) throws {
        let directory = try TemporaryDirectory()
        var queue = PushQueue(limit: 1000, directory: isOnDisk ? directory.path : nil)
        for number in 1...2 { queue.append(body(UInt8(number)), points: 7, kind) }
        let whole = try #require(queue.first()?.item)
        queue.replace(whole, with: halves)
        #expect(queue.count == 3 && queue.size == 16 && queue.memorySize == (isOnDisk ? 0 : 16))
        let found = queue.first()
        let first = try #require(found)
        #expect(first.body == [11, 0, 0] && first.item.points == 3)
        let quarters = [RequestDivision.Part(body: [21], points: 1), RequestDivision.Part(body: [22], points: 2)]
        queue.replace(first.item, with: quarters)
        let names = try listDirectory(directory.path).map(\.name).sorted()
        let stems = ["1aa-1", "1ab-2", "1b-4", "2-7"]
        #expect(names == (isOnDisk ? stems.map { String(repeating: "0", count: 19) + $0 + ".pb.gz" } : []))
        if isOnDisk {
            queue = PushQueue(limit: 1)
            queue = PushQueue(limit: 1000, directory: directory.path)
        }
        #expect(drain(&queue) == [21, 22, 12, 2] && queue.droppedPoints == 0 && queue.size == 0)
    }

    /// Wherever the process ended: the whole or its halves.
    @Test(arguments: [true, false]) func aDivisionThatWasBrokenOff(_ isWholeThere: Bool) throws {
        let directory = try TemporaryDirectory()
        let whole = "00000000000000000007-7"
        if isWholeThere { try directory.write("whole", to: whole + ".pb.gz") }
        try directory.write("1st", to: "00000000000000000007a-3.pb.gz.of-\(whole)")
        try directory.write("2nd", to: "00000000000000000007b-4.pb.gz" + (isWholeThere ? ".of-\(whole)" : ""))
        // Of nothing that this names.
        try directory.write("x", to: "00000000000000000008a-3.pb.gz.of-\(whole)")
        var queue = PushQueue(limit: 1000, directory: directory.path)
        #expect(drain(&queue) == (isWholeThere ? "w" : "12").utf8.map(\.self))
        #expect(queue.droppedPoints == 0)
        #expect(try listDirectory(directory.path).map(\.name) == ["00000000000000000008a-3.pb.gz.of-\(whole)"])
    }

    /// The halves wait in memory then, and the whole is not sent again.
    @Test func aDivisionThatCannotBeWritten() throws {
        let directory = try TemporaryDirectory()
        var queue = PushQueue(limit: 1000, directory: directory.path)
        queue.append(body(1), points: 7, kind)
        let item = try #require(queue.first()?.item)
        // In the way of the second half.
        mkdir(directory.path + "/00000000000000000001b-4.pb.gz.of-00000000000000000001-7", 0o700)
        queue.replace(item, with: halves)
        #expect(queue.inMemory == (2, 7) && queue.memorySize == 6 && queue.size == 6 && queue.diskFault != nil)
        #expect(try listDirectory(directory.path).count == 1)
        #expect(drain(&queue) == [11, 12] && queue.droppedPoints == 0)
    }

    /// It had to make room while it was on its way.
    @Test func halvesOfWhatIsNoMoreAreLost() throws {
        var queue = PushQueue(limit: 10)
        queue.append(body(1), points: 7, kind)
        let item = try #require(queue.first()?.item)
        queue.append(body(2), points: 1, kind)
        queue.replace(item, with: halves)
        #expect(drain(&queue) == [2] && queue.droppedPoints == 7)
    }

    /// What an earlier run could not finish to write was lost then: it is counted now.
    @Test func whatAnEarlierRunLostIsCounted() throws {
        let directory = try TemporaryDirectory()
        try directory.write("hal", to: "00000000000000000008-3.pb.gz.new")
        try directory.write("", to: "00000000000000000009-4.pb.gz")
        let queue = PushQueue(limit: 100, directory: directory.path)
        #expect(queue.count == 0 && queue.droppedPoints == 7 && queue.damagedPoints == 7)
        #expect(try listDirectory(directory.path).isEmpty)
    }

    /// Two agents would send everything twice.
    @Test func oneAgentHasADirectory() throws {
        let directory = try TemporaryDirectory()
        var first: PushQueue? = PushQueue(limit: 100, directory: directory.path)
        first?.append(body(1), points: 1, kind)
        var second = PushQueue(limit: 100, directory: directory.path)
        #expect(second.count == 0 && second.diskFault?.contains("another agent") == true)
        first = nil
        #expect(drain(&second) == [1] && second.diskFault == nil)
    }

    @Test func filesAreForTheOwnerOnly() throws {
        let parent = try TemporaryDirectory()
        var queue = PushQueue(limit: 100, directory: parent.path + "/queue")
        queue.append(body(1), points: 1, kind)
        var status = stat()
        #expect(stat(parent.path + "/queue", &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(stat(parent.path + "/queue/00000000000000000001-1.pb.gz", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }
}
