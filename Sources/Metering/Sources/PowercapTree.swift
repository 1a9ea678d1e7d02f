internal import Attribution
internal import Linux

/// The counters below a powercap directory, and how they are found and read. What they mean is for ``ZoneCounters``.
struct PowercapTree: Sendable {
    private let root: String
    private let interface: RAPLInterface
    private var zones: [ZoneID: RAPLZone] = [:]
    private var mirrors: [ZoneID: ZoneID] = [:]
    /// Zones that could not be read the last time.
    private var failing: Set<ZoneID> = []
    private var nextSearch = 0.0
    /// How often to look for zones that came or went, s.
    private static let searchInterval = 30.0

    /// Throws where there is no zone that can be read.
    ///
    /// - Parameter explain: why there is none in this directory.
    init(root: String, interface: RAPLInterface, explain: (String) -> Diagnosis) throws(Diagnosis) {
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

    /// A powercap-like tree that a hypervisor shares with this machine, over virtiofs or 9p; the directory of the zones or
    /// one with `class/powercap` in it.
    init(hostTree path: String) throws(Diagnosis) {
        let below = path + "/class/powercap"
        try self.init(root: isDirectory(below) ? below : path, interface: .any) { root in
            Diagnosis(
                .missing, "\(root): no powercap zone",
                remedy: "mount the tree that the host shares and point --power.host at it")
        }
    }

    /// Its zones, without their energy.
    var known: PowercapReading {
        let remarks = mirrors.sorted { $0.key < $1.key }.map { copy, original in
            "\(copy) repeats the counter of \(original), which is counted once"
        }
        return PowercapReading(
            counters: zones.values.sorted { $0.id < $1.id }.map { PowercapReading.Counter(zone: $0) }, remarks: remarks)
    }

    /// Looks for zones that came or went, twice a minute, and at once after one could not be read.
    mutating func searchIfDue(at now: Double) {
        guard now >= nextSearch else { return }
        nextSearch = now + Self.searchInterval
        adopt((try? findRAPLZones(in: root, interface: interface)) ?? [])
    }

    /// Reads every counter.
    mutating func read(at now: Double) -> PowercapReading {
        var reading = known
        for index in reading.counters.indices {
            let zone = reading.counters[index].zone
            do {
                reading.counters[index].energy = try readNumber(zone.path + "/energy_uj")
                failing.remove(zone.id)
            } catch {
                reading.counters[index].problem = Self.explain(error).description
                // The driver may have been loaded anew, under other numbers.
                if failing.insert(zone.id).inserted { nextSearch = now }
            }
        }
        return reading
    }

    private mutating func adopt(_ found: [RAPLZone]) {
        mirrors = findMirrors(among: found, known: mirrors)
        for id in mirrors.keys { zones[id] = nil }
        for zone in found where mirrors[zone.id] == nil { zones[zone.id] = zone }
    }

    private static func explain(_ error: HostError) -> Diagnosis {
        Diagnosis(
            error,
            permission: "run as root or with CAP_DAC_READ_SEARCH (the file is root-only since CVE-2020-8694)")
    }
}
