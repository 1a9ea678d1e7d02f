package import Linux
package import Workloads

/// Everything that can be found out about one cgroup without an agent.
package struct Identification: Sendable {
    package let identity: CgroupIdentity
    /// By OpenTelemetry attribute name, each with the source that decided.
    package let names: [String: (value: String, source: NameSource)]
    /// Sources that could not be read, in words.
    package let problems: [String]

    /// Reads the log directories and the state of every local runtime, once.
    package init(_ identity: CgroupIdentity, paths: HostPaths) {
        var table = NameTable()
        var problems: [String] = []
        if identity.podUID != nil {
            let logs = LogDirectoryNames(logs: paths.logs)
            logs.update(&table, at: 0)
            if let problem = logs.problem { problems.append("\(problem)") }
        }
        if let key = NameKey(identity) {
            for source in LocalSource.allCases {
                do throws(HostError) {
                    let facts = try source.facts(of: identity, paths)
                    if !facts.isEmpty { table.set(facts, for: key, from: source.nameSource) }
                } catch {
                    problems.append("\(error)")
                }
            }
        }
        self.identity = identity
        self.names = table.claims(of: identity)
        self.problems = problems
    }
}
