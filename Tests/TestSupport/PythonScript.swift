internal import Glibc

/// A script in Tests/, run by the Python that Tests/python.sh installs, with its packages.
///
/// - Parameter path: below Tests: `PushingTests/collector.py`.
/// - Returns: the beginning of its command line.
/// - Throws: a ``Failure`` with the remedy where that Python is not installed.
package func pythonScript(_ path: String) throws -> [String] {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
    let python = root + "/.build-tools/python/bin/python3"
    guard access(python, X_OK) == 0 else {
        throw Failure(
            "\(python) is missing: run Tests/python.sh, as `make test` does; it needs the Python package index")
    }
    return [python, root + "/Tests/" + path]
}

/// The documents of a log that another process may be writing, one on each line: an incomplete last one is left out.
///
/// - Parameter decode: makes a document of a line.
/// - Returns: none where there is no log.
/// - Throws: what `decode` throws for a line before the last.
package func documents<Value>(inLog path: String, _ decode: (String) throws -> Value) throws -> [Value] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    // What ends with a line feed is complete.
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return try lines.dropLast().filter { !$0.isEmpty }.map { try decode(String(decoding: $0, as: UTF8.self)) }
}
