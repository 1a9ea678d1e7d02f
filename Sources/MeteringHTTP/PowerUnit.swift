/// Units of power as firmware writes them.
enum PowerUnit {
    /// Watts in one of this unit: `W`, `kW`, `mW` and their names; 1 where none is given, nil where it is another unit.
    /// `MW` is none: firmware that writes it means one time the one and one time the other.
    static func factor(_ unit: String?) -> Double? {
        guard let unit, !unit.isEmpty else { return 1 }
        if unit.hasPrefix("M"), unit.utf8.count == 2 { return nil }
        switch unit.lowercased() {
        case "w", "watt", "watts": return 1
        case "kw", "kilowatt", "kilowatts": return 1000
        case "mw", "milliwatt", "milliwatts": return 0.001
        default: return nil
        }
    }
}
