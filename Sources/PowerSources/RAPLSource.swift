package import Energy
package import Host

/// Intel's and AMD's running average power limit counters, through the kernel's powercap files.
package struct RAPLSource: PowerSource {
    package let name = "rapl"
    package private(set) var health = SourceHealth()

    private let sysfs: String
    private var meters: [String: Meter] = [:]
    private var nextSearch = 0.0
    /// How often to look for zones that came or went, s.
    private static let searchInterval = 30.0

    /// One zone's counter and what was last reported of it.
    private struct Meter {
        var zone: RAPLZone
        var counter: EnergyCounter
        /// The counter's total at the readings of this window.
        var readings: [Microjoules] = []
        /// Total and time of the last report; nil until there is a base.
        var reported: (total: Microjoules, time: Seconds)?
        /// Since the last window that had a reading.
        var isFailing = false
        /// In this window: two samples that fail are one error.
        var hasFailed = false
    }

    /// Finds the machine's zones; throws with the diagnosis where there is none that can be read.
    package init(paths: HostPaths) throws(HostError) {
        sysfs = paths.sysfs
        let root = paths.sysfs + "/class/powercap"
        let zones: [RAPLZone]
        do {
            zones = try findRAPLZones(sysfs: paths.sysfs)
        } catch {
            throw Self.absent(root, isVirtual: isVirtualMachine(procfs: paths.procfs))
        }
        guard !zones.isEmpty else {
            throw Self.absent(root, isVirtual: isVirtualMachine(procfs: paths.procfs))
        }
        for zone in zones {
            meters[zone.name] = Meter(zone: zone, counter: EnergyCounter(range: zone.range))
        }
        var denied: HostError?
        for zone in zones {
            do {
                _ = try readNumber(zone.path + "/energy_uj")
                return
            } catch {
                denied = error
            }
        }
        if let denied { throw Self.explain(denied) }
    }

    package mutating func sample(at now: Seconds) {
        if now.value >= nextSearch { search(at: now) }
        for name in meters.keys {
            read(name, at: now)
        }
    }

    package mutating func collect(_ activity: NodeActivity, at now: Seconds) -> [ZoneReading] {
        var result: [ZoneReading] = []
        for name in meters.keys.sorted() {
            meters[name]?.hasFailed = false
            guard var meter = meters[name], !meter.readings.isEmpty else { continue }
            // Before and after the CPU counters were read: the middle is the moment they describe.
            // Only the last two: a tick that failed in between left its own.
            let last = meter.readings.suffix(2)
            let total = Microjoules(last.reduce(UInt64(0)) { $0 + $1.count } / UInt64(last.count))
            meter.readings.removeAll(keepingCapacity: true)
            if let reported = meter.reported, total >= reported.total {
                result.append(
                    reading(of: meter.zone, energy: total - reported.total, since: reported.time, activity, at: now))
            }
            meter.reported = (total, now)
            meters[name] = meter
        }
        return result
    }

    /// Gives the window its part of energy that was counted over a longer time.
    private func reading(
        of zone: RAPLZone, energy: Microjoules, since: Seconds, _ activity: NodeActivity, at now: Seconds
    ) -> ZoneReading {
        let covered = now.value - since.value
        let window = activity.duration.value
        var current = energy
        if covered > window * 1.5, window > 0 {
            current = Microjoules(UInt64(Double(energy.count) * window / covered))
        }
        return ZoneReading(
            zone: Zone(name: zone.name, component: zone.component, source: name, quality: .measured),
            energy: min(current, energy), late: energy - min(current, energy))
    }

    private mutating func read(_ name: String, at now: Seconds) {
        guard var meter = meters[name] else { return }
        defer { meters[name] = meter }
        do {
            let value = try readNumber(meter.zone.path + "/energy_uj")
            let event = meter.counter.advance(to: value, at: now)
            switch event {
            case .advance: break
            case .base where meter.reported == nil: break
            case .base: health.count("gap")
            case .wrap, .reset: health.count(event.rawValue)
            case .implausible:
                health.count(event.rawValue)
                health.fail("\(meter.zone.path)/energy_uj: implausible value \(value) uJ, not counted")
            }
            meter.isFailing = false
            meter.readings.append(meter.counter.total)
        } catch {
            if !meter.hasFailed { health.fail(Self.explain(error).description) }
            // The driver may have been loaded anew, under other numbers.
            if !meter.isFailing { nextSearch = now.value }
            meter.isFailing = true
            meter.hasFailed = true
        }
    }

    private mutating func search(at now: Seconds) {
        nextSearch = now.value + Self.searchInterval
        for zone in (try? findRAPLZones(sysfs: sysfs)) ?? [] {
            // Another directory is another counter, whatever it measures.
            guard meters[zone.name]?.zone.path != zone.path else { continue }
            meters[zone.name] = Meter(zone: zone, counter: EnergyCounter(range: zone.range))
        }
    }
}

extension RAPLSource {
    private static func absent(_ root: String, isVirtual: Bool) -> HostError {
        let remedy =
            isVirtual
            ? "this is a virtual machine, and its host does not pass the counters on"
            : "load the driver (modprobe intel_rapl_msr), or, in a container, mount the host's /sys and point "
                + "--path.sysfs at it"
        return HostError(code: .missing, path: root, detail: "no RAPL zone: \(remedy)")
    }

    private static func explain(_ error: HostError) -> HostError {
        guard error.code == .permission else { return error }
        return HostError(
            code: .permission, path: error.path,
            detail: "permission denied: run as root or with CAP_DAC_READ_SEARCH (the file is root-only since "
                + "CVE-2020-8694)")
    }
}
