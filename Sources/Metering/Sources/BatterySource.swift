internal import Attribution
package import Linux
package import Units

extension PolledSource {
    /// What a laptop draws from its battery while it is unplugged: a second opinion about the whole node, never its
    /// meter. Documentation/ABI/testing/sysfs-class-power.
    package static func battery(
        paths: HostPaths, polling: any Polling = ThreadPolling()
    ) throws(Diagnosis) -> PolledSource {
        let root = paths.sysfs + "/class/power_supply"
        guard !batteries(root).isEmpty else { throw Diagnosis(.missing, "\(root): no battery") }
        let interval = Seconds(5)
        let mailbox = PowerMailbox()
        let poller = polling.start(every: interval) {
            {
                // On mains power it shows the charging power, which is not what the machine draws.
                if let power = batteryPower(root) { mailbox.post([.battery: power]) }
                mailbox.remark(whyBatteryPowerIsUnknown(root).map { [$0] } ?? [])
            }
        }
        let zone = Zone(.battery, source: "battery", quality: .measured, method: .sampled)
        return PolledSource(name: "battery", zones: [zone], interval: interval, mailbox: mailbox, poller: poller)
    }
}

/// What all batteries together supply; nil while none is discharging, or where one that is does not report its power.
package func batteryPower(_ root: String) -> Watts? {
    var sum: Double?
    for path in batteries(root) where isDischarging(path) {
        guard let power = dischargePower(path) else { return nil }
        sum = (sum ?? 0) + power
    }
    return sum.map { Watts($0) }
}

/// The status and power of each battery, for people: `BAT0 full, BAT1 discharging`.
package func batteryStates(_ root: String) -> String {
    batteries(root).map { path in
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let status = (try? readText(path + "/status", limit: 64)) ?? "without a status"
        return printable(
            "\(name) \(status.lowercased())"
                + (isDischarging(path) && dischargePower(path) == nil ? ", without a power" : ""))
    }.joined(separator: ", ")
}

/// Why there is no power though a battery is discharging; nil where none is, or where there is one.
package func whyBatteryPowerIsUnknown(_ root: String) -> String? {
    guard let path = batteries(root).first(where: { isDischarging($0) && dischargePower($0) == nil }) else {
        return nil
    }
    return printable(
        "\(path) is discharging, but reports neither a plausible power nor a plausible current and voltage")
}

private func isDischarging(_ path: String) -> Bool {
    (try? readText(path + "/status", limit: 64))?.lowercased() == "discharging"
}

/// In uW, or in uA and uV; some drivers report a discharge as negative. Zero is no reading, of a voltage neither: another
/// file may have one.
private func dischargePower(_ path: String) -> Double? {
    func number(_ file: String) -> Double? {
        (try? readSignedNumber("\(path)/\(file)")).map { abs(Double($0)) }.flatMap { $0 > 0 ? $0 : nil }
    }
    let voltage = number("voltage_now") ?? number("voltage_avg")
    func power(_ current: String) -> Double? { number(current).flatMap { one in voltage.map { one * $0 / 1e12 } } }
    let powers = [
        number("power_now").map { $0 / 1e6 }, power("current_now"), number("power_avg").map { $0 / 1e6 },
        power("current_avg"),
    ]
    return powers.lazy.compactMap(\.self).first(where: PowerMailbox.isPlausible)
}

/// Batteries of the machine, not those of its mice, and not those that are only listed.
private func batteries(_ root: String) -> [String] {
    ((try? listDirectory(root)) ?? []).map { "\(root)/\($0.name)" }.sorted().filter { path in
        (try? readText(path + "/type", limit: 64)) == "Battery"
            && (try? readText(path + "/scope", limit: 64)) != "Device"
            && (try? readText(path + "/present", limit: 64)) != "0"
    }
}
