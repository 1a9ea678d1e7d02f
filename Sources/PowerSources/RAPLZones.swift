package import Energy
package import Host

/// A powercap zone that energyd uses, as found in sysfs.
package struct RAPLZone: Sendable, Equatable {
    /// `package-0`, `dram-0`, `package-0-die-1`: by the hardware's own numbering, never by the order of directories.
    package let name: String
    package let component: Zone.Component
    /// Its directory.
    package let path: String
    /// Highest counter value, uJ; nil where it cannot be read.
    package let range: UInt64?
}

/// Looks through `class/powercap` below `sysfs` for package and dram zones.
///
/// core and uncore lie inside package and are left out. `intel-rapl-mmio` repeats the package of `intel-rapl`: of
/// zones with the same name the first is taken, the register interface first. Powercap documentation:
/// Documentation/power/powercap/powercap.rst.
package func findRAPLZones(sysfs: String) throws(HostError) -> [RAPLZone] {
    let root = sysfs + "/class/powercap"
    var found: [String: RAPLZone] = [:]
    // The kernel lists every zone here; the zones below a package lie in its directory too.
    let names = try listDirectory(root).map(\.name).filter { $0.hasPrefix("intel-rapl") }
    let packages = names.filter { $0.split(separator: ":").count == 2 }
    // "intel-rapl-mmio:0" sorts before "intel-rapl:0", which has to win.
    for directory in packages.sorted(by: { ($0.contains("mmio") ? 1 : 0, $0) < ($1.contains("mmio") ? 1 : 0, $1) }) {
        let path = "\(root)/\(directory)"
        guard let name = try? readText(path + "/name", limit: 64), name.hasPrefix("package-") else { continue }
        add(name, .package, path)
        let nested = ((try? listDirectory(path)) ?? []).map { "\(directory)/\($0.name)" }
        for child in (nested + names).sorted()
        where child.split(separator: "/").last?.hasPrefix(directory + ":") == true {
            guard (try? readText("\(root)/\(child)/name", limit: 64)) == "dram" else { continue }
            add("dram-" + name.dropFirst("package-".count), .dram, "\(root)/\(child)")
        }
    }
    return found.values.sorted { $0.name < $1.name }

    func add(_ name: String, _ component: Zone.Component, _ path: String) {
        guard found[name] == nil else { return }
        let range = try? readNumber(path + "/max_energy_range_uj")
        found[name] = RAPLZone(name: printable(name, limit: 32), component: component, path: path, range: range)
    }
}
