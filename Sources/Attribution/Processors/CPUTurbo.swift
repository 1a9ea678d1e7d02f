/// The clock that all cores of a part keep up together, by its name.
///
/// Of parts that are made for one cloud, which publishes it instead of a design power: Amazon EC2's descriptions of its
/// instances (https://aws.amazon.com/ec2/instance-types, "sustained all core turbo", 2018 to 2021); of the E5-2686 v4 as
/// WikiChip lists it. Package power under stress goes with its square: the cores draw what their voltage makes them draw,
/// and these parts are not held at their design power.
package enum CPUTurbo {
    /// GHz; nil where the name is not in the table.
    package static func allCoreGigahertz(named name: String) -> Double? { table[CPUDesignPower.key(of: name)] }

    private static let table: [String: Double] = [
        "platinum 8124m": 3.4, "platinum 8151": 4.0, "platinum 8175m": 3.1, "platinum 8252c": 4.5,
        "platinum 8259cl": 3.1, "platinum 8275cl": 3.6, "e5-2686 v4": 2.7,
    ]
}
