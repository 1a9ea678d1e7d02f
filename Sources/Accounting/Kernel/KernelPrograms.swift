package import BPF
internal import CEnergyBPF
package import Linux

/// What the kernel programs are to keep, and room for how much.
package struct KernelSettings: Sendable {
    /// How counters are fetched from the kernel.
    package enum Reading: Sendable {
        /// By programs that write them to a ring buffer (`ebpf`).
        case drain
        /// By reading the maps (`ebpf-batch`).
        case batch
    }

    package var reading = Reading.drain
    /// Cgroups.
    package var cgroupCapacity: Int
    /// Processes; zero to leave them out.
    package var processCapacity = 0
    /// Number of the version 1 hierarchy that is accounted too; 0 for none.
    package var legacyHierarchy: UInt32 = 0
    /// False leaves out the programs that follow cgroups coming and going.
    package var hasNames = true
    /// Keep a histogram of waits for a CPU.
    package var tracksWaits = false
    package var topology: CPUTopology
    /// Hardware counters: cycles, instructions, cache misses, in this order; the first ones of them.
    package var counters: [PerfCounter.Event] = []
    /// Reading the counters may take this long per context switch; where it would take longer, some switches are left
    /// out. ns
    package var counterBudget = 100

    /// The running task has no type: before Linux 5.11.
    package var flushesUntyped = false

    var flushName: String { flushesUntyped ? "flush_cpu_untyped" : "flush_cpu" }

    package init(cgroupCapacity: Int, topology: CPUTopology = CPUTopology(uniform: Machine.possibleCPUs)) {
        self.cgroupCapacity = cgroupCapacity
        self.topology = topology
    }
}

/// The kernel programs, loaded, with their maps. Detached and gone with this object.
final class KernelPrograms {
    let settings: KernelSettings
    let cpus: Map
    let slots: Map
    let usages: Map
    private let usedOn: Map
    let counted: Map
    let waits: Map
    let processes: Map
    let flush: Program
    let drains: [Program]
    let counters: RingBuffer
    let lifecycle: RingBuffer
    /// One turn on the CPU in so many has its hardware counters read; nil where there are none.
    let countedTurns: Int?

    /// Of processes that have been told once since their exit (`ebpf-batch`).
    var exitsTold: Set<AccountingSample.ProcessUsage.Key> = []

    private let object: Object
    private let freeSlots: Map
    private let shared: [Map]
    private let maps: [Map]
    /// Shared with the programs that replace these: the maps of both hold the same counters.
    private let perf: [PerfCounter]
    private var links: [LinkBox] = []
    private let observed: [Program]

    /// Arrays hold no noncopyable values.
    private final class LinkBox {
        let link: Link
        init(_ link: consuming Link) { self.link = link }
    }

    /// Maps that hold what must survive when programs are replaced.
    private static let sharedMaps = ["cpus", "lifecycle", "processes", "counter_0", "counter_1", "counter_2"]
    private static let naming = [
        "on_cgroup_mkdir", "on_cgroup_rename", "on_cgroup_rmdir", "on_cgroup_release", "on_attach",
    ]
    private static let processNaming = ["on_exec"]
    /// A ring's record carries a header of this size.
    private static let ringHeader = 8

