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
    /// Why the tree cannot be laid out.
    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    /// Intel's default: 32 bits of 61 uJ.
    package static let range: UInt64 = 262_143_328_850
    private static let unit: UInt64 = 61
    private static let marker = ".energyd-simulation"

    private struct Zone {
        let directory: String
        let name: String
        var offset: UInt64
    }

    private let root: String
    private var zones: [Zone]
    private var isMissing = false
    private var hasReset = false

    /// Lays the tree out.
    ///
    /// - Parameters:
    ///   - path: a directory that is new, empty, or of an earlier simulation.
    ///   - start: first value of the package's counter, uJ.
    package init(path: String, hasPlatform: Bool, startingAt start: UInt64) throws(Refusal) {
        root = path + "/class/powercap"
        zones = [
            Zone(directory: "intel-rapl:0", name: "package-0", offset: start % Self.range),
            Zone(directory: "intel-rapl:0/intel-rapl:0:0", name: "dram", offset: 0),
        ]
        if hasPlatform { zones.append(Zone(directory: "intel-rapl:1", name: "psys", offset: 0)) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw Refusal(description: "cannot make \(path): \(String(cString: strerror(errno)))")
        }
        guard access(path + "/" + Self.marker, F_OK) == 0 || Self.isEmpty(path) else {
            throw Refusal(description: "\(path) holds something else: name a directory that is new or empty")
        }
        guard writeAtOnce("", to: path + "/" + Self.marker) else {
            throw Refusal(description: "cannot write to \(path): \(String(cString: strerror(errno)))")
        }
        for directory in [path + "/class", root] { mkdir(directory, 0o755) }
        layOut()
    }

    private func layOut() {
        for zone in zones {
            mkdir("\(root)/\(zone.directory)", 0o755)
            writeAtOnce(zone.name + "\n", to: "\(root)/\(zone.directory)/name")
            writeAtOnce("\(Self.range)\n", to: "\(root)/\(zone.directory)/max_energy_range_uj")
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
                let directory = "\(root)/\(zone.directory)"
                for file in ["name", "max_energy_range_uj", "energy_uj"] { unlink("\(directory)/\(file)") }
                rmdir(directory)
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
            let file = "\(root)/\(zone.directory)/energy_uj"
            let count = (zone.offset + UInt64(max(0, energy) * 1e6)) % Self.range / Self.unit * Self.unit
            switch fault?.kind {
            case .unreadable:
                unlink(file)
                mkdir(file, 0o755)
            case .garbage:
                rmdir(file)
                writeAtOnce("garbage\n", to: file)
            default:
                rmdir(file)
                writeAtOnce("\(count)\n", to: file)
            }
        }
    }

    private static func isEmpty(_ path: String) -> Bool {
        guard let stream = opendir(path) else { return false }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return count <= 2
    }
}

/// Replaces a file: readers see the old content or the new.
@discardableResult
package func writeAtOnce(_ text: String, to path: String) -> Bool {
    let fresh = path + ".new"
    let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return false }
    let bytes = Array(text.utf8)
    let count = write(descriptor, bytes, bytes.count)
    close(descriptor)
    return count == bytes.count && rename(fresh, path) == 0
}
