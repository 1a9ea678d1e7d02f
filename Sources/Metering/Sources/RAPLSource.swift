package import Attribution
package import Linux
package import Units

/// Intel's and AMD's running average power limit counters, through the kernel's powercap files.
package struct RAPLSource: PowerSource {
    package let name: String
    package private(set) var health = SourceHealth()

    private let root: String
    private let interface: RAPLInterface
    /// Design power of one package; nil where it is unknown, or where the counters are another machine's.
    private let design: Watts?
    private var meters: [ZoneID: Meter] = [:]
    private var mirrors: [ZoneID: ZoneID] = [:]
    private var nextSearch = 0.0
    /// How often to look for zones that came or went, s.
    private static let searchInterval = 30.0

    /// One zone's counter and where it is.
    private struct Meter {
        let path: String
        var counting: CountingMeter
    }

    /// The machine's own counters: `rapl`, or `rapl-mmio` for their memory-mapped repetition.
    ///
    /// Throws the diagnosis where there is no zone that can be read.
    package init(paths: HostPaths, interface: RAPLInterface = .registers) throws(Diagnosis) {
        try self.init(
            name: interface == .mmio ? "rapl-mmio" : "rapl", root: paths.sysfs + "/class/powercap",
            interface: interface, design: designPower(of: paths)
        ) { root in
            explainMissingRAPL(root: root, paths: paths)
        }
    }

    /// `host`: a powercap-like tree that a hypervisor shares with this machine, over virtiofs or 9p; the directory of
    /// the zones or one with `class/powercap` in it.
    package init(hostTree path: String) throws(Diagnosis) {
        let below = path + "/class/powercap"
        try self.init(name: "host", root: isDirectory(below) ? below : path, interface: .any) { root in
            Diagnosis(
                .missing, "\(root): no powercap zone",
                remedy: "mount the tree that the host shares and point --power.host at it")
        }
    }

    private init(
        name: String, root: String, interface: RAPLInterface, design: Watts? = nil, explain: (String) -> Diagnosis
    ) throws(Diagnosis) {
        self.name = name
        self.design = design
        self.root = root
        self.interface = interface
        let zones = (try? findRAPLZones(in: root, interface: interface)) ?? []
        guard !zones.isEmpty else { throw explain(root) }
        var refusal: HostError?
        var isReadable = false
        for zone in zones where !isReadable {
            do {
                _ = try readNumber(zone.path + "/energy_uj")
                isReadable = true
            } catch {
                refusal = error
            }
        }
        if let refusal, !isReadable { throw Self.explain(refusal) }
        adopt(zones)
    }

    package var zones: [Zone] { meters.values.map(\.counting.zone) }

    package var stillZones: [ZoneID: String] { meters.compactMapValues(\.counting.stillness) }

    package mutating func sample(at now: Seconds) {
        if now.value >= nextSearch { search(at: now) }
        for id in meters.keys {
            read(id, at: now)
        }
    }

    package mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        meters.keys.sorted().compactMap { meters[$0]?.counting.report(activity, at: now, health: &health) }
    }

    private mutating func read(_ id: ZoneID, at now: Seconds) {
        guard var meter = meters[id] else { return }
        let file = meter.path + "/energy_uj"
        do {
            meter.counting.take(try readNumber(file), at: now, of: file, health: &health)
        } catch {
            // The driver may have been loaded anew, under other numbers.
            if meter.counting.miss(Self.explain(error).description, health: &health) { nextSearch = now.value }
        }
        meters[id] = meter
    }

    private mutating func search(at now: Seconds) {
        nextSearch = now.value + Self.searchInterval
        adopt((try? findRAPLZones(in: root, interface: interface)) ?? [])
    }

    private mutating func adopt(_ zones: [RAPLZone]) {
        mirrors = findMirrors(among: zones, known: mirrors)
        health.remarks = mirrors.sorted { $0.key < $1.key }.map { copy, original in
            "\(copy) repeats the counter of \(original), which is counted once"
        }
        for id in mirrors.keys { meters[id] = nil }
        for zone in zones where mirrors[zone.id] == nil {
            // Another directory is another counter, whatever it measures.
            guard meters[zone.id]?.path != zone.path else { continue }
            let known = Zone(zone.id, source: name, quality: .measured)
            let limit = PowerLimit.highest(zone.id.component, constraints: zone.constraints, design: design)
            meters[zone.id] = Meter(
                path: zone.path, counting: CountingMeter(zone: known, range: zone.range, highestPower: limit))
        }
    }

    private static func explain(_ error: HostError) -> Diagnosis {
        Diagnosis(
            error,
            permission: "run as root or with CAP_DAC_READ_SEARCH (the file is root-only since CVE-2020-8694)")
    }
}
