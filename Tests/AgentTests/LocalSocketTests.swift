import Glibc
import Settings
import Synchronization
import TestSupport
import Testing

@testable import Agent

/// The socket lies in a directory that another user owns. One after the other: the umask is the process's.
@Suite(.serialized) struct LocalSocketTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/s"
    }

    /// A listening socket at the path, as a server makes it.
    private func bind(backlog: Int32 = 1) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0, listen(descriptor, backlog) == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    @Test(arguments: [0o666, 0o660, 0o600] as [UInt32]) func itIsMadeWithItsMode(_ wanted: UInt32) throws {
        let before = umask(0o022)
        defer { umask(before) }
        let socket = LocalSocket(path: path, mode: wanted)
        try socket.prepare()
        let descriptor = bind()
        defer { close(descriptor) }
        #expect(mode(path) == wanted)
        socket.isBound()
        #expect(umask(0o022) == 0o022)
        socket.remove()
        #expect(mode(path) == nil)
    }

    /// Somebody puts a link in the place of the socket: neither what it leads to nor the link is touched.
    @Test func whatTakesItsPlaceIsLeftAlone() throws {
        let victim = directory.path + "/victim"
        try writeFile(victim, "precious")
        chmod(victim, 0o600)
        let socket = LocalSocket(path: path, mode: 0o666)
        try socket.prepare()
        let descriptor = bind()
        defer { close(descriptor) }
        #expect(rename(path, path + ".away") == 0 && symlink(victim, path) == 0)
        socket.isBound()
        #expect(unlink(path) == 0 && rename(path + ".away", path) == 0)
        #expect(mode(victim) == 0o600)
        socket.remove()
        #expect(mode(victim) == 0o600 && access(victim, F_OK) == 0)
    }

    @Test func anotherFileAtItsPathStays() throws {
        try writeFile(path, "mine")
        #expect(throws: AgentError.self) { try LocalSocket(path: path, mode: 0o666).prepare() }
        #expect(mode(path) != nil)
    }

    @Test func anAbandonedSocketIsClearedAway() throws {
        close(bind())
        let socket = LocalSocket(path: path, mode: 0o600)
        try socket.prepare()
        #expect(mode(path) == nil)
        socket.remove()
    }

    /// Somebody listens there and accepts nothing: connecting would wait for ever.
    @Test(.timeLimit(.minutes(1))) func aFullBacklogBlocksNothing() throws {
        let squatter = bind(backlog: 0)
        defer { close(squatter) }
        // Filled: one waits, the next would block.
        var clients: [Int32] = []
        defer { for client in clients { close(client) } }
        for _ in 0..<3 {
            let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            _ = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            clients.append(client)
        }
        #expect(throws: AgentError.self) { try LocalSocket(path: path, mode: 0o666).prepare() }
        #expect(mode(path) != nil)
    }
}
