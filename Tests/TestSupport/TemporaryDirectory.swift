import Glibc

/// A directory that is removed with its contents at the end of its life.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        var template = Array("/tmp/energyd-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("mkdtemp: errno \(errno)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        removeTree(path)
    }

    /// Writes a file below the directory, creating the directories on the way.
    package func write(_ text: String, to relative: String) throws {
        let parts = relative.split(separator: "/")
        for depth in 1..<max(1, parts.count) {
            mkdir(path + "/" + parts.prefix(depth).joined(separator: "/"), 0o755)
        }
        try replaceFile(path + "/" + relative, text)
    }
}

/// Replaces a file atomically: readers see the old content or the new, as with a driver's file.
package func replaceFile(_ path: String, _ text: String) throws {
    try writeFile(path + ".new", text)
    guard rename(path + ".new", path) == 0 else { throw Failure("cannot replace \(path): errno \(errno)") }
}

/// Writes a file, creating it if necessary.
package func writeFile(_ path: String, _ text: String) throws { try writeFile(path, bytes: Array(text.utf8)) }

package func writeFile(_ path: String, bytes: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure("cannot write \(path): errno \(errno)") }
    defer { close(descriptor) }
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Failure("short write to \(path)") }
}

/// Removes a directory with everything in it.
package func removeTree(_ path: String) {
    if let stream = opendir(path) {
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            let child = path + "/" + name
            if Int(entry.pointee.d_type) == DT_DIR { removeTree(child) } else { unlink(child) }
        }
        closedir(stream)
    }
    rmdir(path)
}

/// A failure of a test's own set-up.
package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
