internal import Settings

/// What was probably meant by a command line that was refused, to be added to the parser's words; nil where nothing is near.
///
/// - Parameters:
///   - message: the parser's.
///   - commands: names of the subcommands.
package func suggestion(for message: String, commands: [String]) -> String? {
    let lines = message.split(separator: "\n")
    guard let first = lines.first, let open = first.firstIndex(of: "'"),
        let close = first[first.index(after: open)...].firstIndex(of: "'")
    else { return nil }
    let word = String(first[first.index(after: open)..<close])
    let candidates: [String]
    if first.contains("Unexpected argument") {
        candidates = commands
    } else if first.contains("is invalid for") {
        candidates = lines.dropFirst().prefix { $0.hasPrefix("  - ") }.map { String($0.dropFirst(4)) }
    } else {
        return nil
    }
    return nearest(to: word, among: candidates).map { "Did you mean '\($0)'?" }
}
