internal import Glibc
internal import TestSupport
package import Testing

/// Compares a text with a file beside the tests, byte for byte: a change of a contract becomes a visible diff.
///
/// With `UPDATE_GOLDEN=1` in the environment the file is written instead, and the test fails so that one does not forget to
/// take the variable away.
package func expectGolden(
    _ text: String, _ name: String, in directory: String = "Golden", file: String = #filePath,
    location: SourceLocation = #_sourceLocation
) {
    let path = file.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/\(directory)/\(name)"
    if getenv("UPDATE_GOLDEN") != nil {
        do {
            try writeFile(path, text)
            Issue.record("\(path) was written; run again without UPDATE_GOLDEN", sourceLocation: location)
        } catch {
            Issue.record("\(error)", sourceLocation: location)
        }
        return
    }
    guard let golden = readFile(path) else {
        Issue.record("no \(path); write it with UPDATE_GOLDEN=1", sourceLocation: location)
        return
    }
    guard golden != text else { return }
    let (before, after) = (lines(golden), lines(text))
    var differences: [String] = []
    for change in after.difference(from: before) {
        switch change {
        case .remove(let offset, let line, _): differences.append("\(offset + 1) - \(line)")
        case .insert(let offset, let line, _): differences.append("\(offset + 1) + \(line)")
        }
    }
    Issue.record(
        "\(name) has changed in \(differences.count) lines, among them:\n\(differences.prefix(20).joined(separator: "\n"))",
        sourceLocation: location)
}

private func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

/// A whole file; nil where it cannot be read.
private func readFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
        bytes += buffer.prefix(count)
    }
}
