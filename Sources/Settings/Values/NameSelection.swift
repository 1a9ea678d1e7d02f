package import Names

/// Where names of workloads are looked up besides the cgroup path.
package struct NameSelection: Sendable, Equatable {
    /// The kubelet's log directories.
    package var logs = true
    /// In the order in which they were named, each once.
    package var local: [LocalSource] = []

    package init() {}

    /// Reads `logs,docker` or `none`; nil where a source is unknown.
    package init?(text: String) {
        logs = false
        guard text != "none" else { return }
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            if word == "logs" {
                logs = true
            } else if let source = LocalSource(rawValue: String(word)) {
                if !local.contains(source) { local.append(source) }
            } else {
                return nil
            }
        }
    }

    package var text: String {
        let all = (logs ? ["logs"] : []) + local.map(\.rawValue)
        return all.isEmpty ? "none" : all.joined(separator: ",")
    }
}
