import Glibc
import History
import Snapshot

// bench-history: what the history costs the agent, by workloads and by how many of their names are new each hour. Virtual
// time: half a day of snapshots, one a minute, recorded and stored as the agent does. For docs/performance.md.

/// A node whose workloads all use energy in every minute.
struct BenchNode {
    let workloads: Int
    /// Of those, how many have another name in each hour; a user chose them.
    let churning: Int
    private(set) var unixTime = 1_767_322_800.0
    private var seconds: UInt64 = 0

    init(workloads: Int, churning: Int) {
        (self.workloads, self.churning) = (workloads, churning)
    }

    mutating func tick(_ window: Double) -> Snapshot {
        unixTime += window
        seconds += UInt64(window)
        let hour = Int(unixTime) / 3600
        let zones = ["package-0", "dram-0"]
        var node: UInt64 = 0
        let rows = (0..<workloads).map { index in
            let isNew = index < churning
            let name = isNew ? "job-\(hour)-\(index)" : "service-\(index)"
            let used = (isNew ? seconds % 3600 : seconds) * UInt64(1000 + index)
            node += used
            return Snapshot.Workload(
                id: name, kind: isNew ? "cgroup" : "unit", name: name,
                cgroupPath: (isNew ? "/user.slice/user-1000.slice/" : "/system.slice/") + name, cgroupId: UInt64(index),
                parentId: nil, isAlive: true, cpuSeconds: Double(used) / 1e6, cpuUsage: 0.1, contextSwitches: nil,
                powerWatts: 0.1, emissionsGrams: Double(used) / 1e9,
                zones: NamedValues(
                    names: zones,
                    values: zones.map { _ in
                        Snapshot.ZoneEnergy(dynamicMicrojoules: used, staticMicrojoules: used / 10)
                    }), labels: [:])
        }
        let bucket = Snapshot.Bucket(
            cpuSeconds: nil, powerWatts: nil, emissionsGrams: 0, zones: ["package-0": seconds * 1_000_000, "dram-0": 0])
        var agent = Snapshot.AgentState(
            version: "bench", startTime: "", cpuSeconds: 0, residentBytes: 0, tickSeconds: 0, drainSeconds: 0,
            lateTicks: 0, faults: [:], sources: [], notices: [])
        (agent.startUnixTime, agent.processStartUnixTime) = (1, 1)
        return Snapshot(
            timestamp: "", unixTime: unixTime, sequence: seconds, windowSeconds: window, tier: "ebpf", tierReason: "",
            node: Snapshot.Node(
                name: "bench", cpuModel: "", cpuCount: 1, cpuSeconds: 0, cpuUsage: 0, powerWatts: nil,
                emissionsGrams: nil,
                zones: zones.map {
                    Snapshot.ZoneState(
                        name: $0, source: "rapl", quality: "measured", hardware: "cpu", energyMicrojoules: node,
                        powerWatts: nil, staticWatts: 0, isUp: true)
                }, idle: bucket, system: bucket, unattributed: bucket),
            carbon: Snapshot.CarbonState(intensityGramsPerKilowattHour: 300, source: "bench", pue: 1),
            workloads: rows, processes: [], commands: [], agent: agent)
    }
}

let hours = 12

/// CPU time of this thread, s.
func cpuTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// A field of a file below /proc/self that has lines "name: number".
func field(_ file: String, _ name: String) -> Int {
    guard let stream = fopen("/proc/self/\(file)", "r") else { return 0 }
    defer { fclose(stream) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, stream) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix("\(name):") { return Int(text.filter(\.isNumber)) ?? 0 }
    }
    return 0
}

/// Writes a line at once.
func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(STDOUT_FILENO, line, line.count)
}

func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// Half a day of `workloads`, minute by minute; prints a line.
func measure(workloads: Int, churning: Int, isKnownAsUsers: Bool) throws {
    let directory = "/tmp/energyd-bench-history-\(getpid())"
    mkdir(directory, 0o700)
    let path = "\(directory)/\(workloads)-\(churning)-\(isKnownAsUsers).db"
    defer { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }
    var node = BenchNode(workloads: workloads, churning: churning)
    var recorder = HistoryRecorder { isKnownAsUsers && $0.kind == "cgroup" }
    _ = recorder.take(node.tick(1))
    let before = field("status", "VmRSS")
    let store = try HistoryStore(HistorySettings(path: path, bytes: 1 << 34, minutes: 7200))
    var costs: [Double] = []
    let written = field("io", "write_bytes")
    var sizes: [Int] = []
    for number in 0..<(hours * 60) {
        let snapshot = node.tick(60)
        let start = cpuTime()
        if let minute = recorder.take(snapshot) { try store.append(minute) }
        costs.append((cpuTime() - start) * 1e3)
        if number % 60 == 30 {
            var status = stat()
            stat(path, &status)
            sizes.append(Int(status.st_size))
        }
    }
    let minute = median(costs)
    // One minute of each hour seals the hour before.
    let sealing = median(stride(from: 0, to: costs.count, by: 60).dropFirst().map { costs[$0..<($0 + 60)].max() ?? 0 })
    let perHour = (sizes[hours - 1] - sizes[hours / 2 - 1]) / (hours - hours / 2) / 1024
    let disk = (field("io", "write_bytes") - written) / (hours * 60) / 1024
    let row: [(String, Int)] = [
        ("\(workloads)", 9), ("\(churning)", 9), (isKnownAsUsers ? "yes" : "no", 6),
        ("\((minute * 100).rounded() / 100)", 10), ("\((sealing * 10).rounded() / 10)", 9),
        ("\(disk)", 12), ("\(perHour)", 12), ("\((field("status", "VmRSS") - before) / 1024)", 9),
    ]
    say(row.map { padded($0.0, $0.1) }.joined())
    rmdir(directory)
}

say("workloads new names  users  ms/minute  ms/hour  KiB/min disk  KiB/h file  MiB RSS")
for workloads in [100, 300, 1000] { try measure(workloads: workloads, churning: 0, isKnownAsUsers: false) }
for isKnown in [false, true] { try measure(workloads: 1100, churning: 1000, isKnownAsUsers: isKnown) }
