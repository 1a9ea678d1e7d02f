internal import Attribution
internal import Linux
internal import Units

/// The power sensors of one zone, the best first. Each reading comes from the first rank of which every sensor has one.
struct HwmonGauges: Sendable {
    enum Reading {
        /// - standIn: which sensors have no reading and what is read instead; nil where the best have one.
        case power(Double, standIn: String?)
        /// No machine draws this, W.
        case implausible(Double)
        case failed(HostError)
    }

    let zone: ZoneID
    /// By rank.
    private let ranks: [[HwmonSensor]]

    init(_ zone: ZoneID, _ sensors: [HwmonSensor]) {
        self.zone = zone
        ranks = Dictionary(grouping: sensors, by: \.rank).sorted { $0.key < $1.key }.map(\.value)
    }

    /// Time between two readings: that of its best sensors, s.
    var interval: Double { ranks.first?.map(\.interval).max() ?? 1 }

    /// Reads until a rank has a power. May take as long as the sensors do.
    func read() -> Reading {
        var first: (reading: Reading, reason: String)?
        for sensors in ranks {
            do throws(HostError) {
                var values: [Double] = []
                for sensor in sensors { values.append(try sensor.watts()) }
                let sum = values.reduce(0, +)
                // A rail may feed back, a machine may not.
                let wrong = values.first { !PowerMailbox.isPossible($0) } ?? (PowerMailbox.isPlausible(sum) ? nil : sum)
                guard let wrong else {
                    let standIn = first.map { first in
                        "\(Self.titles(ranks[0])): \(first.reason); \(Self.titles(sensors)) read instead"
                    }
                    return .power(sum, standIn: standIn)
                }
                first = first ?? (.implausible(wrong), "no plausible reading")
            } catch {
                // A sum without one of its sensors would be too low.
                first = first ?? (.failed(error), "no reading (\(error))")
            }
        }
        return first?.reading ?? .failed(HostError(code: .missing, path: "\(zone)", detail: "no sensor"))
    }

    private static func titles(_ sensors: [HwmonSensor]) -> String {
        sensors.prefix(4).map(\.title).joined(separator: ", ") + (sensors.count > 4 ? ", ..." : "")
    }
}

extension PolledSource {
    /// Zones that are read together, because their sensors have the same interval.
    static func hwmon(_ gauges: [HwmonGauges], every interval: Seconds, by polling: any Polling) -> PolledSource {
        let mailbox = PowerMailbox()
        let poller = polling.start(every: interval) {
            {
                var power: [ZoneID: Watts] = [:]
                var standIns: [String] = []
                for gauge in gauges {
                    switch gauge.read() {
                    case .power(let watts, let standIn):
                        power[gauge.zone] = Watts(watts)
                        standIns += standIn.map { [$0] } ?? []
                    case .implausible(let watts): power[gauge.zone] = Watts(watts)
                    case .failed(let error): mailbox.fail(HwmonSource.explain(error))
                    }
                }
                mailbox.remark(standIns)
                mailbox.post(power)
            }
        }
        let zones = gauges.map { Zone($0.zone, source: "hwmon", quality: .measured, method: .sampled) }
        return PolledSource(name: "hwmon", zones: zones, interval: interval, mailbox: mailbox, poller: poller)
    }
}
