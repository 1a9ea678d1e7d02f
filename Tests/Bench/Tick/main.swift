import Accounting
import AccountingTestSupport
import Composition
import Engine
import Glibc
import Linux
import Logging
import Snapshot

// What a tick costs by workloads that are there and workloads that run, with scripted accounting: names, ledger, state
// file and snapshot, without the kernel. For docs/performance.md.

/// A machine of files: what the engine reads beside the accounting.
struct BenchFiles {
    let root: String
    private var energy: UInt64 = 0

    init(_ name: String) throws {
        root = "/tmp/energyd-bench-tick-\(getpid())-\(name)"
        let zone = "sys/class/powercap/intel-rapl:0"
        for directory in ["", "proc", "proc/sys", "proc/sys/kernel", "proc/sys/kernel/random", "cgroup"]
            + ["sys", "sys/class", "sys/class/powercap", zone]
        {
            mkdir("\(root)/\(directory)", 0o755)
        }
        try write("b0000000-0000-4000-8000-000000000001\n", to: "proc/sys/kernel/random/boot_id")
        try write("cpu  0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0\n", to: "proc/stat")
        try write("model name : Bench CPU\n", to: "proc/cpuinfo")
        try write("", to: "cgroup/cgroup.controllers")
        try write("package-0\n", to: "\(zone)/name")
        try write("262143328850\n", to: "\(zone)/max_energy_range_uj")
        try write("0\n", to: "\(zone)/energy_uj")
    }

    var paths: HostPaths {
        HostPaths(procfs: root + "/proc", sysfs: root + "/sys", cgroupfs: root + "/cgroup", logs: root + "/log")
    }

    mutating func draw(_ microjoules: UInt64) throws {
        energy += microjoules
        try write("\(energy)\n", to: "sys/class/powercap/intel-rapl:0/energy_uj")
    }

    private func write(_ text: String, to path: String) throws {
        let bytes = Array(text.utf8)
        let descriptor = open("\(root)/\(path)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw HostError(code: .other(errno), path: path, detail: "cannot be written")
        }
        close(descriptor)
    }
}

/// One node: pods with a container each.
final class BenchNode {
    private var host: BenchFiles
    private let accounting: ScriptedAccounting
    private let engine: Engine
    private var counters: [UsageCounters]
    private let pods: Int

    init(pods: Int) throws {
        self.pods = pods
        host = try BenchFiles("\(pods)-\(UInt32.random(in: 0...UInt32.max))")
        accounting = ScriptedAccounting()
        counters = Array(repeating: UsageCounters(), count: pods)
        var base = AccountingSample()
        base.kernel = KernelState()
        base.kernel?.hasWaits = true
        base.created.append(.init(id: 1, path: "/kubepods.slice"))
        for pod in 0..<pods {
            let digits = String(pod + 0x100000, radix: 16)
            let path = "/kubepods.slice/kubepods-pod1b9f0c3e_77aa_4d21_9e10_c0ffee\(digits).slice"
            let id = String(repeating: "4f1de0c95a", count: 5) + "00000000" + digits
            base.created.append(.init(id: UInt64(2 * pod + 2), path: path))
            base.created.append(.init(id: UInt64(2 * pod + 3), path: "\(path)/cri-containerd-\(id).scope"))
        }
        accounting.append(.sample(base))
        var configuration = EngineConfiguration(interval: .seconds(1), retention: .seconds(600))
        configuration.paths = host.paths
        configuration.accounting.processes = .off
        configuration.stateFile = host.root + "/state"
        let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let parts = try EngineParts(configuration, accounting: accounting, logger: logger)
        engine = try Engine(parts, configuration: configuration, logger: logger)
    }

    /// CPU time of one tick in which some of the containers ran, ms.
    func tick(busy: Int) throws -> Double {
        var sample = AccountingSample()
        sample.kernel = KernelState()
        sample.kernel?.hasWaits = true
        for pod in 0..<busy {
            counters[pod].classNanoseconds[0] += 1_000_000
            counters[pod].voluntarySwitches += 10
            counters[pod].waits[pod % 16] += 3
            sample.usage.append(.init(cgroup: UInt64(2 * pod + 3), counters: counters[pod]))
        }
        accounting.append(.sample(sample))
        try host.draw(20_000_000)
        let before = ThreadTime.now
        let snapshot = try engine.tick()
        let time = (ThreadTime.now - before) / .milliseconds(1)
        engineMilliseconds = snapshot.agent.tickSeconds * 1e3
        last = snapshot
        return time
    }

    /// Of the last tick by the agent's own clock, the snapshot not included.
    private(set) var engineMilliseconds = 0.0

    /// The published snapshot, which readers have while the next tick runs.
    private var last: Snapshot?
}

/// Anonymous memory of this program, bytes.
func memory() -> Int {
    let status = (try? readText("/proc/self/status")) ?? ""
    let line = lines(of: status).first { $0.hasPrefix("RssAnon:") } ?? ""
    return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) * 1024
}

/// Medians of `ticks` ticks with this many pods and busy containers.
func measure(pods: Int, busy: Int, ticks: Int = 61) throws {
    let before = memory()
    let node = try BenchNode(pods: pods)
    _ = try node.tick(busy: pods)
    for _ in 0..<5 { _ = try node.tick(busy: busy) }
    var whole: [Double] = []
    var engine: [Double] = []
    for _ in 0..<ticks {
        whole.append(try node.tick(busy: busy))
        engine.append(node.engineMilliseconds)
    }
    let bytes = Double(memory() - before) / Double(2 * pods + 1)
    func text(_ value: Double) -> String { String(Double(Int(value * 1000)) / 1000) }
    func median(_ values: [Double]) -> String { text(values.sorted()[values.count / 2]) }
    print(
        "\(2 * pods + 1) workloads, \(busy) busy containers: median \(median(whole)) ms, without the snapshot "
            + "\(median(engine)) ms; \(Int(bytes)) B of memory per workload, the snapshots' included")
}

// One case only: bench-tick PODS BUSY TICKS, to profile it.
let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
if arguments.count == 3 {
    try measure(pods: arguments[0], busy: arguments[1], ticks: arguments[2])
} else {
    for (pods, busy) in [(50, 50), (3000, 0), (3000, 50), (3000, 3000)] { try measure(pods: pods, busy: busy) }
}
