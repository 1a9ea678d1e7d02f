import ArgumentParser
import CLI
import Settings
import Simulation

/// `30:8`: watts at rest and watts per busy CPU; or of a workload, those of the package and of the memory.
struct WattPair: ExpressibleByArgument, CustomStringConvertible {
    let idle: Double
    let perCPU: Double

    var description: String { "\(idle):\(perCPU)" }

    init(idle: Double, perCPU: Double) {
        self.idle = idle
        self.perCPU = perCPU
    }

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
        guard parts.count == 2, let idle = parts[0], let perCPU = parts[1], (0...10_000).contains(idle),
            (0...10_000).contains(perCPU)
        else { return nil }
        self.init(idle: idle, perCPU: perCPU)
    }
}

/// `/a.slice/b.service` or `/a.slice/b.service=12:6`.
struct SimulatedWorkload: ExpressibleByArgument {
    let path: String
    let watts: WattPair?

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard argument.hasPrefix("/"), let path = parts.first else { return nil }
        self.path = String(path)
        watts = parts.count > 1 ? WattPair(argument: String(parts[1])) : nil
        if parts.count > 1, watts == nil { return nil }
    }
}

extension MeterFault: ExpressibleByArgument {
    /// `garbage:20s:5s`
    public init?(argument: String) {
        let parts = argument.split(separator: ":").map(String.init)
        guard parts.count == 3, let kind = Kind(rawValue: parts[0]), let start = TimeSpan(argument: parts[1]),
            let length = TimeSpan(argument: parts[2])
        else { return nil }
        self.init(kind: kind, start: start.duration / .seconds(1), length: length.duration / .seconds(1))
    }
}
