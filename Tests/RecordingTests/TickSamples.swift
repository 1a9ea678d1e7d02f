import Accounting
import Attribution
import Engine
import Linux
import Metering
import Names
import Recording
import Units
import Workloads

/// Ticks in which every field has a value.
enum TickSamples {
    static var header: RecordingHeader {
        let cpu = CPUModel(vendor: "GenuineIntel", family: 6, model: 85, stepping: 4, part: 7, name: "Fake CPU")
        var header = RecordingHeader(
            facts: MachineFacts(
                hardware: HardwareFacts(cpu: cpu, memoryBytes: 1 << 34, procfs: "/proc"), threads: 8,
                sockets: [0, 1], cgroupRoot: "/sys/fs/cgroup", powerModel: .success([1, 2, 3])))
        header.program = "1.2.3"
        header.settings = [.init("node.name", "node-7.example"), .init("sample.interval", "1s")]
        header.requestedMeters = ["rapl"]
        return header
    }

    static func ticks(_ count: Int) -> [RecordedTick] { (0..<count).map(tick) }

    static func tick(_ index: Int) -> RecordedTick {
        var tick = RecordedTick()
        let time = 1000 + Double(index)
        tick.awake = [Double(1000 + index) + Double(123_456_789) / 1e9, time + 0.25, 0.1 + 0.2]
        tick.elapsed = [time + 3]
        tick.unixTimes = [1_795_000_000.123 + Double(index), -.infinity, .pi]
        tick.tier = Tier(.ebpf, reason: index > 2 ? "because" : "", isDegraded: index > 2)
        tick.failure = index == 3 ? "no ring" : nil
        if index != 3 { tick.sample = sample(index) }
        tick.cpuTimes = [
            nil,
            CPUTimes(
                cpus: [.init(number: 0, idle: 1.25, iowait: time, irq: 0, softirq: 3, steal: 4)], bootUnixTime: 17),
        ]
        tick.ownUsage = [OwnUsage(cpuSeconds: time / 7, residentBytes: index == 0 ? nil : 30_000_000)]
        tick.meters = [meter(index)]
        tick.names = names(index)
        tick.files = files(index)
        tick.grounds = grounds(index)
        tick.digest = index == 1 ? nil : .max
        return tick
    }

    private static func sample(_ index: Int) -> AccountingSample {
        var sample = AccountingSample()
        let id = UInt64(index)
        sample.created = [.init(id: 10 + id, path: "/a\(index)/é", parent: 9, delegation: 8, isDeep: index == 1)]
        sample.renamed = [.init(id: 9 + id, path: "/b\(index)")]
        sample.removed = [8 + id]
        sample.forgotten = [7 + id, .max]
        // The order changes, and one is left out now and then.
        let cgroups: [UInt64] = index % 2 == 0 ? [3 | 1 << 63, 10, 20] : [20, 10, 30 + id]
        sample.usage = cgroups.compactMap { cgroup in
            UsageCounters(values: (1...28).map { UInt64($0) << 33 &+ cgroup &+ id &* 5 }).map {
                AccountingSample.Usage(cgroup: cgroup, counters: $0)
            }
        }
        sample.processes = [
            .init(cgroup: 3, pid: -1, cpuNanoseconds: 7 + id, comm: "a b"),
            .init(cgroup: 3, pid: 2, cpuNanoseconds: .max, comm: index % 2 == 0 ? "x" : "y", hasExited: index == 1),
            .init(cgroup: 4 + id, pid: 2, cpuNanoseconds: 0, comm: ""),
        ]
        if index % 2 == 1 { sample.processes.reverse() }
        sample.kernelNanoseconds = 11 * id
        sample.overflowNanoseconds = .max - id
        var cpu = CPUTimeTotals()
        (cpu.charged, cpu.idle, cpu.stolen) = (17 + id, .max, 19)
        cpu.moment = SuspendingClock().systemEpoch + .nanoseconds(5_000_000_001 * Int64(index + 1))
        (cpu.online, cpu.onlineThroughout) = (4, index == 0 ? nil : 3)
        if index != 4 { sample.cpu = cpu }
        var kernel = KernelState()
        kernel.memoryBytes = 1 << 40
        (kernel.cgroupsKept, kernel.cgroupCapacity) = (3, 4096)
        kernel.coreClasses = ["performance", "efficiency"]
        kernel.counters = ["cycles"]
        kernel.countingPeriod = index < 2 ? nil : 16
        kernel.hasWaits = true
        if index != 5 { sample.kernel = kernel }
        sample.faults = ["one": 1, "two": .max]
        return sample
    }

