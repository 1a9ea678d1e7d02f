import Glibc
import Linux
import MeteringTestSupport
import TestSupport
import Testing
import Units

@testable import Metering

/// Whatever stands in sysfs where a driver should have its files: no trap, no wait, no energy that nobody drew.
@Suite struct SysfsGarbageTests {
    private static let texts = [
        "", "\n", "0", "-1", "1e9", "0x10", " 12 ", "12 34", "+7", "٣", "99999999999999999999", "-9223372036854775808",
        "9223372036854775807", "18446744073709551615", "\u{0}\u{0}", "nan", "package-0", "psys", "power_meter", "pin",
        "Grace Power Socket 4294967295", "Grace Power Socket -1", "Discharging", "Battery",
    ]

    /// Puts something at `path`: text, bytes that are no text, a pipe, a directory, a loop, a device without an end.
    private func put(_ path: String, using generator: inout SeededGenerator) {
        unlink(path)
        rmdir(path)
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: mkfifo(path, 0o644)
        case 1: mkdir(path, 0o755)
        case 2: symlink(path, path)
        case 3: symlink("/dev/zero", path)
        case 4: symlink("/proc/self/mem", path)
        case 5:
            writeBytes(
                (0..<Int.random(in: 0...300, using: &generator)).map { _ in .random(in: 0...255, using: &generator) },
                to: path)
        case 6: break
        default: writeBytes(Array((Self.texts.randomElement(using: &generator) ?? "").utf8), to: path)
        }
    }

    private func writeBytes(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "w") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    private func makeDirectories(_ path: String) {
        var current = ""
        for part in path.split(separator: "/") {
            current += "/\(part)"
            mkdir(current, 0o755)
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func noTreeTrapsOrMakesEnergy(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let root = try TemporaryDirectory()
            let paths = HostPaths(
                procfs: root.path + "/proc", sysfs: root.path, devfs: root.path + "/dev")
            let files =
                [
                    "class/powercap/intel-rapl:0/", "class/powercap/intel-rapl:0/intel-rapl:0:0/",
                    "class/powercap/intel-rapl:1/", "class/powercap/intel-rapl-mmio:0/",
                ].flatMap { zone in
                    ["name", "energy_uj", "max_energy_range_uj", "constraint_0_power_limit_uw"].map { zone + $0 }
                }
                + [
                    "name", "power1_input", "power1_average", "power1_label", "energy1_input", "in1_input",
                    "curr1_input",
                ]
                .flatMap { ["class/hwmon/hwmon0/\($0)", "class/hwmon/hwmon1/device/\($0)"] }
                + ["type", "status", "power_now", "current_now", "voltage_now"].map { "class/power_supply/BAT0/\($0)" }
                + ["type", "cpumask", "events/energy-pkg"].map { "bus/event_source/devices/power/\($0)" }
                + ["proc/cpuinfo", "proc/sysinfo", "class/dmi/id/sys_vendor", "hypervisor/type"]
            for file in files {
                let path = "\(root.path)/\(file)"
                makeDirectories(path.split(separator: "/").dropLast().joined(separator: "/"))
                put(path, using: &generator)
            }
            _ = Machine(paths)
            _ = batteryPower(root.path + "/class/power_supply")
            let polling = ManualPolling()
            var bench = MeterBench(paths, polling: polling) { $0.sources = [.rapl, .perf, .mmio, .hwmon, .battery] }
            for _ in 0..<6 {
                if let file = files.randomElement(using: &generator) { put("\(root.path)/\(file)", using: &generator) }
                polling.poll()
                let before = bench.total
                bench.tick()
                #expect(bench.total >= before)
                #expect(bench.meters.zones.allSatisfy { ($0.power?.value ?? 0).isFinite && $0.power?.value ?? 0 >= 0 })
            }
        }
    }

    /// A directory with more entries than any chip has channels.
    @Test func aCrowdedChipIsReadOnce() throws {
        let root = try TemporaryDirectory()
        try root.write("chip\n", to: "class/hwmon/hwmon0/name")
        for number in 0..<300 { try root.write("1000000\n", to: "class/hwmon/hwmon0/power\(number)_input") }
        let sensors = try findHwmonSensors(sysfs: root.path)
        #expect(sensors.used.isEmpty && sensors.others.count == 300)
        #expect(sensors.skipped?.contains("and 276 more") == true)
    }
}
