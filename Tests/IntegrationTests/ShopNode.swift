import Glibc
import Snapshot
import TestSupport
import Testing

/// A node whose workloads have names as on Kubernetes: cgroups where a kubelet, libvirt, Slurm and systemd would make
/// them, an API server that knows the pods, and meters that follow what they use.
final class ShopNode {
    let server: Server
    private(set) var agent: AgentProcess
    private let base: TestCgroup
    /// A service, whose units are nested.
    private let manager: TestCgroup
    private let machine: TemporaryDirectory
    private let simulator: Child
    private let flags: [String]
    private var directories: [String] = []
    private var loads: [String: Child] = [:]

    /// - Parameter flags: of the agent, which ticks every 250 ms.
    init(_ name: String, _ flags: [String]) throws {
        server = try Server()
        base = try TestCgroup(name)
        manager = try TestCgroup(name + ".service")
        machine = try TemporaryDirectory()
        let tree = machine.path + "/machine"
        let simulator = try Child([Programs.energyctl, "simulate", "--path", tree, "--package=20:15", "--dram=4:2"])
        guard eventually({ access(tree + "/truth.json", F_OK) == 0 }) else {
            throw Failure("the simulator does not start: \(simulator.output)")
        }
        self.simulator = simulator
        for name in ["logs", "logs/pods", "logs/containers"] { mkdir("\(machine.path)/\(name)", 0o755) }
        self.flags =
            [
                "--sample.interval=250ms", "--path.sysfs=\(tree)", "--node.name=node7", "--carbon.zone=DE",
                "--path.logs=\(machine.path)/logs", "--kubernetes=api",
                "--kubernetes.url=https://127.0.0.1:\(server.port)",
                "--kubernetes.token-file=\(server.directory.path)/token",
                "--kubernetes.ca-file=\(server.directory.path)/cert.pem", "--kubernetes.labels=team",
            ] + flags
        agent = try AgentProcess(self.flags)
    }

    deinit {
        for load in loads.values { load.stop() }
        for directory in directories.reversed() { Self.remove(directory) }
    }

    /// A directory for scratch files.
    var scratch: TemporaryDirectory { machine }

    static func uid(_ number: Int) -> String {
        "7d1e2f30-aaaa-4bbb-8ccc-\(100_000_000_000 + 10 * Int(getpid()) + number)"
    }

    static func id(_ number: Int) -> String { String(repeating: "c0ffee4\(number)", count: 8) }

    /// Starts a pod with one busy container.
    ///
    /// - Parameter isNamed: whether the API server knows it at once.
    func startPod(_ number: Int, _ name: String, team: String, isNamed: Bool = true) throws {
        if isNamed { try namePod(number, name, team: team) }
        try start(name, in: ["pod\(Self.uid(number))", Self.id(number)])
    }

    /// The API server gets to know the pod.
    func namePod(_ number: Int, _ name: String, team: String) throws {
        try server.tell("add?name=\(name)&uid=\(Self.uid(number))&container=\(Self.id(number))&team=\(team)")
    }

    /// Starts a busy program in a cgroup.
    func start(_ name: String, in components: [String]) throws {
        var directory = base.directory
        for component in components {
            directory += "/" + component
            guard !directories.contains(directory) else { continue }
            mkdir(directory, 0o755)
            directories.append(directory)
        }
        loads[name] = try Child(["/bin/sh", "-c", Load.steady], cgroup: directory)
    }

    /// Starts a busy unit inside another.
    func startUnit(_ name: String) throws {
        let directory = manager.directory + "/" + name
        mkdir(directory, 0o755)
        loads[name] = try Child(["/bin/sh", "-c", Load.steady], cgroup: directory)
    }

    /// Ends a load and removes its cgroup, and a pod's with it.
    func end(_ name: String, number: Int) {
        loads.removeValue(forKey: name)?.stop()
        for directory in directories.reversed() where directory.contains(Self.uid(number)) {
            Self.remove(directory)
            directories.removeAll { $0 == directory }
        }
    }

    func stopLoads() {
        for load in loads.values { load.stop() }
        loads = [:]
    }

    /// Ends the agent and starts another at the same address.
    func restartAgent() throws {
        agent.child.send(SIGTERM)
        _ = agent.child.wait(seconds: 10)
        agent = try AgentProcess(flags, port: agent.port)
    }

    private static func remove(_ directory: String) {
        eventually(within: 10) { rmdir(directory) == 0 || errno != EBUSY }
    }
}

extension Snapshot {
    /// A pod of a ``ShopNode``; nil where it is not shown.
    func shownPod(_ number: Int) -> Workload? { workloads.first { $0.id == "pod:\(ShopNode.uid(number))" } }

    func pod(_ number: Int) throws -> Workload { try #require(shownPod(number)) }
}

extension NamedValues<Snapshot.ZoneEnergy> {
    /// All of it, J.
    var joules: Double { Double(values.reduce(0) { $0 + $1.dynamicMicrojoules + $1.staticMicrojoules }) / 1e6 }
}

/// Whether two figures differ by at most half a percent.
func agree(_ found: Double?, _ expected: Double) -> Bool {
    guard let found else { return false }
    return expected > 0 && abs(found - expected) <= 0.005 * expected
}
