internal import Accounting
internal import Attribution
internal import Engine
internal import Linux
internal import Metering
internal import Names
package import Recording
internal import Units

/// A node of a cluster that does not exist, as its recording: a shop, a database, jobs by night and training by day, on
/// 16 CPUs with RAPL.
///
/// The same time gives the same load. The energy follows from the load by the formula of ``watts(busy:)``, so what an engine
/// makes of it can be held against that.
package struct DemoNode: RecordedTicks {
    /// Seconds that pass with each tick.
    package var step: Double
    /// What ran in the past and what is there now, by cgroup.
    private struct Cgroup {
        var id: UInt64
        var path: String
        var nanoseconds: UInt64 = 0
    }

    private var unixTime: Double
    private let origin: Double
    private var isFirst = true
    private var nextID: UInt64 = 100
    /// By path.
    private var cgroups: [String: Cgroup] = [:]
    /// Those of containers that run, by workload, replica and run.
    private var running: [String: (pod: String, container: String)] = [:]
    private var kernelNanoseconds: UInt64 = 0
    private var idleNanoseconds: UInt64 = 0
    private var chargedNanoseconds: UInt64 = 0
    private var reads: UInt64 = 0
    /// Not counted yet, uJ.
    private var rest = (package: 0.0, dram: 0.0)

    package static let cpus = 16

    /// - Parameters:
    ///   - start: Unix time, s.
    ///   - step: seconds that pass with each tick.
    package init(startingAt start: Double, step: Double = 1) {
        self.step = step
        unixTime = start
        origin = start
    }

    /// What is known of it at the start.
    package var header: RecordingHeader {
        let cpu = CPUModel(
            vendor: "GenuineIntel", family: 6, model: 106, stepping: 6, name: "simulated processor, 16 threads")
        var header = RecordingHeader(
            facts: MachineFacts(
                hardware: HardwareFacts(cpu: cpu, memoryBytes: 64 << 30, procfs: "/proc"), threads: Self.cpus,
                sockets: [0],
                cgroupRoot: nil))
        header.program = energydBuild
        header.settings = [
            .init("node.name", "demo"), .init("processes", "off"), .init("carbon.zone", "DE"),
            .init("price.per-kwh", "0.32EUR"), .init("power.idle", "package=34,dram=7"), .init("sample.interval", "1s"),
            .init("names", "none"),
            .init("kubernetes", "api"), .init("kubernetes.labels", "team"),
        ]
        return header
    }

    /// Power of the package and of the memory with so many CPUs busy, W.
    package static func watts(busy: Double) -> (package: Double, dram: Double) {
        (34 + 6.5 * busy + 0.08 * busy * busy, 7 + 0.7 * busy)
    }

    /// Lets time pass; what the engine takes in at the end of it. Never ends.
    package mutating func next() -> RecordedTick? { tick(after: isFirst ? 0 : step) }

    private mutating func tick(after seconds: Double) -> RecordedTick {
        unixTime += seconds
        var tick = RecordedTick()
        tick.awake = [unixTime - origin]
        tick.elapsed = tick.awake
        tick.unixTimes = [(unixTime * 1000).rounded(.down) / 1000]
        tick.tier = Tier(.ebpf, reason: "simulated by energyctl demo", isDegraded: false)
        tick.ownUsage = [OwnUsage(cpuSeconds: (unixTime - origin) * 0.0015, residentBytes: 29_000_000)]
        tick.cpuTimes = [
            CPUTimes(
                cpus: (0..<Self.cpus).map { .init(number: $0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0) },
                bootUnixTime: origin)
        ]
        var sample = AccountingSample()
        if isFirst {
            for path in ["/", "/system.slice", "/kubepods.slice", "/kubepods.slice/kubepods-burstable.slice"] {
                add(path, to: &sample)
            }
            for (path, _) in DemoWorkload.units { add(path, to: &sample) }
        }
        let busy = run(seconds, &sample, &tick.names)
        sample.kernelNanoseconds = kernelNanoseconds
        sample.kernel = kernel
        sample.cpu = totals
        tick.sample = sample
        tick.meters = [meter(seconds, busy: busy)]
        isFirst = false
        return tick
    }

    private var kernel: KernelState {
        var state = KernelState()
        (state.memoryBytes, state.cgroupsKept, state.cgroupCapacity) = (2 << 20, cgroups.count, 4096)
        return state
    }

    private var totals: CPUTimeTotals {
        var totals = CPUTimeTotals()
        (totals.charged, totals.idle) = (chargedNanoseconds, idleNanoseconds)
        totals.moment = SuspendingClock().systemEpoch + .seconds(unixTime - origin)
        (totals.online, totals.onlineThroughout) = (Self.cpus, Self.cpus)
        return totals
    }

    private mutating func add(_ path: String, to sample: inout AccountingSample) {
        cgroups[path] = Cgroup(id: nextID, path: path)
        sample.created.append(.init(id: nextID, path: path))
        nextID += 1
    }

    private mutating func remove(_ path: String, from sample: inout AccountingSample) {
        guard let cgroup = cgroups.removeValue(forKey: path) else { return }
        sample.removed.append(cgroup.id)
        sample.forgotten.append(cgroup.id)
    }

    // MARK: Load

    /// Everything that runs, for some seconds; CPUs that were busy on the average.
    private mutating func run(
        _ seconds: Double, _ sample: inout AccountingSample, _ names: inout RecordedNames
    ) -> Double {
        // The first of January 1970 was a Thursday.
        let day = Int((unixTime / 86_400).rounded(.down)) + 3
        let hour = unixTime.truncatingRemainder(dividingBy: 86_400) / 3600
        var loads: [(path: String, cpus: Double)] = [("/", 0.02)] + DemoWorkload.units.map { ($0.0, $0.1) }
        var wanted: Set<String> = []
        for (index, workload) in DemoWorkload.all.enumerated() {
            guard let run = workload.run(day: day, hour: hour) else { continue }
            for replica in 0..<workload.replicas {
                let key = "\(index)-\(replica)-\(run)"
                wanted.insert(key)
                if running[key] == nil { start(workload, key, &sample, &names) }
                let noise = Self.noise(unixTime / 40, seed: index * 16 + replica)
                let cpus = workload.load(day: day, hour: hour, noise: noise)
                if let container = running[key]?.container { loads.append((container, cpus)) }
            }
        }
        for (key, paths) in running.sorted(by: { $0.key < $1.key }) where !wanted.contains(key) {
            remove(paths.container, from: &sample)
            remove(paths.pod, from: &sample)
            running[key] = nil
        }
        var busy = 0.03
        kernelNanoseconds += UInt64(0.03 * seconds * 1e9)
        for (path, cpus) in loads {
            let cpus = cpus * (0.9 + 0.2 * Self.noise(unixTime / 3, seed: path.utf8.count))
            busy += cpus
            cgroups[path]?.nanoseconds += UInt64(cpus * seconds * 1e9)
        }
        for cgroup in cgroups.values.sorted(by: { $0.id < $1.id }) {
            sample.usage.append(
                .init(cgroup: cgroup.id, counters: UsageCounters(cpuNanoseconds: cgroup.nanoseconds)))
        }
        chargedNanoseconds += UInt64(busy * seconds * 1e9)
        idleNanoseconds += UInt64(max(0, Double(Self.cpus) - busy) * seconds * 1e9)
        return busy
    }

    private mutating func start(
        _ workload: DemoWorkload, _ key: String, _ sample: inout AccountingSample, _ names: inout RecordedNames
    ) {
        let number = Self.hash(key)
        func digits(_ count: Int, _ salt: UInt64) -> String {
            let text = String(Self.mix(number &+ salt), radix: 16) + String(Self.mix(number &+ salt &+ 99), radix: 16)
            return String(text.prefix(count)) + String(repeating: "0", count: max(0, count - text.count))
        }
        let uid = "\(digits(8, 1))-\(digits(4, 2))-4\(digits(3, 3))-8\(digits(3, 4))-\(digits(12, 5))"
        let id = (0..<4).map { digits(16, UInt64(10 + $0)) }.joined()
        let pod =
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
            + uid.replacing("-", with: "_") + ".slice"
        let container = pod + "/cri-containerd-\(id).scope"
        add(pod, to: &sample)
        add(container, to: &sample)
        running[key] = (pod, container)

        let isSet = workload.ownerKind == "StatefulSet"
        let suffix = isSet ? "0" : workload.ownerKind == "Deployment" ? "\(digits(9, 6))-\(digits(5, 7))" : digits(5, 7)
        let common = ["k8s.namespace.name": workload.namespace, "k8s.pod.name": "\(workload.name)-\(suffix)"]
        var facts = common
        facts["k8s.pod.qos"] = "Burstable"
        facts["k8s.owner.kind"] = workload.ownerKind
        facts["k8s.owner.name"] = workload.name
        facts["k8s.pod.label.team"] = workload.team
        var ofContainer = common
        ofContainer["k8s.container.name"] = workload.name
        ofContainer["container.image.name"] = "registry.example/\(workload.image)"
        names.changes += [
            .set(.pod(uid), facts: facts, id: "", .kubernetes),
            .set(.container(id), facts: ofContainer, id: "", .kubernetes),
        ]
    }

    // MARK: Power

    private mutating func meter(_ seconds: Double, busy: Double) -> RecordedMeter {
        let zones = [ZoneID(.package, socket: 0), ZoneID(.dram, socket: 0)].map {
            Zone($0, source: "rapl", quality: .measured)
        }
        var meter = RecordedMeter()
        meter.kind = SourceKind.rapl.rawValue
        var state = RecordedMeter.State()
        state.name = meter.kind
        state.zones = zones
        if isFirst {
            meter.openings = [.opened(state)]
            meter.readings = [RecordedMeter.Reading()]
        }
        reads += 1
        state.health.reads = reads
        state.health.lastRead = Seconds(unixTime - origin)
        let watts = Self.watts(busy: busy)
        var reading = RecordedMeter.Reading()
        reading.state = state
        if seconds > 0 {
            rest.package += watts.package * seconds * 1e6
            rest.dram += watts.dram * seconds * 1e6
            let whole = [UInt64(rest.package), UInt64(rest.dram)]
            rest = (rest.package - Double(whole[0]), rest.dram - Double(whole[1]))
            reading.zones = zip(zones, whole).map { ZoneReading(zone: $0, energy: Microjoules($1)) }
        }
        meter.readings = [reading]
        return meter
    }

    // MARK: Chance

    /// A smooth function of time, 0 to 1.
    private static func noise(_ time: Double, seed: Int) -> Double {
        let step = time.rounded(.down)
        func value(_ step: Double) -> Double {
            Double(mix(UInt64(bitPattern: Int64(step)) &+ UInt64(seed) &* 0x9E37_79B9) >> 11) / Double(1 << 53)
        }
        let part = time - step
        let smooth = part * part * (3 - 2 * part)
        return value(step) * (1 - smooth) + value(step + 1) * smooth
    }

    private static func hash(_ text: String) -> UInt64 { text.utf8.reduce(17) { mix($0 &* 31 &+ UInt64($1)) } }

    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private static func mix(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
