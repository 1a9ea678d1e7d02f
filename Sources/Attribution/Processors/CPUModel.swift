/// The identity of a processor (`/proc/cpuinfo`).
package struct CPUModel: Sendable, Equatable {
    /// `GenuineIntel`, `AuthenticAMD`, or the implementer's number on Arm: `0x41`.
    package var vendor: String
    package var family: Int
    package var model: Int
    package var stepping: Int
    /// Arm's part number; nil on x86.
    package var part: Int?
    /// The marketing name; empty where there is none.
    package var name: String

    package init(vendor: String, family: Int, model: Int, stepping: Int, part: Int? = nil, name: String = "") {
        self.vendor = vendor
        self.family = family
        self.model = model
        self.stepping = stepping
        self.part = part
        self.name = name
    }

    /// The clock that the name ends with (`... CPU @ 2.50GHz`), GHz; nil where it names none.
    package var nominalGigahertz: Double? {
        guard let at = name.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let words = name[at...].dropFirst().split(separator: " ")
        guard let clock = words.first, clock.hasSuffix("GHz"), let value = Double(clock.dropLast(3)) else { return nil }
        return value > 0 && value < 10 ? value : nil
    }
}
