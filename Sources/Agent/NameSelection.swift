internal import ArgumentParser
internal import Linux
package import Names

/// The sources of names that `--names` chooses.
package struct NameSelection: ExpressibleByArgument, CustomStringConvertible, Sendable, Equatable {
    /// The kubelet's log directories.
    package var logs: Bool
    package var local: [LocalSource]

    package static let standard = NameSelection(logs: true, local: [])

    package init(logs: Bool, local: [LocalSource]) {
        self.logs = logs
        self.local = local
    }

    /// Nil where a source is not known.
    package init?(argument: String) {
        self.init(logs: false, local: [])
        guard argument != "none" else { return }
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            if word == "logs" {
                logs = true
            } else if let source = LocalSource(rawValue: String(word)) {
                if !local.contains(source) { local.append(source) }
            } else {
                return nil
            }
        }
    }

    package var description: String {
        let all = (logs ? ["logs"] : []) + local.map(\.rawValue)
        return all.isEmpty ? "none" : all.joined(separator: ",")
    }

    /// What brings the names of the chosen sources to the tick.
    func feed(_ paths: HostPaths) -> NameFeed {
        let feed = NameFeed()
        if !local.isEmpty { LocalNames(local, paths: paths).connect(feed) }
        return feed
    }
}
