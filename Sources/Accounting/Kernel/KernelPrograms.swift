internal import BPF
internal import CEnergyBPF
internal import Linux

/// The kernel programs, loaded, with their maps. Detached and gone with this object.
final class KernelPrograms {
    let settings: KernelSettings
    let cpus: Map
    let cgroups: SlotTable
    let processes: SlotTable
    /// By slot of a cgroup and CPU.
    let hardwareCounts: Map
    let waits: Map
    let flush: Program
    let drains: [Program]
    let totals: RingBuffer
    let lifecycle: RingBuffer
    /// Hardware events are counted in one run out of this many; nil where they are not counted.
    let countingPeriod: Int?

    private let object: Object
    private let shared: Map
    private let sharedMaps: [Map]
    private let maps: [Map]
    /// Shared with the programs that replace these: the maps of both hold the same events.
    private let perf: [PerfCounter]
    private var links: [LinkBox] = []
    private var eventLinks: [LinkBox] = []
    private var followsEvents = true
    private let observed: [Program]

    /// Arrays hold no noncopyable values.
    private final class LinkBox {
        let link: Link
        init(_ link: consuming Link) { self.link = link }
    }

    /// Loads the programs; nothing is accounted before ``attach()``.
    ///
    /// - Parameter old: programs that these are to replace: what each CPU is in the middle of is shared with them, so
    ///   that a moment in which both are attached is counted once.
    init(_ settings: KernelSettings, replacing old: KernelPrograms? = nil) throws(BPFError) {
        self.settings = settings
        let image = UnsafeRawBufferPointer(start: energyd_accounting_object, count: energyd_accounting_object_size)
        let object = try Object(image: image, name: "energyd")
        try settings.configure(object)
        if let old { for map in old.sharedMaps { try object.reuse(map) } }
        try object.load()

        shared = try object.map("shared")
        cpus = try object.map("cpus")
        cgroups = try SlotTable(object, names: .cgroups, extras: settings.extraMaps)
        processes = try SlotTable(object, names: .processes)
        hardwareCounts = try object.map("hw_counts")
        waits = try object.map("waits")
        sharedMaps = try KernelSettings.sharedMaps.map { (name) throws(BPFError) in try object.map(name) }
        let rings = [try object.map("totals"), try object.map("lifecycle")]
        maps = [cpus] + cgroups.maps + processes.maps + rings
        totals = try RingBuffer(map: rings[0])
        lifecycle = try RingBuffer(map: rings[1])
        flush = try object.program(settings.flushName)
        drains = try settings.drainNames.map { (name) throws(BPFError) in try object.program(name) }
        observed = try (settings.eventNames + settings.attachedNames).map { (name) throws(BPFError) in
            try object.program(name)
        }
        try cgroups.fill()
        if let old {
            (perf, countingPeriod) = (old.perf, old.countingPeriod)
        } else {
            if settings.processCapacity > 0 { try processes.fill() }
            perf = try settings.openCounters(in: object)
            countingPeriod = try settings.prepareCPUs(cpus, counters: perf.count, in: object)
        }
        self.object = object
    }

    /// From here on the kernel accounts. Events first: a cgroup that is made while the tree is walked is then seen twice
    /// rather than never.
    func attach() throws(BPFError) {
        if followsEvents {
            eventLinks = try settings.eventNames.map { (name) throws(BPFError) in LinkBox(try object.attach(name)) }
        }
        links = try settings.attachedNames.map { (name) throws(BPFError) in LinkBox(try object.attach(name)) }
        // Every CPU, for none has a base yet; those that are offline refuse.
        for cpu in 0..<Machine.possibleCPUs { try? flush.run(onCPU: cpu) }
    }

    func detach() {
        links = []
        eventLinks = []
    }

    /// From here on nothing follows cgroups and tasks that are moved; the accounting continues.
    func detachEvents() {
        followsEvents = false
        eventLinks = []
    }

    /// From here on, what is charged belongs to the window of this number.
    func beginWindow(_ number: UInt32) throws(BPFError) {
        try shared.update(UInt32(0), energyd_shared(window: number, reserved: 0))
    }

    /// Kernel memory of all maps, bytes.
    var kernelBytes: UInt64 { maps.reduce(0) { $0 + ($1.kernelBytes ?? 0) } }

    /// Times that a program was skipped because it was running already on that CPU.
    var recursionMisses: UInt64 { observed.reduce(0) { $0 + ((try? $1.facts().recursionMisses) ?? 0) } }

    /// Every program that was loaded.
    var programs: [Program] { [flush] + drains + observed }
}
