internal import CLinux
internal import Formatting
internal import Glibc

/// A descriptor that closes itself.
struct Descriptor: ~Copyable {
    let raw: Int32

    /// Opens at once, or fails: a pipe without a writer must not block.
    ///
    /// - Parameters:
    ///   - path: with names as ``NameBytes`` encodes them.
    ///   - directory: what a relative path begins at.
    init(opening path: String, flags: Int32 = O_RDONLY | O_NONBLOCK, at directory: Int32 = AT_FDCWD) throws(HostError) {
        let raw = withBytes(of: path) { openat(directory, $0, flags | O_CLOEXEC | O_NOCTTY) }
        guard raw >= 0 else { throw HostError(errno: errno, path: path) }
        self.raw = raw
    }

    /// Takes over an open descriptor.
    init(owning raw: Int32) { self.raw = raw }

    /// Regular files are all there is in the kernel's file systems, and all that may be read where users put files.
    var isRegularFile: Bool {
        var status = stat()
        return fstat(raw, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// False where there is nothing to be read, not even an end, by `deadline`.
    func waitForInput(until deadline: ContinuousClock.Instant) -> Bool {
        var waiting = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
        let rest = (deadline - .now) / .milliseconds(1)
        return rest > 0 && poll(&waiting, 1, Int32(min(rest, 1e9).rounded(.up))) != 0
    }

    deinit {
        close(raw)
    }
}

/// The path as the kernel knows it; see ``NameBytes``.
func withBytes<Result>(of path: String, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    guard NameBytes.isEscaped(path.utf8) else { return path.withCString(body) }
    return (NameBytes.bytes(of: path).map(CChar.init(bitPattern:)) + [0]).withUnsafeBufferPointer { bytes in
        // Never nil: it holds a zero at least.
        bytes.baseAddress.map(body) ?? path.withCString(body)
    }
}

extension HostError {
    package init(errno code: Int32, path: String) {
        let kind: Code =
            switch code {
            case ENOENT, ENODEV, ENXIO, ENOTDIR: .missing
            case EACCES, EPERM: .permission
            default: .other(code)
            }
        self.init(code: kind, path: path, detail: String(cString: strerror(code)))
    }

    static func malformed(_ path: String, _ detail: String) -> Self {
        HostError(code: .malformed, path: path, detail: detail)
    }
}

/// Throws where the file cannot be opened for reading. Nothing is read.
package func checkReadable(_ path: String) throws(HostError) {
    _ = try Descriptor(opening: path)
}

/// The content of a small regular file, at most `limit` bytes of it. Nothing else is read: a pipe could keep us waiting.
package func readFile(_ path: String, limit: Int = 1 << 20) throws(HostError) -> [UInt8] {
    try read(try Descriptor(opening: path), path, limit: limit)
}

/// The same of a file that the operator named, which may be on a file system that hangs: waits for that a second at most.
package func readNamedFile(_ path: String, limit: Int = 1 << 20) throws(HostError) -> [UInt8] {
    if let silence = PathProbe.silence(at: path, within: 1) { throw silence }
    return try readFile(path, limit: limit)
}

/// The same of a file in a place that belongs to a user, who may put anything there: below `home`, whose own path may
/// hold links, no link is followed.
///
/// - Parameter path: from `home` on, without `..`.
package func readFile(in home: String, _ path: String, limit: Int = 1 << 20) throws(HostError) -> [UInt8] {
    var parts = path.split(separator: "/").map(String.init)
    guard let name = parts.popLast() else { throw HostError(errno: ENOENT, path: home) }
    // O_PATH, which strict C hides: a right to pass is enough. include/uapi/asm-generic/fcntl.h
    let passing: Int32 = 0o10_000_000 | O_DIRECTORY
    var directory = try Descriptor(opening: home, flags: passing)
    for part in parts {
        directory = try Descriptor(opening: part, flags: passing | O_NOFOLLOW, at: directory.raw)
    }
    let file = try Descriptor(opening: name, flags: O_RDONLY | O_NONBLOCK | O_NOFOLLOW, at: directory.raw)
    return try read(file, "\(home)/\(path)", limit: limit)
}

/// The content of whatever the operator named, pipes included: waits up to `patience` s for what they give, and for a file
/// system that hangs.
package func readGivenFile(_ path: String, limit: Int = 1 << 20, patience: Double = 5) throws(HostError) -> [UInt8] {
    if let silence = PathProbe.silence(at: path, within: min(patience, 1)) { throw silence }
    return try read(try Descriptor(opening: path), path, limit: limit, patience: patience)
}

/// - Parameter patience: how long to wait for something else than a regular file, s; nil to refuse it.
private func read(
    _ file: borrowing Descriptor, _ path: String, limit: Int, patience: Double? = nil
) throws(HostError) -> [UInt8] {
    let isRegularFile = file.isRegularFile
    guard isRegularFile || patience != nil else { throw .malformed(path, "not a regular file") }
    let deadline = ContinuousClock.now + .seconds(patience ?? 0)
    var content: [UInt8] = []
    var chunk = min(limit, 4096)
    while content.count < limit {
        if !isRegularFile, !file.waitForInput(until: deadline) { throw .malformed(path, "nothing comes from it") }
        var failure: Int32 = 0
        let descriptor = file.raw
        let fresh = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
            let got = Glibc.read(descriptor, buffer.baseAddress, chunk)
            if got < 0 { failure = errno }
            count = max(0, got)
        }
        if failure == EINTR || failure == EAGAIN && !isRegularFile { continue }
        guard failure == 0 else { throw HostError(errno: failure, path: path) }
        if fresh.isEmpty { break }
        content += fresh
        chunk = min(65536, limit - content.count)
    }
    return content
}

/// The content of a small text file without the newline at its end; invalid UTF-8 is replaced.
package func readText(_ path: String, limit: Int = 1 << 20) throws(HostError) -> String {
    text(try readFile(path, limit: limit))
}

/// The same of a file that the operator named; see ``readGivenFile(_:limit:)``.
package func readGivenText(_ path: String, limit: Int = 1 << 20) throws(HostError) -> String {
    text(try readGivenFile(path, limit: limit))
}

private func text(_ content: [UInt8]) -> String {
    var bytes = content[...]
    while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
}

/// The lines of a text, empty ones left out. By bytes: for `split(separator: "\n")` a carriage return and the newline
/// after it are one character, which is neither.
package func lines(of text: String) -> [Substring] {
    text.utf8.split(separator: UInt8(ascii: "\n")).map { Substring($0) }
}

/// A file that holds one unsigned decimal number.
package func readNumber(_ path: String) throws(HostError) -> UInt64 {
    let text = try readText(path, limit: 64)
    guard let number = UInt64(text) else {
        throw .malformed(path, "not a number: \"\(printable(text, limit: 24))\"")
    }
    return number
}

/// `text` fit for a message: cut to `limit` code points, and what has no shape of its own written out.
package func printable(_ text: String, limit: Int = 200) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex) else {
        return text.printable()
    }
    return String(scalars[..<end]).printable()
}