    /// Loads the programs; nothing is accounted before ``attach()``.
    ///
    /// - Parameter old: programs that these are to replace: what each CPU is in the middle of is shared with them, so
    ///   that a moment in which both are attached is counted once.
    init(_ settings: KernelSettings, replacing old: KernelPrograms? = nil) throws(BPFError) {
        self.settings = settings
        let object = try Object(
            image: UnsafeRawBufferPointer(start: energyd_bpf_object, count: energyd_bpf_object_size), name: "energyd")
        try Self.configure(object, settings)
        if let old { for map in old.shared { try object.reuse(map) } }
        try object.load()

        cpus = try object.map("cpus")
        slots = try object.map("slots")
        usages = try object.map("usages")
        usedOn = try object.map("used_on")
        counted = try object.map("counted")
        waits = try object.map("waits")
        processes = try object.map("processes")
        freeSlots = try object.map("free_slots")
        shared = try Self.sharedMaps.map { (name) throws(BPFError) in try object.map(name) }
        let rings = [try object.map("counters"), try object.map("lifecycle")]
        maps = [cpus, slots, usages, usedOn, counted, waits, processes, freeSlots] + rings
        counters = try RingBuffer(map: rings[0])
        lifecycle = try RingBuffer(map: rings[1])
        flush = try object.program(settings.flushName)
        drains = try Self.drainNames(settings).map { (name) throws(BPFError) in try object.program(name) }
        observed = try Self.attachedNames(settings).map { (name) throws(BPFError) in try object.program(name) }
        // The lowest slots on top: those in use lie close together.
        for slot in (0..<UInt32(slots.capacity)).reversed() { try freeSlots.push(slot) }

        if let old {
            (perf, countedTurns) = (old.perf, old.countedTurns)
        } else {
            perf = try Self.openCounters(settings, in: object)
            countedTurns = try Self.prepareCPUs(settings, cpus: cpus, counters: perf.count, in: object)
        }
        self.object = object
    }

    /// From here on the kernel accounts.
    func attach() throws(BPFError) {
        links = try Self.attachedNames(settings).map { (name) throws(BPFError) in LinkBox(try object.attach(name)) }
        // Every CPU, for none has a base yet; those that are offline refuse.
        for cpu in 0..<Machine.possibleCPUs { try? flush.run(onCPU: cpu) }
    }

    func detach() {
        links = []
    }

    /// Lets another cgroup have the place of one whose counters have been told for the last time.
    func forget(_ key: energyd_cgroup_key) throws(BPFError) {
        guard let slot = try slots.value(of: key, as: UInt32(0)), try slots.remove(key) else { return }
        // Nobody may guess it any more, and its next owner must find nothing of this one. The CPUs it was used on stay
        // marked: that costs a look, and nothing else.
        try usages.writePerCPU(key: slot, Array(repeating: energyd_usage(), count: Machine.possibleCPUs))
        if !settings.counters.isEmpty {
            try counted.writePerCPU(key: slot, Array(repeating: energyd_counted(), count: Machine.possibleCPUs))
        }
        if settings.tracksWaits {
            try waits.writePerCPU(key: slot, Array(repeating: energyd_waits(), count: Machine.possibleCPUs))
        }
        try freeSlots.push(slot)
    }

    /// Kernel memory of all maps, bytes.
    var kernelBytes: UInt64 { maps.reduce(0) { $0 + ($1.kernelBytes ?? 0) } }

    /// Times that a program was skipped because it was running already on that CPU.
    var recursionMisses: UInt64 { observed.reduce(0) { $0 + ((try? $1.facts().recursionMisses) ?? 0) } }

    /// Every program that was loaded, by name.
    var programs: [Program] { [flush] + drains + observed }

