internal import Glibc
internal import Linux

/// Whether totals can be kept across restarts of the agent.
///
/// - Parameter path: the state file; nil where none is configured.
package func stateChecks(_ path: String?) -> [Check] {
    guard let path else {
        return [
            Check(
                "host", "state", .absent,
                "not kept: counters begin at zero when the agent restarts (--state.file keeps them)")
        ]
    }
    // The file is replaced, so its directory must be writable.
    let directory = parentDirectory(of: path)
    if let silence = PathProbe.silence(at: directory, within: 2) {
        return [
            Check(
                "host", "state", .fail, "\(silence)",
                remedy: "see what serves it, or set --state.file to a path on a disk of this machine")
        ]
    }
    guard access(directory, W_OK | X_OK) == 0 else {
        return [
            Check(
                "host", "state", .fail, "\(path) cannot be written: \(directory): \(String(cString: strerror(errno)))",
                remedy: "create the directory of --state.file, with the agent's user as its owner")
        ]
    }
    return [Check("host", "state", .ok, "\(directory) is writable")]
}
