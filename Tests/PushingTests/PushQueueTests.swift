import Glibc
import Linux
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

    /// Memory in its place, and no more of it than without a directory.
    @Test func aDirectoryThatCannotBeWritten() throws {
        let parent = try TemporaryDirectory()
        let path = parent.path + "/queue"
        var queue = PushQueue(limit: 1000, memoryLimit: 25, directory: path)
        queue.append(body(1), points: 1, kind)
        removeTree(path)
        for number in 2...5 { queue.append(body(UInt8(number)), points: number, kind) }
        #expect(queue.diskFault?.contains(path) == true && queue.memorySize == 20)
        #expect(queue.droppedPoints == 2 + 3)
        mkdir(path, 0o700)
        queue.append(body(6), points: 6, kind)
        #expect(queue.diskFault == nil && queue.memorySize == 20)
        // The first went with the directory.
        #expect(drain(&queue) == [4, 5, 6] && queue.droppedPoints == 6)
        let absent = PushQueue(limit: 100, directory: parent.path + "/a/b")
        #expect(absent.diskFault?.contains("No such file") == true)
        try parent.write("x", to: "file")
        #expect(PushQueue(limit: 100, directory: parent.path + "/file").diskFault != nil)
    }

    /// Two agents would send everything twice.
    @Test func oneAgentHasADirectory() throws {
        let directory = try TemporaryDirectory()
        var first: PushQueue? = PushQueue(limit: 100, directory: directory.path)
        first?.append(body(1), points: 1, kind)
        let second = PushQueue(limit: 100, directory: directory.path)
        #expect(second.count == 0 && second.diskFault?.contains("another agent") == true)
        first = nil
        #expect(PushQueue(limit: 100, directory: directory.path).count == 1)
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
