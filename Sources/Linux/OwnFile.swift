internal import Glibc

/// Which file it is, whatever its name.
package struct FileIdentity: Equatable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// What lies at `path`, links not followed; nil where there is nothing.
    package init?(at path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    fileprivate init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// A regular file of this process in a directory that others may change too: no link is followed, no file of anybody
/// else is opened for writing, and a pipe that lies in its place does not block.
package struct OwnFile: ~Copyable {
    private let descriptor: Descriptor
    package let identity: FileIdentity
    /// When it was opened, bytes.
    package let size: Int

    /// A new file, readable for its owner only. What has its name loses it.
    package init(creating path: String) throws(HostError) {
        unlink(path)
        try self.init(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    }

    /// A file of one name only, to which more is added.
    package init(appendingTo path: String) throws(HostError) {
        try self.init(path, O_WRONLY | O_APPEND, mode: 0)
    }

    private init(_ path: String, _ flags: Int32, mode: mode_t) throws(HostError) {
        let raw = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, mode)
        guard raw >= 0 else { throw HostError(errno: errno, path: path) }
        var status = stat()
        guard fstat(raw, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            close(raw)
            throw .malformed(path, "not a regular file of its own")
        }
        descriptor = Descriptor(owning: raw)
        identity = FileIdentity(status)
        size = Int(status.st_size)
    }

    /// Writes all of it. A part of it may be there where it throws.
    package func write(_ bytes: [UInt8]) throws(HostError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor.raw, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw HostError(errno: count < 0 ? errno : EIO, path: "") }
            rest = rest.dropFirst(count)
        }
    }

    /// Drops its content, which needs no room; false where that fails.
    package func empty() -> Bool { ftruncate(descriptor.raw, 0) == 0 }
}
