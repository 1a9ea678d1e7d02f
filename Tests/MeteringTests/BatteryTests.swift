import Linux
import Metering
import MeteringTestSupport
import TestSupport
import Testing
import Units

@Suite struct BatteryTests {
    @Test(
        arguments: [
            ("Discharging", ["power_now": "12500000"], 12.5),
            ("Discharging", ["current_now": "-1000000", "voltage_now": "12000000"], 12),
            ("Charging", ["power_now": "12500000"], nil), ("Discharging", ["power_now": "junk"], nil),
            ("Not charging", ["power_now": "12500000"], nil), ("Unknown", ["power_now": "12500000"], nil),
            ("Full", ["power_now": "0"], nil), ("Discharging", ["power_now": "-12500000"], 12.5),
            ("Discharging", ["power_now": "0", "current_now": "1000000", "voltage_now": "12000000"], 12),
            ("Discharging", ["current_avg": "500000", "voltage_now": "12000000"], 6),
            ("Discharging", ["power_now": "0"], nil), ("Discharging", ["power_now": "12500000", "present": "0"], nil),
            ("Discharging", ["current_now": "9223372036854775807", "voltage_now": "-9223372036854775808"], nil),
            ("Discharging", ["power_now": "65535000000"], nil),
            ("Discharging", ["power_now": "65535000000", "current_now": "1000000", "voltage_now": "12000000"], 12),
            ("Discharging", ["current_now": "700000", "voltage_now": "0", "voltage_avg": "12000000"], 8.4),
            ("Discharging", ["current_now": "700000", "voltage_now": "0"], nil),
            ("Discharging", ["power_avg": "8400000"], 8.4),
        ] as [(String, [String: String], Double?)])
    func onlyADischargingBatteryHasAReading(_ status: String, _ files: [String: String], _ watts: Double?) throws {
        let directory = try TemporaryDirectory()
        try directory.write("Mains\n", to: "class/power_supply/AC/type")
        try directory.write("Battery\n", to: "class/power_supply/BAT0/type")
        try directory.write(status + "\n", to: "class/power_supply/BAT0/status")
        for (file, text) in files { try directory.write(text + "\n", to: "class/power_supply/BAT0/\(file)") }
        #expect(batteryPower(directory.path + "/class/power_supply") == watts.map { Watts($0) })
    }

    /// One that rests beside one that is emptied, two that are, and one that does not tell: a sum without it is too low.
    @Test(
        arguments: [
            ("Unknown", "0", 8.5), ("Full", "0", 8.5), ("Discharging", "4000000", 12.5), ("Discharging", "junk", nil),
        ] as [(String, String, Double?)])
    func severalBatteriesAddUp(_ status: String, _ power: String, _ watts: Double?) throws {
        let directory = try TemporaryDirectory()
        for (name, status, power) in [("BAT0", status, power), ("BAT1", "Discharging", "8500000")] {
            try directory.write("Battery\n", to: "\(name)/type")
            try directory.write(status + "\n", to: "\(name)/status")
            try directory.write(power + "\n", to: "\(name)/power_now")
        }
        #expect(batteryPower(directory.path) == watts.map { Watts($0) })
        #expect(batteryStates(directory.path).contains("BAT1 discharging"))
        let why = whyBatteryPowerIsUnknown(directory.path)
        #expect((why != nil) == (watts == nil) && why?.contains("BAT0 is discharging") ?? true)
    }

    /// Said by the agent too, and no error: on mains power it has no reading either.
    @Test func aBatteryWithoutAPowerIsNamed() throws {
        let directory = try TemporaryDirectory()
        try directory.write("Battery\n", to: "class/power_supply/BAT0/type")
        try directory.write("Discharging\n", to: "class/power_supply/BAT0/status")
        let polling = ManualPolling()
        var source = try PolledSource.battery(paths: HostPaths(sysfs: directory.path), polling: polling)
        polling.poll()
        source.sample(at: Seconds(0))
        #expect(source.health.remarks.count == 1 && source.health.errors == 0)
        try directory.write("Charging\n", to: "class/power_supply/BAT0/status")
        polling.poll()
        source.sample(at: Seconds(1))
        #expect(source.health.remarks.isEmpty)
    }

    @Test func aMousesBatteryIsNotTheNodes() throws {
        let directory = try TemporaryDirectory()
        try directory.write("Battery\n", to: "class/power_supply/hidpp_battery_0/type")
        try directory.write("Device\n", to: "class/power_supply/hidpp_battery_0/scope")
        #expect(throws: Diagnosis.self) { try PolledSource.battery(paths: HostPaths(sysfs: directory.path)) }
    }
}
