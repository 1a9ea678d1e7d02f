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
            }
        }
        let zone = Zone(.battery, source: "battery", quality: .measured, method: .sampled)
        return PolledSource(name: "battery", zones: [zone], interval: interval, mailbox: mailbox, poller: poller)
    }
}

/// What all batteries together supply; nil while none is discharging.
package func batteryPower(_ root: String) -> Watts? {
    var sum: Double?
    for path in batteries(root) where (try? readText(path + "/status", limit: 64)) == "Discharging" {
        func number(_ file: String) -> Double? { (try? readNumber("\(path)/\(file)")).map { Double($0) } }
        // In uW, or in uA and uV; some drivers report a negative current while discharging.
        if let power = number("power_now") {
            sum = (sum ?? 0) + power / 1e6
        } else if let current = (try? readText(path + "/current_now", limit: 64)).flatMap(Double.init),
            let voltage = number("voltage_now"), current.isFinite
        {
            sum = (sum ?? 0) + abs(current) * voltage / 1e12
        }
    }
    return sum.map { Watts($0) }
}

/// Batteries of the machine, not those of its mice.
private func batteries(_ root: String) -> [String] {
    ((try? listDirectory(root)) ?? []).map { "\(root)/\($0.name)" }.sorted().filter { path in
        (try? readText(path + "/type", limit: 64)) == "Battery"
            && (try? readText(path + "/scope", limit: 64)) != "Device"
    }
}
