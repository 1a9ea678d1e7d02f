package import Attribution
package import Linux
package import Units

/// Sensor chips: energy counters are read in the tick, power sensors on a thread of their own, because an ACPI meter
/// may be slow.
///
/// Only sensors of which it is known what they measure are used; see ``findHwmonSensors(sysfs:)``.
package struct HwmonSource: PowerSource {
    package let name = "hwmon"
    package let interval: Seconds
    private var counters: [(path: String, counting: CountingMeter)]
    private var powers: PolledSource?
    private var counterHealth = SourceHealth()

    /// What a driver reports when it has no reading: the highest 32-bit number, in uW.
    private static let sentinel: Int64 = 4_294_967_295

    package init(paths: HostPaths, polling: any Polling = ThreadPolling()) throws(Diagnosis) {
        let root = paths.sysfs + "/class/hwmon"
        let sensors: HwmonSensors
        do {
            sensors = try findHwmonSensors(sysfs: paths.sysfs)
        } catch {
            throw Diagnosis(.missing, "\(root): no sensor chip", remedy: Machine(paths).sensorRemedy)
        }
        guard !sensors.used.isEmpty else {
            let others = sensors.skipped.map { "; found, and not used: \($0)" } ?? ""
            throw Diagnosis(
                .missing, "\(root): no sensor that is known to measure the node or its processors\(others)",
                remedy: Machine(paths).sensorRemedy)
        }
        var refusal: HostError?
        var isReadable = false
        for sensor in sensors.used where !isReadable {
            do {
                // Reading may be slow; opening the file is not.
                try checkReadable(sensor.path)
                isReadable = true
            } catch {
                refusal = error
            }
        }
        if let refusal, !isReadable { throw Self.explain(refusal) }
        if let skipped = sensors.skipped { counterHealth.remarks = ["not used: \(skipped)"] }
        let design = designPower(of: paths)
        counters = sensors.used.filter { $0.quantity == .energy }.map { sensor in
            let zone = Zone(sensor.zone, source: "hwmon", quality: .measured)
            let limit = PowerLimit.highest(sensor.zone.component, constraints: [], design: design)
            return (sensor.path, CountingMeter(zone: zone, range: nil, highestPower: limit))
        }
        let gauges = sensors.used.filter { $0.quantity != .energy }
        interval = Seconds(gauges.map(\.interval).max() ?? 0)
        powers = gauges.isEmpty ? nil : Self.poll(gauges, every: interval, by: polling)
    }

    package var health: SourceHealth {
        var health = counterHealth
        guard let other = powers?.health else { return health }
        health.merge(other)
        return health
    }

    package var zones: [Zone] { counters.map(\.counting.zone) + (powers?.zones ?? []) }

    package var stillZones: [ZoneID: String] { stillness(of: counters.lazy.map(\.counting)) }

    package mutating func sample(at now: Seconds) {
        powers?.sample(at: now)
        for index in counters.indices {
            let path = counters[index].path
            do {
                counters[index].counting.take(try readNumber(path), at: now, of: path, health: &counterHealth)
            } catch {
                counters[index].counting.miss(Self.explain(error).description, health: &counterHealth)
            }
        }
    }

    package mutating func collect(_ activity: NodeUsage, at now: Seconds) -> [ZoneReading] {
        let counted = counters.indices.compactMap {
            counters[$0].counting.report(activity, at: now, health: &counterHealth)
        }
        return counted + (powers?.collect(activity, at: now) ?? [])
    }

    /// Sensors of the same zone are added up: the modules of a node, the rails of a processor.
    private static func poll(
        _ gauges: [HwmonSensor], every interval: Seconds, by polling: any Polling
    ) -> PolledSource {
        let mailbox = PowerMailbox()
        let poller = polling.start(every: interval) {
            {
                var power: [ZoneID: Double] = [:]
                var failed: Set<ZoneID> = []
                for gauge in gauges {
                    do throws(HostError) {
                        power[gauge.zone, default: 0] += try watts(of: gauge)
                    } catch {
                        failed.insert(gauge.zone)
                        mailbox.fail(explain(error))
                    }
                }
                // A sum without one of its sensors would be too low.
                mailbox.post(power.filter { !failed.contains($0.key) }.mapValues { Watts($0) })
            }
        }
        var zones: [Zone] = []
        for gauge in gauges where !zones.contains(where: { $0.id == gauge.zone }) {
            zones.append(
                Zone(
                    gauge.zone, source: "hwmon", quality: .measured, method: .sampled))
        }
        return PolledSource(name: "hwmon", zones: zones, interval: interval, mailbox: mailbox, poller: poller)
    }

    /// A rail that feeds energy back, or an offset at no load, is below zero.
    private static func watts(of gauge: HwmonSensor) throws(HostError) -> Double {
        let value = try readSignedNumber(gauge.path)
        guard value != sentinel else {
            throw HostError(code: .malformed, path: gauge.path, detail: "the sensor has no reading")
        }
        guard case .current(let voltage) = gauge.quantity else { return Double(value) / 1e6 }
        return Double(value) * Double(try readSignedNumber(voltage)) / 1e6
    }

    private static func explain(_ error: HostError) -> Diagnosis {
        Diagnosis(error, permission: "run as root or with CAP_DAC_READ_SEARCH")
    }
}
