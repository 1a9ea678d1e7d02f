package import Attribution
package import Linux

/// One energy event of the PMU `power`, on the CPU that counts for its package.
package struct PerfEvent: Sendable, Equatable {
    /// `energy-pkg`
    package let name: String
    package let zone: ZoneID
    /// Number of the PMU.
    package let type: UInt32
    package let config: UInt64
    package let cpu: Int32
    package let joulesPerCount: Double
}

/// Reads `bus/event_source/devices/power`: which events there are, what they count in, and which CPUs count.
///
/// The names of the zones are those that powercap gives: `package-0`, and `package-0-die-1` where a package has
/// several counters. AMD has one per package even where the CPU mask names more. Of `psys` there is one per machine.
/// Documentation/ABI/testing/sysfs-bus-event_source-devices-events.
package func findPerfEvents(paths: HostPaths) throws(HostError) -> [PerfEvent] {
    let root = paths.sysfs + "/bus/event_source/devices/power"
    guard let type = UInt32(exactly: try readNumber(root + "/type")) else {
        throw HostError(code: .malformed, path: root + "/type", detail: "out of range")
    }
    let cpus = (parseCPUList(try readText(root + "/cpumask", limit: 4096)) ?? []).map(Int32.init)
    guard !cpus.isEmpty else { throw HostError(code: .malformed, path: root + "/cpumask", detail: "no CPU") }
    let isAMD = ["AuthenticAMD", "HygonGenuine"].contains(CPUModel(procfs: paths.procfs).vendor)
    var places: [(cpu: Int32, package: UInt32, die: UInt32)] = []
    for cpu in cpus {
        let topology = "\(paths.sysfs)/devices/system/cpu/cpu\(cpu)/topology"
        let package = (try? readNumber(topology + "/physical_package_id")).flatMap(UInt32.init(exactly:)) ?? 0
        let die = (try? readNumber(topology + "/die_id")).flatMap(UInt32.init(exactly:)) ?? 0
        if isAMD, places.contains(where: { $0.package == package }) { continue }
        places.append((cpu, package, die))
    }
    let components: [(event: String, component: Zone.Component)] = [
        ("energy-pkg", .package), ("energy-ram", .dram), ("energy-psys", .psys),
    ]
    var events: [PerfEvent] = []
    for (name, component) in components {
        guard let text = try? readText("\(root)/events/\(name)", limit: 64), let config = parseEventConfig(text),
            let scale = (try? readText("\(root)/events/\(name).scale", limit: 64)).flatMap(Double.init),
            scale > 0, scale.isFinite, (try? readText("\(root)/events/\(name).unit", limit: 64)) == "Joules"
        else { continue }
        for place in component == .psys ? Array(places.prefix(1)) : places {
            let dies = places.count { $0.package == place.package }
            let zone = ZoneID(component, socket: place.package, die: dies > 1 ? place.die : nil)
            events.append(
                PerfEvent(
                    name: name, zone: zone, type: type, config: config, cpu: place.cpu,
                    joulesPerCount: scale))
        }
    }
    return events
}

/// `event=0x02` or `event=0x02,umask=0x1` as the kernel's PMU takes it.
func parseEventConfig(_ text: String) -> UInt64? {
    var config: UInt64?
    for part in text.split(separator: ",") {
        let sides = part.split(separator: "=", maxSplits: 1)
        guard sides.count == 2 else { return nil }
        let digits = sides[1].hasPrefix("0x") ? sides[1].dropFirst(2) : sides[1]
        guard let value = UInt64(digits, radix: sides[1].hasPrefix("0x") ? 16 : 10), value <= 0xff else { return nil }
        switch sides[0] {
        case "event": config = (config ?? 0) | value
        case "umask": config = (config ?? 0) | value << 8
        default: return nil
        }
    }
    return config
}
