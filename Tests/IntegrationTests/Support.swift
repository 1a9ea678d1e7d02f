import FoundationEssentials
import Glibc
import Linux
import Snapshot
import TestSupport
import Testing

/// Tests of the real programs on the real kernel, one after the other, because they load the machine.
@Suite(.serialized) struct RealKernel {
    /// Proofs that take a minute or more, which `make test` leaves out and `make prove` runs. They print what they
    /// measured.
    @Suite(.enabled(if: Conditions.isRoot, Conditions.rootReason)) struct Proofs {}
}

enum Conditions {
    static var isRoot: Bool { geteuid() == 0 }
    static let rootReason: Comment = "needs root to load kernel programs and make cgroups"

    static func has(_ program: String) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }
}

/// The programs under test: those that ship, or the debug build where those are not built.
enum Programs {
    static let directory: String = {
        if let path = getenv("ENERGYD_BIN") { return String(cString: path) }
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let release = root + "/.build/release"
        return access(release + "/energyd", X_OK) == 0 ? release : root + "/.build/debug"
    }()
    static var energyd: String { directory + "/energyd" }
    static var energyctl: String { directory + "/energyctl" }
}

/// A running agent.
final class AgentProcess {
    let port: UInt16
    let child: Child

    /// Starts the agent and waits until it is ready. In `/metrics` it shows what has just come with its figures, unless
    /// a flag says otherwise.
    init(
        _ flags: [String] = [], prefix: [String] = [], program: String = Programs.energyd,
        environment: [String: String] = [:], port: UInt16? = nil
    ) throws {
        self.port = try port ?? freePort()
        child = try Child(
            prefix + [program, "--web.listen-address=127.0.0.1:\(self.port)", "--web.socket=none"] + flags,
            environment: ["ENERGYD_METRICS_START_AT_ZERO": "0s"].merging(environment) { $1 })
        var isReady = false
        eventually {
            isReady = httpGet(port: self.port, "/readyz")?.status == 200
            return isReady || child.wait(seconds: 0.02) != nil
        }
        guard isReady else { throw Failure("the agent is not ready: \(child.output)") }
    }

    var url: String { "http://127.0.0.1:\(port)" }

    func snapshot() throws -> Snapshot {
        let answer = try #require(httpGet(port: port, "/api/v1/snapshot"))
        #expect(answer.status == 200)
        return try Snapshot(json: Array(answer.body.utf8))
    }

    /// The first snapshot whose window began after the call.
    func freshSnapshot() throws -> Snapshot {
        let before = try snapshot().sequence
        return try snapshot("whose window began after the call") { $0.sequence >= before + 2 }
    }

    /// The first snapshot that meets a condition.
    ///
    /// - Parameter what: completes the sentence "gave up waiting for a snapshot ..." of the error.
    func snapshot(_ what: String, where condition: (Snapshot) throws -> Bool) throws -> Snapshot {
        try waitFor("a snapshot \(what)") {
            let next = try snapshot()
            return try condition(next) ? next : nil
        }
    }

    /// Ends it as an init system would; returns its exit code, nil where it is still running.
    func stop(within seconds: Double = 30) -> Int32? {
        child.send(SIGTERM)
        return child.wait(seconds: seconds)
    }
}

/// A cgroup of the unified hierarchy, removed when the test is done with it.
final class TestCgroup {
    let path: String
    let directory: String
    private let tree: CgroupTree

    init(_ name: String) throws {
        tree = try #require(CgroupTree(cgroupfs: "/sys/fs/cgroup"), "no unified hierarchy")
        path = "/energyd-test-\(getpid())-\(name)"
        directory = tree.root + path
        guard mkdir(directory, 0o755) == 0 else { throw Failure("cannot make \(directory): errno \(errno)") }
    }

    deinit {
        remove()
    }

    func remove() {
        // A failed test may have left processes in it, and cgroups below; a process that was killed takes a moment to end.
        try? writeFile(directory + "/cgroup.kill", "1")
        eventually(within: 10) {
            for child in (try? listDirectory(directory)) ?? [] where child.isDirectory {
                rmdir("\(directory)/\(child.name)")
            }
            return rmdir(directory) == 0 || errno != EBUSY
        }
    }

    /// Its CPU time by the kernel's own `cpu.stat`, s.
    func cpuSeconds() throws -> Double {
        Double(try tree.cpuMicroseconds(path: path)) / 1e6
    }

    /// Waits until it has run for so many more seconds, by `cpu.stat`: beside other load that takes longer.
    func waitForCPU(_ seconds: Double) throws {
        let end = try cpuSeconds() + seconds
        _ = try waitFor("\(seconds) s of CPU time in \(path)") { try cpuSeconds() >= end ? true : nil }
    }

    func run(_ script: String) throws -> Child {
        try Child(["/bin/sh", "-c", script], cgroup: directory)
    }
}

extension Snapshot {
    func workload(at path: String) -> Workload? { workloads.first { $0.cgroupPath == path } }

    /// CPU time of cgroups whose paths the agent does not know, or did not know yet when they ran, s: a tick has only so
    /// much time for paths, so that of thousands at once some are read after the first counters.
    var unnamedCPUSeconds: Double {
        workloads.reduce(0) {
            $0 + ($1.parentId == nil && $1.cgroupPath.hasPrefix("/(unknown)") ? $1.cpuSeconds : 0)
        }
    }

    /// True where every zone adds up to the microjoule.
    var addsUp: Bool { !node.zones.isEmpty && node.zones.allSatisfy { conservationError(of: $0) == 0 } }
}

/// A JSON document that a program of ours wrote.
func decode<T: Decodable>(_ type: T.Type, _ text: String) throws -> T {
    try JSONDecoder().decode(type, from: Data(text.utf8))
}

func readAll(_ path: String) throws -> String { try readText(path) }