/// An entry of a directory.
package struct DirectoryEntry: Sendable {
    /// As ``NameBytes`` encodes it, without loss.
    package let name: String
    package let inode: UInt64
    /// Links followed.
    package let isDirectory: Bool
}

/// The entries of a directory without `.` and `..`, in the order of the file system.
package func listDirectory(_ path: String) throws(HostError) -> [DirectoryEntry] {
    let directory = try Descriptor(opening: path, flags: O_RDONLY | O_DIRECTORY)
    var reader = DirectoryReader()
    var entries: [DirectoryEntry] = []
    let code = reader.read(directory.raw) { name, inode, type in
        let text = NameBytes.text(name)
        let mayBeDirectory = type == DT_LNK || type == DT_UNKNOWN
        entries.append(
            DirectoryEntry(
                name: text, inode: inode,
                isDirectory: type == DT_DIR || mayBeDirectory && isDirectory("\(path)/\(text)")))
    }
    guard code == 0 else { throw HostError(errno: code, path: path) }
    return entries
}

/// Reads directories, one after the other, into one buffer.
struct DirectoryReader {
    private var buffer = [UInt8](repeating: 0, count: 1 << 15)

    /// Tells every entry but `.` and `..`: the bytes of its name, its inode, `DT_DIR` and the like. Returns 0 or an errno.
    mutating func read(_ descriptor: Int32, _ body: (UnsafeRawBufferPointer, UInt64, Int) -> Void) -> Int32 {
        buffer.withUnsafeMutableBytes { buffer in
            while true {
                let count = energyd_read_directory(descriptor, buffer.baseAddress, buffer.count)
                guard count != 0 else { return 0 }
                guard count > 0 else {
                    if errno == EINTR { continue }
                    return errno
                }
                var rest = UnsafeRawBufferPointer(rebasing: buffer[..<min(count, buffer.count)])
                // struct linux_dirent64: inode, offset, length of the record (16 bits), type (8 bits), name.
                while rest.count > 19 {
                    let inode = rest.loadUnaligned(as: UInt64.self)
                    let length = Int(rest.loadUnaligned(fromByteOffset: 16, as: UInt16.self))
                    guard length > 19, length <= rest.count else { return EIO }
                    let name = UnsafeRawBufferPointer(rebasing: rest[19..<length].prefix { $0 != 0 })
                    let isDot =
                        name.first == UInt8(ascii: ".") && (name.count == 1 || name.count == 2 && name[1] == name[0])
                    if !isDot { body(name, inode, Int(rest[18])) }
                    rest = UnsafeRawBufferPointer(rebasing: rest[length...])
                }
            }
        }
    }
}

/// True if `path`, links followed, is a directory.
package func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return withBytes(of: path) { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// True if `path`, links followed, exists.
package func fileExists(_ path: String) -> Bool {
    withBytes(of: path) { access($0, F_OK) } == 0
}

/// The inode number of `path`.
package func inode(of path: String) throws(HostError) -> UInt64 {
    var status = stat()
    guard withBytes(of: path, { stat($0, &status) }) == 0 else { throw HostError(errno: errno, path: path) }
    return UInt64(status.st_ino)
}

/// The user that `path`, links followed, belongs to; nil where that is unknown.
package func owner(of path: String) -> UInt32? {
    var status = stat()
    return withBytes(of: path) { stat($0, &status) } == 0 ? status.st_uid : nil
}
