import ArgumentParser
import CLI
import FoundationEssentials
import Linux
import Names
import Settings
import Terminal
import Workloads

/// What the agent makes of a cgroup, and why.
struct Identify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what a cgroup, process or container is, by which rule, and who named it.",
        discussion: """
            Works without an agent. Reads the path, the kubelet's log directories and the state of local runtimes, as \
            far as this user may.

            EXAMPLES
              energyctl identify --pid $$
              energyctl identify --container 4b5e57f6eb2f --output json
              energyctl identify --cgroup /system.slice/docker-4b5e57f6eb2f...scope

            EXIT CODES
              0 done, 1 no such process or container, 2 wrong options
            """)

    enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Option(help: ArgumentHelp("A path in the cgroup tree, or a line of /proc/PID/cgroup.", valueName: "path"))
    var cgroup: String?

    @Option(help: ArgumentHelp("A process, by its number in the mounted /proc.", valueName: "pid"))
    var pid: Int32?

    @Option(help: ArgumentHelp("A container, by its id or the first digits of it.", valueName: "id"))
    var container: String?

    @Option(help: "text for people, json for programs.")
    var output: OutputFormat = .text

    @OptionGroup(title: "Where to look")
    var places: PathOptions

    func validate() throws {
        guard [cgroup != nil, pid != nil, container != nil].count(where: \.self) == 1 else {
            throw ValidationError("give one of --cgroup, --pid and --container.")
        }
        if let cgroup, cgroup.isEmpty { throw ValidationError("--cgroup must not be empty; / is the root.") }
        if let container, container.isEmpty { throw ValidationError("--container must not be empty.") }
    }

    func run() throws {
        let paths = try places.resolved(in: .current()).paths
        let found = Identification(try identity(paths), paths: paths)
        do {
            switch output {
            case .text: try Output.write(lines: lines(found))
            case .json:
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys, .prettyPrinted]
                try Output.write([UInt8](try encoder.encode(Document(found, pid: pid))) + [0x0A])
            }
        } catch let error as Output.Failure where error.isClosedPipe {}
    }

    private func identity(_ paths: HostPaths) throws -> CgroupIdentity {
        if let cgroup { return CgroupIdentity(cgroupPath: below(cgroup, paths)) }
        if let pid { return try process(pid, paths) }
        return try find(container ?? "", paths)
    }

    /// Without the place where the tree is mounted; the usual one is the grammar's own business.
    private func below(_ path: String, _ paths: HostPaths) -> String {
        let roots = CgroupTree.all(paths).map(\.root) + [paths.cgroupfs]
        guard let root = roots.first(where: { path.hasPrefix($0 + "/") }) else { return path }
        return String(path.dropFirst(root.count))
    }

    /// The unified hierarchy's line; on older machines the one that tells most.
    private func process(_ pid: Int32, _ paths: HostPaths) throws -> CgroupIdentity {
        let file = "\(paths.procfs)/\(pid)/cgroup"
        let text: [UInt8]
        do {
            text = try readFile(file, limit: 1 << 16)
        } catch {
            throw Failed("no process \(pid): \(error)")
        }
        let all = text.split(separator: UInt8(ascii: "\n")).map { CgroupIdentity(cgroupPath: NameBytes.text($0)) }
        let order: [CgroupIdentity.Kind] = [.container, .vm, .pod, .unit, .slice, .cgroup]
        guard let best = all.min(by: { order.firstIndex(of: $0.kind) ?? 9 < order.firstIndex(of: $1.kind) ?? 9 }) else {
            throw Failed("\(file) is empty")
        }
        return best
    }

    private func find(_ id: String, _ paths: HostPaths) throws -> CgroupIdentity {
        let trees = CgroupTree.all(paths)
        guard !trees.isEmpty else {
            throw Failed("no cgroup hierarchy below \(paths.cgroupfs); name another with --path.cgroupfs")
        }
        let nodes: [CgroupTree.Node]
        do {
            nodes = try trees.flatMap { tree throws(HostError) in try tree.walk() }
        } catch {
            throw Failed("\(error)")
        }
        let found = Set(
            nodes.lazy.map { CgroupIdentity(cgroupPath: $0.path) }.filter { $0.containerID?.hasPrefix(id) == true })
        guard let first = found.first else {
            throw Failed("no container \(id) in \(trees.map(\.root).joined(separator: ", "))")
        }
        // A cgroup that was named after somebody else's container is told as such.
        guard found.count == 1 else {
            let list = found.map { "\n  \($0.containerID ?? "") \($0.path)" }.sorted().joined()
            throw Failed("\(found.count) containers begin with \(id):\(list)")
        }
        return first
    }

    private func lines(_ found: Identification) -> [String] {
        let identity = found.identity
        let rows: [(String, String?)] = [
            ("kind", identity.kind.rawValue), ("name", identity.name), ("runtime", identity.runtime),
            ("container", identity.containerID), ("pod", identity.podUID), ("QoS", identity.qos),
            ("inside", identity.outerContainerID), ("unit", identity.unit), ("path", identity.path),
            ("rule", identity.rule),
        ]
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let names = found.names.sorted { $0.key < $1.key }.map { name, fact in
            "  " + padded(name, 26) + printable(fact.value) + "  (" + fact.source.title + ")"
        }
        return rows.compactMap { title, value in value.map { padded(title, 11) + printable($0, limit: 4096) } }
            + [names.isEmpty ? "names      none found" : "names"] + names
            + found.problems.map { "not asked  " + printable($0) }
    }

    private struct Failed: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// The JSON form: every key is always there, null where nothing is known.
    private struct Document: Encodable {
        let identity: CgroupIdentity
        let names: [String: String]
        let sources: [String: String]
        let problems: [String]
        let pid: Int32?

        init(_ found: Identification, pid: Int32?) {
            identity = found.identity
            names = found.names.mapValues(\.value)
            sources = found.names.mapValues(\.source.title)
            problems = found.problems
            self.pid = pid
        }

        enum CodingKeys: String, CodingKey {
            case kind, name, runtime, containerId, podUid, qos, outerContainerId, unit, cgroupPath, rule, names, sources
            case problems, pid
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(identity.kind.rawValue, forKey: .kind)
            try container.encode(identity.name, forKey: .name)
            try container.encode(identity.runtime, forKey: .runtime)
            try container.encode(identity.containerID, forKey: .containerId)
            try container.encode(identity.podUID, forKey: .podUid)
            try container.encode(identity.qos, forKey: .qos)
            try container.encode(identity.outerContainerID, forKey: .outerContainerId)
            try container.encode(identity.unit, forKey: .unit)
            try container.encode(identity.path, forKey: .cgroupPath)
            try container.encode(identity.rule, forKey: .rule)
            try container.encode(names, forKey: .names)
            try container.encode(sources, forKey: .sources)
            try container.encode(problems, forKey: .problems)
            try container.encodeIfPresent(pid, forKey: .pid)
        }
    }
}
