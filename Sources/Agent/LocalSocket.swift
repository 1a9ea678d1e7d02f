internal import Glibc
internal import Linux
internal import NIOCore
internal import Settings
internal import Synchronization

/// The place of a unix socket, in a directory that others may change: no file but the socket is ever changed or removed.
final class LocalSocket: Sendable {
    private let path: String
    /// Of the process before; nil where it is in force.
    private let usualMask: Mutex<mode_t?>
    private let mode: UInt32
    private let bound = Mutex<FileIdentity?>(nil)

    init(path: String, mode: UInt32) {
        self.path = path
        self.mode = mode
        usualMask = Mutex(nil)
    }

    /// Makes the directory, clears away the socket of an agent that is gone, and has the next socket made with the right
    /// mode: connecting requires write permission, which the usual umask gives to the owner only, and a mode that is
    /// changed later may be that of something else. Waits a second at most.
    func prepare() throws {
        let directory = parentDirectory(of: path)
        if let silence = PathProbe.silence(at: directory, within: 1) {
            throw AgentError("\(silence)", isConfiguration: false)
        }
        mkdir(directory, 0o755)
        var status = stat()
        if lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                throw AgentError("the path exists and is not a socket", isConfiguration: true)
            }
            guard try isAbandoned() else {
                throw AgentError("another agent is listening there", isConfiguration: false)
            }
            unlink(path)
        }
        // For a moment, and for all threads; the agent makes no other file that a umask does not suit: the state file
        // and the history are the owner's in any case.
        let before = umask(mode_t(~mode & 0o777))
        usualMask.withLock { $0 = before }
    }

    /// It is there.
    func isBound() {
        restoreMask()
        bound.withLock { $0 = FileIdentity(at: path) }
    }

    /// Removes it, where it is still there.
    func remove() {
        restoreMask()
        let identity = bound.withLock { $0 }
        // The agent ends now, and a thread in there would not.
        guard PathProbe.silence(at: parentDirectory(of: path), within: 0.3) == nil else { return }
        if let identity, FileIdentity(at: path) == identity { unlink(path) }
    }

    private func restoreMask() {
        usualMask.withLock { mask in
            if let before = mask { umask(before) }
            mask = nil
        }
    }

    /// True where nothing listens. One that accepts no more connections does.
    private func isAbandoned() throws -> Bool {
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let address = try SocketAddress(unixDomainSocketPath: path)
        return address.withSockAddr { pointer, size in
            connect(descriptor, pointer, socklen_t(size)) != 0 && errno == ECONNREFUSED
        }
    }
}
