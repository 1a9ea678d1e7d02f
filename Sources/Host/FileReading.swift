internal import Glibc

/// A descriptor that closes itself.
struct Descriptor: ~Copyable {
    let raw: Int32

    init(opening path: String, flags: Int32 = O_RDONLY) throws(HostError) {
        let raw = open(path, flags | O_CLOEXEC)
        guard raw >= 0 else { throw HostError(errno: errno, path: path) }
        self.raw = raw
    }

    deinit {
        close(raw)
    }
}

extension HostError {
    init(errno code: Int32, path: String) {
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

/// The content of a small file of a virtual file system, at most `limit` bytes of it.
package func readFile(_ path: String, limit: Int = 1 << 20) throws(HostError) -> [UInt8] {
    let file = try Descriptor(opening: path)
    var content: [UInt8] = []
    var chunk = min(limit, 4096)
    while content.count < limit {
        var failure: Int32 = 0
        let fresh = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
            let got = read(file.raw, buffer.baseAddress, chunk)
            if got < 0 { failure = errno }
            count = max(0, got)
        }
        if failure == EINTR { continue }
        guard failure == 0 else { throw HostError(errno: failure, path: path) }
        if fresh.isEmpty { break }
        content += fresh
        chunk = min(65536, limit - content.count)
    }
    return content
}

/// The content of a small text file without the newline at its end; invalid UTF-8 is replaced.
package func readText(_ path: String, limit: Int = 1 << 20) throws(HostError) -> String {
    var bytes = try readFile(path, limit: limit)
    while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
}

/// A file that holds one unsigned decimal number.
package func readNumber(_ path: String) throws(HostError) -> UInt64 {
    let text = try readText(path, limit: 64)
    guard let number = UInt64(text) else {
        throw .malformed(path, "not a number: \"\(printable(text, limit: 24))\"")
    }
    return number
}

/// `text` fit for a message: control characters replaced, cut to `limit` characters.
package func printable(_ text: String, limit: Int = 200) -> String {
    let clean = text.unicodeScalars.prefix(limit).map { $0.properties.generalCategory == .control ? "?" : String($0) }
    return clean.joined()
}

/// An entry of a directory.
package struct DirectoryEntry: Sendable {
    package let name: String
    package let inode: UInt64
    package let isDirectory: Bool
}

/// The entries of a directory without `.` and `..`, in the order of the file system.
package func listDirectory(_ path: String) throws(HostError) -> [DirectoryEntry] {
    guard let stream = opendir(path) else { throw HostError(errno: errno, path: path) }
    defer { closedir(stream) }
    var entries: [DirectoryEntry] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard name != ".", name != ".." else { continue }
        let type = Int(entry.pointee.d_type)
        entries.append(
            DirectoryEntry(
                name: name, inode: UInt64(entry.pointee.d_ino),
                isDirectory: type == DT_DIR || (type == DT_LNK || type == DT_UNKNOWN) && isDirectory("\(path)/\(name)"))
        )
    }
    return entries
}

/// True if `path`, links followed, is a directory.
package func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// True if `path`, links followed, exists.
package func fileExists(_ path: String) -> Bool {
    access(path, F_OK) == 0
}

/// The inode number of `path`.
package func inode(of path: String) throws(HostError) -> UInt64 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw HostError(errno: errno, path: path) }
    return UInt64(status.st_ino)
}
