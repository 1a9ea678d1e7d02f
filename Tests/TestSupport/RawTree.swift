import Glibc

/// Directories as any user may create them: with names of any bytes, and deeper than the longest path.
package enum RawTree {
    /// Makes `depth` directories, each in the one before, and calls `body` with a descriptor of every one, from the
    /// outermost on. Returns the number that were made.
    @discardableResult
    package static func nest(
        in root: String, name: [UInt8], depth: Int, _ body: (Int32) throws -> Void = { _ in }
    ) throws -> Int {
        var directory = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw Failure("open \(root): errno \(errno)") }
        defer { close(directory) }
        let name = name.map(CChar.init(bitPattern:)) + [0]
        for made in 0..<depth {
            guard mkdirat(directory, name, 0o755) == 0 else { return made }
            let next = openat(directory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard next >= 0 else { throw Failure("openat: errno \(errno)") }
            close(directory)
            directory = next
            try body(directory)
        }
        return depth
    }

    /// Removes a directory with everything in it, of any name and depth.
    package static func remove(_ path: String) {
        _ = try? Child(["/bin/rm", "-rf", path]).wait()
    }

    /// Writes a file in an open directory.
    package static func write(_ text: String, to name: String, in directory: Int32) throws {
        let file = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Failure("openat \(name): errno \(errno)") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Failure("short write") }
    }
}