    private static func meter(_ index: Int) -> RecordedMeter {
        let package = Zone(ZoneID(.package, socket: 0, die: 1), source: "rapl", quality: .measured)
        var state = RecordedMeter.State()
        state.name = "rapl"
        state.interval = 0.5
        state.zones = [package]
        state.stillZones = [ZoneID(.dram, socket: 1): "stands still"]
        state.health.reads = UInt64(index)
        state.health.lastRead = Seconds(Double(index) / 3)
        if index > 2 {
            state.health.errors = 1
            state.health.lastError = "/sys/x: no such file"
            state.health.events = ["wrap": 2]
            var energy = UncountedEnergy()
            energy.add(refused: Microjoules(7), lost: Microjoules(8), at: Seconds(9))
            state.health.uncounted = [package.id: energy, .psys: UncountedEnergy()]
            state.health.remarks = ["peculiar"]
        }
        var meter = RecordedMeter()
        meter.kind = "rapl"
        meter.openings =
            index == 0 ? [.failed(Diagnosis(.masked, "hidden", remedy: "show it")), .opened(state)] : []
        var reading = RecordedMeter.Reading()
        reading.zones = [
            ZoneReading(
                zone: package, energy: Microjoules(.max), gapEnergy: Microjoules(3), staticPower: Watts(1.5),
                staticBand: Watts(1)...Watts(2), band: Watts(0)...Watts(.infinity)),
            ZoneReading(
                zone: Zone(.platform, source: "ipmi", quality: .estimated, method: .remainder), energy: .zero),
        ]
        reading.state = state
        meter.readings = [reading, RecordedMeter.Reading()]
        return meter
    }

    private static func names(_ index: Int) -> RecordedNames {
        var names = RecordedNames()
        names.changes = [
            .set(.pod("uid\(index)"), facts: ["k8s.pod.name": "web", "x": ""], id: "abc", .kubernetes),
            .remove(.container(beginning: "0123456789abcdef"), .docker), .touch(.cgroup("/a")), .refuse(4),
        ]
        names.states = [
            NameFeed.State(name: "docker"),
            NameFeed.State(name: "kubernetes", isUp: index < 2, errors: 3, lastError: "refused"),
        ]
        names.logs =
            index == 1 ? nil : LogDirectoryState(problem: "not there", isMissing: true, errors: UInt64(index))
        names.isGuessing = index == 2
        var answer = RecordedNames.OnlyContainer()
        (answer.pod, answer.name) = ("uid", index == 0 ? nil : "app")
        names.onlyContainers = [answer]
        return names
    }

    private static func files(_ index: Int) -> [RecordedFile] {
        var read = RecordedFile()
        read.directory = "/sys/fs/cgroup/a"
        read.stat = .success(
            CgroupCPUStat(usageMicroseconds: 5, throttledPeriods: 1, throttledMicroseconds: UInt64(index)))
        var failed = RecordedFile()
        failed.directory = "/sys/fs/cgroup/b"
        failed.stat = .failure(HostError(code: .other(-5), path: "/p", detail: "went away"))
        var pressure = RecordedFile()
        pressure.directory = "/sys/fs/cgroup/a"
        pressure.pressure = ["cpu": 1, "io.full": .max]
        return [read, failed, pressure]
    }

    private static func grounds(_ index: Int) -> [RecordedGround] {
        var ground = RecordedGround()
        ground.path = "/user.slice"
        ground.ground = .some(UserGround(depth: index, user: index == 0 ? nil : .max))
        var none = RecordedGround()
        none.path = "/"
        none.ground = .some(nil)
        var shared = RecordedGround()
        shared.path = "/x"
        shared.isShared = true
        return [ground, none, shared]
    }

    /// A whole recording.
    static func file(_ count: Int) -> [UInt8] {
        var writer = RecordingWriter()
        var bytes = writer.begin(header)
        for tick in ticks(count) { bytes += writer.append(tick) }
        return bytes + writer.flush()
    }
}
