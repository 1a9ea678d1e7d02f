import ArgumentParser
import CLI
import Formatting
import FoundationEssentials
import Linux
import Names
import Settings
import Terminal
import Workloads

/// Shows which workload the agent assigns a cgroup to, and why.
struct Identify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show which workload a cgroup, process or container belongs to, by which rule, and where its name comes from.",
        discussion: """
            Works without an agent. Reads the path, the kubelet's log directories and the state of local runtimes, as \
            far as this user may. The paths come from the options, else from the environment and \
            the configuration file, as energyd does.

            EXAMPLES
              energyctl identify --pid $$
              energyctl identify --container 4b5e57f6eb2f --output json
              energyctl identify --cgroup /system.slice/docker-4b5e57f6eb2f...scope

            EXIT STATUS
              0 done, 1 no such process or container, 2 wrong options or configuration
            """)

    enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
        case text, json
    }

    @Option(help: ArgumentHelp("A path in the cgroup tree, or a line of /proc/PID/cgroup.", valueName: "path"))
    var cgroup: String?

    @Option(help: ArgumentHelp("A process, by its PID in the mounted /proc.", valueName: "pid"))
    var pid: Int32?

    @Option(
        help: ArgumentHelp(
            "A container, by its id or the beginning of it, also as containerd://ID; or a pod, by its name.",
            valueName: "id"))
    var container: String?

    @Option(help: ArgumentHelp("Output format: text for people, json for programs.", valueName: "text|json"))
    var output: OutputFormat = .text

    @OptionGroup(title: "Where to look")
    var places: PlaceOptions

    func validate() throws {
        guard [cgroup != nil, pid != nil, container != nil].count(where: \.self) == 1 else {
            throw ValidationError("give one of --cgroup, --pid and --container.")
        }
        if let cgroup, cgroup.isEmpty { throw ValidationError("--cgroup must not be empty; / is the root.") }
        if let container, container.isEmpty { throw ValidationError("--container must not be empty.") }
    }

    func run() throws {
        let paths = try places.resolve().values.paths
        let found = Identification(try identity(paths), paths: paths)
        do {
            switch output {
            case .text: try Output.write(lines: lines(found))
            case .json:
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys, .prettyPrinted]
                let document = try encoder.encode(IdentityDocument(found, pid: pid))
                try Output.write(lines: [String(printableJSON: document)])
            }
        } catch let error as Output.Failure where error.isClosedPipe {}
    }

    private func identity(_ paths: HostPaths) throws -> CgroupIdentity {
        if let cgroup { return identity(ofPath: below(cgroup, paths), paths) }
        if let pid { return try process(pid, paths) }
        return try find(container ?? "", paths)
    }

    /// As the agent sees it, whom the directories above belong to included; by the path alone where there is no such
    /// cgroup on this machine.
    private func identity(ofPath path: String, _ paths: HostPaths) -> CgroupIdentity {
        let roots = CgroupTree.all(paths).map(\.root)
        let isHere = roots.contains { fileExists($0 + CgroupIdentity.normalize(path)) }
        return CgroupIdentity(cgroupPath: path) {
            let accounts = Accounts(rootfs: paths.rootfs).platforms()
            return UserGround(of: $0, below: isHere ? roots : [], accounts: accounts)
        }
    }

    /// The path without the mount point of the tree; the grammar itself removes the usual one.
    private func below(_ path: String, _ paths: HostPaths) -> String {
        let roots = CgroupTree.all(paths).map(\.root) + [paths.cgroupfs]
        guard let root = roots.first(where: { path.hasPrefix($0 + "/") }) else { return path }
        return String(path.dropFirst(root.count))
    }

    /// By the line of the unified hierarchy; on older machines by the most specific one.
    private func process(_ pid: Int32, _ paths: HostPaths) throws -> CgroupIdentity {
        let file = "\(paths.procfs)/\(pid)/cgroup"
        let text: [UInt8]
        do {
            text = try readFile(file, limit: 1 << 16)
        } catch {
            throw Failed("no process \(pid): \(error)")
        }
        let all = text.split(separator: UInt8(ascii: "\n")).map {
            identity(ofPath: NameBytes.text($0), paths)
        }
        let order: [CgroupIdentity.Kind] = [.container, .vm, .pod, .job, .unit, .slice, .cgroup]
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
        let all = Set(nodes.lazy.map { identity(ofPath: $0.path, paths) })
        // As Kubernetes and runtimes write it: `containerd://ID`.
        let bare = id.firstRange(of: "://").map { String(id[$0.upperBound...]) } ?? id
        var found = all.filter { $0.containerID?.hasPrefix(bare) == true }
        if found.isEmpty {
            found = all.filter {
                $0.kind == .pod && Identification($0, paths: paths).names["k8s.pod.name"]?.value == id
            }
        }
        guard let first = found.first else {
            throw Failed("no container \(id), and no pod of that name, in \(trees.map(\.root).joined(separator: ", "))")
        }
        // Two cgroups with the same id: one of them has a forged name.
        guard found.count == 1 else {
            let list = found.map { "\n  \($0.containerID ?? "") \($0.path)" }.sorted().joined()
            throw Failed("\(found.count) containers or pods are called, or begin with \(id):\(list)")
        }
        return first
    }

    private func lines(_ found: Identification) -> [String] {
        let identity = found.identity
        let rows: [(String, String?)] = [
            ("kind", identity.kind.rawValue), ("name", identity.name), ("runtime", identity.runtime),
            ("container", identity.containerID), ("job", identity.jobID),
            ("user", identity.userName ?? identity.userID.map { String($0) }), ("pod", identity.podUID),
            ("QoS", identity.qos),
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
}
