package import Attribution
internal import CLinux
internal import Glibc
package import Linux
package import Units

/// The same counters through the kernel's perf events `power/energy-*`: CAP_PERFMON is enough to read them, and the
/// kernel sees to wraps.
package struct PerfSource: PowerSource {
    package let name = "perf"
    package private(set) var health = SourceHealth()
    private var meters: [Meter]

    /// One event on one CPU of one package.
    private struct Meter {
        let event: PerfEvent
        let descriptor: PerfDescriptor
        var counting: CountingMeter
    }

    /// Opens every event there is, on one CPU of each package.
    package init(paths: HostPaths) throws(Diagnosis) {
        let root = paths.sysfs + "/bus/event_source/devices/power"
        guard fileExists(root + "/type") else {
            throw Machine(paths).missingPerf(root: root)
        }
        var meters: [Meter] = []
        let events: [PerfEvent]
        do {
            events = try findPerfEvents(paths: paths)
        } catch {
            throw Diagnosis(error, permission: "run as root")
        }
        guard !events.isEmpty else { throw Diagnosis(.garbage, "\(root)/events: no event for package, memory or psys") }
        let design = designPower(of: paths)
        for event in events {
            let descriptor = Privileges.tracing { energyd_perf_open(event.type, event.config, event.cpu, 0) }
            guard descriptor >= 0 else { throw Self.explain(root, -descriptor) }
            let zone = Zone(event.zone, source: "perf", quality: .measured)
            let limit = PowerLimit.highest(event.zone.component, constraints: [], design: design)
            meters.append(
                Meter(
                    event: event, descriptor: PerfDescriptor(descriptor),
                    counting: CountingMeter(zone: zone, range: nil, highestPower: limit)))
        }
        self.meters = meters
    }

    package var zones: [Zone] { meters.map(\.counting.zone) }

    package var stillZones: [ZoneID: String] { stillness(of: meters.lazy.map(\.counting)) }

    package mutating func sample(at now: Seconds) {
        for index in meters.indices {
            let event = meters[index].event
            let label = "power/\(event.name)/ on CPU \(event.cpu)"
            if let count = meters[index].descriptor.read() {
                let energy = Double(count) * event.joulesPerCount * 1e6
                meters[index].counting.take(
                    energy < 1.8e19 ? UInt64(energy) : .max, at: now, of: label, health: &health)
            } else {
                meters[index].counting.miss("\(label): cannot be read", health: &health)
            }
        }
    }

    package mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        meters.indices.compactMap { meters[$0].counting.report(activity, at: now, health: &health) }
    }

    private static func explain(_ path: String, _ code: Int32) -> Diagnosis {
        let text = "\(path): perf_event_open: \(String(cString: strerror(code)))"
        guard code == EACCES || code == EPERM else { return Diagnosis(.unreachable, text) }
        return Diagnosis(
            .permission, text,
            remedy: "run as root or with CAP_PERFMON; in a container, let its seccomp profile allow perf_event_open")
    }
}

/// An open perf event, closed with the last copy of its source.
private final class PerfDescriptor: Sendable {
    private let raw: Int32

    init(_ raw: Int32) { self.raw = raw }
    deinit { close(raw) }

    /// The count since it was opened; nil where there is none.
    func read() -> UInt64? {
        var value: UInt64 = 0
        let size = MemoryLayout<UInt64>.size
        return Glibc.read(raw, &value, size) == size ? value : nil
    }
}
