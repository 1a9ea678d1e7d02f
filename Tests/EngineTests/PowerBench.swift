import Attribution
import Linux
import Logging
import Metering
import Units

@testable import Engine

/// A meter over a made-up machine whose clock the test turns.
struct Bench {
    var meter: PowerMeter
    var now = 0.0

    init(_ paths: HostPaths, _ configure: (inout PowerConfiguration) -> Void = { _ in }) {
        var configuration = EngineConfiguration()
        configuration.paths = paths
        configure(&configuration.power)
        meter = PowerMeter(
            configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        _ = tick(0)
    }

    /// One window; energy by zone, uJ.
    @discardableResult
    mutating func tick(_ seconds: Double = 1) -> [String: UInt64] {
        now += seconds
        meter.sample(at: Seconds(now))
        let activity = NodeActivity(duration: Seconds(seconds), busy: Seconds(seconds / 2), cpuCount: 2)
        let readings = meter.collect(activity, at: Seconds(now))
        return Dictionary(
            uniqueKeysWithValues: readings.map { ($0.reading.zone.name, ($0.reading.energy + $0.reading.late).count) })
    }

    var total: UInt64 { meter.energy.reduce(0) { $0 + $1.count } }
    func zone(_ name: String) -> Zone? { meter.zones.first { $0.name == name } }
}
