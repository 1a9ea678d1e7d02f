package import Attribution
import Linux
package import Metering
import TestSupport
package import Units

/// A power source that follows a script, window by window.
package struct ScriptedSource: PowerSource {
    package let name: String
    package let zones: [Zone]
    package private(set) var health = SourceHealth()
    /// Watts by zone, one line for each window; nil where the zone cannot be read. After the last line nothing can.
    private let script: [[Watts?]]
    private var next = 0
    private var hasBase = false

    /// - Parameter script: of every window after the base, in the order of `zones`.
    package init(_ kind: SourceKind, zones: [ZoneID], script: [[Watts?]]) {
        name = kind.rawValue
        self.zones = zones.map { Zone($0, source: kind.rawValue, quality: .measured) }
        self.script = script
    }

    /// Readings that were recorded in a file: a header with the names of zones, then a line of watts for every window,
    /// separated by commas; an empty field is a zone that could not be read.
    package init(_ kind: SourceKind, recording path: String) throws {
        let rows = try readGivenText(path, limit: 16 << 20).split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        guard let header = rows.first, case let zones = header.compactMap({ ZoneID($0) }), zones.count == header.count,
            rows.allSatisfy({ $0.count == header.count })
        else { throw Failure("\(path): not a recording: a header of zones and a column for each") }
        self.init(
            kind, zones: zones,
            script: rows.dropFirst().map { $0.map { field in Double(field).map { Watts($0) } } })
    }

    package mutating func sample(at now: Seconds) {}

    package mutating func collect(_ usage: NodeUsage, at now: Seconds) -> [ZoneReading] {
        guard hasBase else {
            hasBase = true
            return []
        }
        defer { next += 1 }
        guard next < script.count else { return [] }
        return zip(zones, script[next]).compactMap { zone, watts in
            watts.map { ZoneReading(zone: zone, energy: $0.energy(over: usage.duration)) }
        }
    }
}

extension Meter {
    /// A meter that is there from the start.
    package init(_ source: ScriptedSource) {
        self.init(kind: SourceKind(rawValue: source.name) ?? .rapl) { () throws(Diagnosis) in source }
    }
}