    private static func configure(_ object: borrowing Object, _ settings: KernelSettings) throws(BPFError) {
        try object.setReadOnlyData(
            energyd_config(
                cpu_count: UInt32(Machine.possibleCPUs), track_processes: settings.processCapacity > 0 ? 1 : 0,
                v1_hierarchy: settings.legacyHierarchy, track_waits: settings.tracksWaits ? 1 : 0,
                track_siblings: settings.topology.hasSiblings ? 1 : 0, counters: UInt32(settings.counters.count),
                track_classes: settings.topology.classes.count > 1 ? 1 : 0, reserved: 0))
        for map in ["slots", "free_slots", "usages", "used_on"] { try object.resize(map, to: settings.cgroupCapacity) }
        // Read in words of eight; the verifier wants the last of them whole wherever it may begin.
        try object.setValueSize(of: "used_on", to: (Machine.possibleCPUs + 7) / 8 * 8 + 8)
        if settings.tracksWaits { try object.resize("waits", to: settings.cgroupCapacity) }
        if !settings.counters.isEmpty {
            try object.resize("counted", to: settings.cgroupCapacity)
            for index in 0..<Int(ENERGYD_COUNTERS) { try object.resize("counter_\(index)", to: Machine.possibleCPUs) }
        }
        try object.resize("processes", to: max(1, settings.processCapacity))
        // A ring holds one byte less than its size.
        let bytes =
            1
            + max(
                settings.cgroupCapacity * (ringHeader + recordSize(settings)),
                settings.processCapacity * (ringHeader + MemoryLayout<energyd_process_record>.size))
        try object.resize(
            "counters", to: settings.reading == .drain ? max(65536, bytes.roundedUpToPowerOfTwo) : 4096)

        let wanted = Set(attachedNames(settings) + drainNames(settings) + [settings.flushName])
            .union(settings.counters.isEmpty ? [] : ["measure_counters"])
        let all =
            naming + processNaming + [
                "drain_cgroups", "drain_processes", "measure_counters", "flush_cpu", "flush_cpu_untyped",
            ]
        for program in all where !wanted.contains(program) { try object.disable(program) }
    }

    /// What a drain writes of one cgroup.
    private static func recordSize(_ settings: KernelSettings) -> Int {
        let whole = MemoryLayout<energyd_cgroup_record>.size
        if settings.tracksWaits { return whole }
        let end: PartialKeyPath<energyd_cgroup_record> = settings.counters.isEmpty ? \.counted : \.waits
        return MemoryLayout<energyd_cgroup_record>.offset(of: end) ?? whole
    }

    private static func drainNames(_ settings: KernelSettings) -> [String] {
        guard settings.reading == .drain else { return [] }
        return settings.processCapacity > 0 ? ["drain_cgroups", "drain_processes"] : ["drain_cgroups"]
    }

    /// Names first: a cgroup that is made while the tree is walked is then seen twice rather than never.
    private static func attachedNames(_ settings: KernelSettings) -> [String] {
        (settings.hasNames ? naming : []) + (settings.processCapacity > 0 ? processNaming : []) + [
            "on_exit", "on_switch",
        ]
    }

    private static func openCounters(
        _ settings: KernelSettings, in object: borrowing Object
    ) throws(BPFError) -> [PerfCounter] {
        let cpus = Linux.onlineCPUs(sysfs: "/sys") ?? Array(0..<Machine.possibleCPUs)
        var open: [PerfCounter] = []
        for (index, event) in settings.counters.enumerated() {
            let counter = try PerfCounter(event, cpus: cpus)
            try counter.install(in: object.map("counter_\(index)"))
            open.append(counter)
        }
        return open
    }

    /// Tells each CPU what it is, and how often to read its counters so that they cost no more than their budget.
    /// Returns one turn in how many is counted; nil without counters.
    private static func prepareCPUs(
        _ settings: KernelSettings, cpus: Map, counters: Int, in object: borrowing Object
    ) throws(BPFError) -> Int? {
        var states = Array(repeating: energyd_cpu(), count: Machine.possibleCPUs)
        var turns: Int?
        if counters > 0 {
            let measure = try object.program("measure_counters")
            for cpu in 0..<Machine.possibleCPUs { try? measure.run(onCPU: cpu) }
            try cpus.readPerCPU(key: 0, into: &states)
            let cost = Int(states.lazy.map(\.counter_read_ns).max() ?? 0)
            // A turn that is counted among others that are not takes two readings.
            var period = 1
            while period < 1024, (period == 1 ? cost : 2 * cost / period) > settings.counterBudget { period *= 2 }
            turns = period
        }
        for cpu in states.indices {
            states[cpu].core_class = UInt32(settings.topology.classOfCPU[cpu])
            states[cpu].sibling = UInt32(settings.topology.siblingOfCPU[cpu] ?? cpu)
            states[cpu].counter_mask = UInt32((turns ?? 1) - 1)
        }
        try cpus.writePerCPU(key: 0, states)
        return turns
    }
}

extension Int {
    var roundedUpToPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
