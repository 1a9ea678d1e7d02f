package import Attribution
package import Linux

/// A powercap zone that energyd uses, as found in sysfs.
package struct RAPLZone: Sendable, Equatable, Codable {
    /// By the hardware's own numbering, never by the order of directories.
    package let id: ZoneID
    /// Its directory.
    package let path: String
    /// Highest counter value, uJ; nil where it cannot be read.
    package let range: UInt64?
    /// Its limits as the kernel reports them, `constraint_*_power_limit_uw` and `constraint_*_max_power_uw`, uW.
    package let constraints: [UInt64]
}

/// The way to the counters. More than one may lead to the same.
package enum RAPLInterface: Sendable {
    /// `intel-rapl`: model-specific registers or TPMI, AMD's too.
    case registers
    /// `intel-rapl-mmio`: the packages once more, memory-mapped, on laptops.
    case mmio
    /// Whatever a hypervisor put there.
    case any

    /// True for the control type of a directory such as `intel-rapl:0`.
    func includes(_ controlType: Substring) -> Bool {
        guard controlType.contains("rapl") else { return false }
        switch self {
        case .registers: return !controlType.contains("mmio")
        case .mmio: return controlType.contains("mmio")
        case .any: return true
        }
    }
}

/// Looks through a powercap directory for package, dram and psys zones.
///
/// core and uncore lie inside package and are left out. Of zones with the same name the first is taken.
/// Powercap documentation: Documentation/power/powercap/powercap.rst.
package func findRAPLZones(in root: String, interface: RAPLInterface) throws(HostError) -> [RAPLZone] {
    var found: [ZoneID: RAPLZone] = [:]
    // The kernel lists every zone here; the zones below a package lie in its directory too.
    let names = try listDirectory(root).map(\.name).filter { name in
        name.firstIndex(of: ":").map { interface.includes(name[..<$0]) } == true
    }
    let top = names.filter { $0.split(separator: ":").count == 2 }
    for directory in top.sorted(by: { ($0.contains("mmio") ? 1 : 0, $0) < ($1.contains("mmio") ? 1 : 0, $1) }) {
        let path = "\(root)/\(directory)"
        guard let id = topZone(directory, path, interface) else { continue }
        add(id, path)
        guard id != .psys else { continue }
        let nested = ((try? listDirectory(path)) ?? []).map { "\(directory)/\($0.name)" }
        for child in (nested + names).sorted()
        where child.split(separator: "/").last?.hasPrefix(directory + ":") == true {
            guard zoneName(in: "\(root)/\(child)") == "dram" else { continue }
            add(ZoneID(.dram, socket: id.socket, die: id.die), "\(root)/\(child)")
        }
    }
    return found.values.sorted { $0.id < $1.id }

    func add(_ id: ZoneID, _ path: String) {
        guard found[id] == nil else { return }
        let range = try? readNumber(path + "/max_energy_range_uj")
        found[id] = RAPLZone(id: id, path: path, range: range, constraints: powerConstraints(in: path))
    }
}

/// The kernel's name of a zone, without what a share or a script may have added to it; nil where there is none.
private func zoneName(in path: String) -> String? {
    guard let text = try? readText(path + "/name", limit: 64) else { return nil }
    let name = text.split { $0.isWhitespace || $0 == "\0" }.joined(separator: " ")
    return name.isEmpty ? nil : name
}

/// What the zone of a top directory is; nil for one that is not used.
///
/// What a hypervisor puts there may have no more than counters, as Scaphandre's trees have: `intel-rapl:1/energy_uj` is a
/// package then.
private func topZone(_ directory: String, _ path: String, _ interface: RAPLInterface) -> ZoneID? {
    let name = zoneName(in: path)
    if interface == .any, name == nil || name == "package", fileExists(path + "/energy_uj"),
        let socket = directory.split(separator: ":").last.flatMap({ UInt32($0) })
    {
        return ZoneID(.package, socket: socket)
    }
    guard let id = name.flatMap({ ZoneID($0) }), id == .psys || id.component == .package && id.socket != nil else {
        return nil
    }
    return id
}

/// Packages have up to three of them: long term, short term, peak.
private func powerConstraints(in path: String) -> [UInt64] {
    (0..<4).flatMap { number in
        ["power_limit", "max_power"].compactMap { try? readNumber("\(path)/constraint_\(number)_\($0)_uw") }
    }
}

/// The zones that repeat the counter of another one: some kernels list every die of a socket and read one register for
/// all of them.
///
/// Two zones have the same counter if a reading of the second always lies between two of the first.
///
/// - Parameter known: what was found before; it holds for zones that cannot be read at present.
package func findMirrors(among zones: [RAPLZone], known: [ZoneID: ZoneID] = [:]) -> [ZoneID: ZoneID] {
    var mirrors: [ZoneID: ZoneID] = [:]
    var firsts: [ZoneID: RAPLZone] = [:]
    for zone in zones where zone.id.die != nil {
        let socket = zone.id.wholeSocket
        guard let first = firsts[socket] else {
            firsts[socket] = zone
            continue
        }
        if isSameCounter(first, zone) ?? (known[zone.id] == first.id) { mirrors[zone.id] = first.id }
    }
    return mirrors
}

/// nil where one of them cannot be read.
private func isSameCounter(_ one: RAPLZone, _ other: RAPLZone) -> Bool? {
    var looks = 0
    for _ in 0..<10 where looks < 3 {
        guard let before = try? readNumber(one.path + "/energy_uj"),
            let value = try? readNumber(other.path + "/energy_uj"),
            let after = try? readNumber(one.path + "/energy_uj")
        else { return nil }
        // It has wrapped just now.
        if after < before { continue }
        guard before <= value, value <= after else { return false }
        looks += 1
    }
    return looks == 3 ? true : nil
}

/// Why there is no zone to be found below `root`.
package func explainMissingRAPL(
    root: String, paths: HostPaths, interface: RAPLInterface = .registers
) -> Diagnosis {
    let mount = "in a container, mount the host's /sys elsewhere and point --path.sysfs at it"
    let entries = (try? listDirectory(root)) ?? []
    let dangling = entries.contains { $0.name.contains("rapl:") && !fileExists("\(root)/\($0.name)/name") }
    let devices = paths.sysfs + "/devices/virtual/powercap"
    let isEmptied = isDirectory(devices) && (try? listDirectory(devices).isEmpty) == true
    if dangling || isEmptied {
        return Diagnosis(
            .masked, "\(root): the zones are hidden: container engines mask \(devices) since CVE-2020-8694",
            remedy: mount)
    }
    let zones = entries.map(\.name).sorted().filter { name in
        name.firstIndex(of: ":").map { interface.includes(name[..<$0]) } == true
    }
    let listed = zones.compactMap { zoneName(in: "\(root)/\($0)") }
    if !listed.isEmpty {
        let names = printable(listed.prefix(8).joined(separator: ", "))
        return Diagnosis(
            .missing, "\(root): the driver is there, and shows no package, only \(names)",
            remedy: Machine(paths).withoutPackage)
    }
    let names = entries.map(\.name).sorted().prefix(4).joined(separator: ", ")
    return Machine(paths).missingRAPL(
        root: root, others: names.isEmpty ? "" : " among \(printable(names))", mount: mount)
}
