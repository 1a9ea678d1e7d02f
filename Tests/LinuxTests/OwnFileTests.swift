import Glibc
import Linux
import TestSupport
import Testing

/// A file in a directory in which others may have left anything.
@Suite struct OwnFileTests {
    private let directory: TemporaryDirectory
    private let path: String
    private let victim: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/file"
        victim = directory.path + "/victim"
        try writeFile(victim, "precious")
    }

    enum Trap: String, CaseIterable {
        case link, hardLink, pipe, dangling, nothing
    }

    private func lay(_ trap: Trap) {
        switch trap {
        case .link: symlink(victim, path)
        case .hardLink: link(victim, path)
        case .pipe: mkfifo(path, 0o666)
        case .dangling: symlink(directory.path + "/elsewhere", path)
        case .nothing: break
        }
    }

    @Test(arguments: Trap.allCases) func aNewFileTakesTheNameAndTouchesNothingElse(_ trap: Trap) throws {
        lay(trap)
        let file = try OwnFile(creating: path)
        try file.write(Array("mine".utf8))
        #expect(try readFile(path) == Array("mine".utf8) && readFile(victim) == Array("precious".utf8))
        let identity = file.identity
        #expect(FileIdentity(at: path) == identity && FileIdentity(at: victim) != identity)
        var status = stat()
        #expect(lstat(path, &status) == 0 && status.st_mode & 0o7777 == 0o600)
        #expect(access(directory.path + "/elsewhere", F_OK) != 0)
    }

    @Test(arguments: Trap.allCases) func nothingButAFileOfItsOwnIsAddedTo(_ trap: Trap) throws {
        lay(trap)
        #expect(throws: HostError.self) { _ = try OwnFile(appendingTo: path).size }
        #expect(try readFile(victim) == Array("precious".utf8))
    }

    @Test func aFileIsAddedTo() throws {
        try writeFile(path, "one")
        let file = try OwnFile(appendingTo: path)
        let size = file.size
        #expect(size == 3)
        try file.write(Array("two".utf8))
        #expect(try readFile(path) == Array("onetwo".utf8))
        let isEmpty = file.empty()
        #expect(try readFile(path).isEmpty && isEmpty)
    }
}
