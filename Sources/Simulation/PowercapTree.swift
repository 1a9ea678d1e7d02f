internal import Glibc

/// Something that goes wrong with the meters for a while.
package struct MeterFault: Sendable, Equatable {
    package enum Kind: String, CaseIterable, Sendable {
        /// Reading `energy_uj` is an error.
        case unreadable
        case garbage
        /// The driver is gone.
        case missing
        /// The counter is frozen, and then jumps.
        case stuck
        /// The counter begins anew.
        case reset
    }

    package var kind: Kind
    /// Since the start, s.
    package var start: Double
    package var length: Double

    package init(kind: Kind, start: Double, length: Double) {
        self.kind = kind
        self.start = start
        self.length = length
    }
}

/// A powercap tree like the kernel's below a directory: `class/powercap/intel-rapl:0` and so on.
package struct PowercapTree {
    package typealias Refusal = OwnDirectory.Refusal

    /// Intel's default: 32 bits of 61 uJ.
    package static let range: UInt64 = 262_143_328_850
    private static let unit: UInt64 = 61
    private static let marker = ".energyd-simulation"

    private struct Zone {
        let directory: String
        let name: String
        var offset: UInt64
    }

    private let directory: OwnDirectory
    private static let root = "class/powercap"
    private var zones: [Zone]
    private var isMissing = false
    private var hasReset = false

    /// Lays the tree out.
    ///
    /// - Parameters:
    ///   - path: a directory that is new, empty, or of an earlier simulation.
    ///   - start: first value of the package's counter, uJ.
    package init(path: String, hasPlatform: Bool, startingAt start: UInt64) throws(Refusal) {
        zones = [
            Zone(directory: "intel-rapl:0", name: "package-0", offset: start % Self.range),
            Zone(directory: "intel-rapl:0/intel-rapl:0:0", name: "dram", offset: 0),
        ]
        if hasPlatform { zones.append(Zone(directory: "intel-rapl:1", name: "psys", offset: 0)) }
        directory = try OwnDirectory(path)
        guard directory.contains(Self.marker) || directory.isEmpty else {
            throw Refusal(description: "\(path) holds something else: name a directory that is new or empty")
        }
        guard directory.replace(Self.marker, with: "") else {
            throw Refusal(description: "cannot write to \(path): \(String(cString: strerror(errno)))")
        }
        for name in ["class", Self.root] { try directory.make(name) }
        for zone in zones { try directory.make("\(Self.root)/\(zone.directory)") }
        layOut()
    }

    /// Writes a file beside the tree.
    @discardableResult
    package func write(_ text: String, to name: String) -> Bool { directory.replace(name, with: text) }

    private func layOut() {
        for zone in zones {
            let place = "\(Self.root)/\(zone.directory)"
            try? directory.make(place)
            directory.replace("\(place)/name", with: zone.name + "\n")
            directory.replace("\(place)/max_energy_range_uj", with: "\(Self.range)\n")
        }
    }

    /// Shows these energies, J, in the order package, dram, psys; or what the fault makes of them.
    package mutating func show(_ joules: [Double], fault: MeterFault?) {
        if fault?.kind != .missing, isMissing {
            isMissing = false
            layOut()
        }
        switch fault?.kind {
        case .stuck: return
        case .missing:
            guard !isMissing else { return }
            isMissing = true
            for zone in zones.reversed() {
                let place = "\(Self.root)/\(zone.directory)"
                for file in ["name", "max_energy_range_uj", "energy_uj"] { directory.remove("\(place)/\(file)") }
                directory.remove(place)
            }
            return
        case .reset:
            if !hasReset {
                for (index, energy) in joules.prefix(zones.count).enumerated() {
                    let steps = UInt64(max(0, energy) * 1e6)
                    zones[index].offset = Self.range - steps % Self.range
                }
            }
            hasReset = true
        default: hasReset = false
        }
        for (zone, energy) in zip(zones, joules) {
            let file = "\(Self.root)/\(zone.directory)/energy_uj"
            let count = (zone.offset + UInt64(max(0, energy) * 1e6)) % Self.range / Self.unit * Self.unit
            switch fault?.kind {
            case .unreadable:
                directory.remove(file)
                try? directory.make(file)
            case .garbage:
                directory.replace(file, with: "garbage\n")
            default:
                directory.replace(file, with: "\(count)\n")
            }
        }
    }
}
