internal import Glibc
internal import Synchronization

/// A directory tree made from the bytes of an input, as a reader of `/sys`, `/proc` or a host's root meets it.
///
/// One file per line, `PATH=CONTENT`, where `\n` in the content stands for a new line; `PATH>TARGET` is a link, `PATH|`
/// a pipe without a writer, `PATH/` an empty directory. Everything stays inside the tree: `..` is dropped.
enum FileTree {
    private static let largestCount = 64
    private static let longestPath = 512
    private static let count = Atomic(0)

    /// Calls `body` with the root of the tree, which is removed afterwards.
    static func with(_ bytes: [UInt8], _ body: (String) -> Void) {
        // Tests run beside each other.
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        let root = "/dev/shm/energyd-fuzz-\(getpid())-\(number)"
        mkdir(root, 0o700)
        var made: [(path: String, isDirectory: Bool)] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")).prefix(largestCount) {
            make(line, in: root, &made)
        }
        body(root)
        for (path, isDirectory) in made.reversed() {
            if isDirectory { rmdir(path) } else { unlink(path) }
        }
        rmdir(root)
    }

    private static func make(
        _ line: ArraySlice<UInt8>, in root: String, _ made: inout [(path: String, isDirectory: Bool)]
    ) {
        let marks = "=>|".utf8
        let end = line.firstIndex { marks.contains($0) } ?? line.endIndex
        let components = line[..<end].split(separator: UInt8(ascii: "/")).filter {
            !$0.contains(0) && !$0.elementsEqual("..".utf8) && !$0.elementsEqual(".".utf8)
        }
        guard !components.isEmpty, end - line.startIndex <= longestPath else { return }
        var path = root
        let isDirectory = end == line.endIndex
        for (index, component) in components.enumerated() {
            path += "/" + String(decoding: component, as: UTF8.self)
            guard index < components.count - 1 || isDirectory else { break }
            if mkdir(path, 0o700) == 0 { made.append((path, true)) }
        }
        guard !isDirectory else { return }
        let rest = line[line.index(after: end)...]
        let isMade =
            switch line[end] {
            case UInt8(ascii: "|"): mkfifo(path, 0o600) == 0
            case UInt8(ascii: ">"): link(path, to: rest)
            default: write(rest, to: path)
            }
        if isMade { made.append((path, false)) }
    }

    /// Relative targets only: nothing outside of the tree is read.
    private static func link(_ path: String, to target: ArraySlice<UInt8>) -> Bool {
        guard target.first != UInt8(ascii: "/"), !target.contains(0), target.count < longestPath,
            !String(decoding: target, as: UTF8.self).contains("..")
        else { return false }
        return symlink(String(decoding: target, as: UTF8.self), path) == 0
    }

    private static func write(_ content: ArraySlice<UInt8>, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(String(decoding: content, as: UTF8.self).replacing("\\n", with: "\n").utf8)
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }
}
