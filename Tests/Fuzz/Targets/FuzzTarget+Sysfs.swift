internal import Attribution
internal import Linux
internal import Units

@testable internal import Metering

extension FuzzTarget {
    /// What the node's own files may hold, with any driver.
    static let sysfs = [
        FuzzTarget(
            "procfs", "the text of a file in /proc or /sys",
            texts: [
                "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4\nctxt 5\nbtime 1700000000\n", "0-3,8", "event=0x02,umask=0x1",
                "usage_usec 12\nuser_usec 3\nnr_periods 1\nthrottled_usec 7\n",
                "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 85\nmodel name : X\nstepping : 7\n\n",
                "CPU implementer : 0x41\nCPU architecture: 8\nCPU part : 0xd0c\nHardware : BCM2835\n",
            ]
        ) { bytes in
            let text = text(bytes)
            _ = try? ProcStat(parsing: text)
            _ = try? CgroupCPUStat(parsing: text)
            for cpu in (parseCPUList(text) ?? []).prefix(8) { require(cpu >= 0, "CPUs are counted from 0") }
            _ = parseEventConfig(text)
            requirePrintable(CPUModel(cpuinfo: text).name)
        },
        FuzzTarget(
            "powercap", "a tree /sys with RAPL's zones",
            texts: [
                "class/powercap/intel-rapl:0/name=package-0\nclass/powercap/intel-rapl:0/energy_uj=123\n"
                    + "class/powercap/intel-rapl:0/max_energy_range_uj=262143328850\n"
                    + "class/powercap/intel-rapl:0:0/name=dram\nclass/powercap/intel-rapl:0:0/energy_uj=9",
                "class/powercap/intel-rapl-mmio:0/name=package-0\nclass/powercap/intel-rapl-mmio:0/energy_uj|",
            ]
        ) { bytes in
            FileTree.with(bytes) { root in
                let paths = HostPaths(procfs: root + "/proc", sysfs: root)
                for interface in [RAPLInterface.registers, .mmio] {
                    if let source = try? RAPLSource(paths: paths, interface: interface) { read(source) }
                }
                if let source = try? RAPLSource(hostTree: root) { read(source) }
            }
        },
        FuzzTarget(
            "hwmon", "a tree /sys with sensor chips and power supplies",
            texts: [
                "class/hwmon/hwmon0/name=power_meter\nclass/hwmon/hwmon0/device/power1_average=150000000\n"
                    + "class/hwmon/hwmon0/device/power1_average_interval=50\n"
                    + "class/hwmon/hwmon0/device/power1_oem_info=Module Power Socket 0",
                "class/hwmon/hwmon1/name=ina3221\nclass/hwmon/hwmon1/in1_label=VDD_IN\nclass/hwmon/hwmon1/in1_input=5000\n"
                    + "class/hwmon/hwmon1/curr1_input=800",
                "class/hwmon/hwmon2/name=amd_energy\nclass/hwmon/hwmon2/energy1_label=Esocket0\nclass/hwmon/hwmon2/energy1_input=5",
                "class/power_supply/BAT0/type=Battery\nclass/power_supply/BAT0/status=Discharging\nclass/power_supply/BAT0/power_now=8500000",
            ]
        ) { bytes in
            FileTree.with(bytes) { root in
                if let sensors = try? findHwmonSensors(sysfs: root) { sensors.others.forEach(requirePrintable) }
                if let power = batteryPower(root + "/class/power_supply") {
                    require(power.value >= 0 && power.value.isFinite, "a battery supplies \(power.value) W")
                }
                _ = physicalPackages(sysfs: root)
                _ = CPUTopology(sysfs: root, cpuCount: 4)
                _ = try? findPerfEvents(paths: HostPaths(procfs: root, sysfs: root))
            }
        },
        FuzzTarget(
            "ipmi", "a BMC's answer to Get Power Reading", largest: 64,
            examples: { [[0, 0xdc, 0x2c, 1] + [UInt8](repeating: 1, count: 14) + [0x40]] }
        ) { bytes in
            if let power = try? DCMI.power(in: bytes) { require((0...65535).contains(power.value), "\(power.value) W") }
        },
        FuzzTarget(
            "power-model", "a file of energyctl model export",
            texts: [
                "{\"cpuCount\":2,\"cpuModel\":\"X\",\"created\":\"2025-01-01T00:00:00Z\",\"version\":1,\"zones\":[]}"
            ]
        ) { bytes in
            if let model = PowerModelFile(json: bytes) { _ = (model.defect, model.misfit(cpuModel: "X")) }
        },
    ]

    private static func read(_ source: consuming some PowerSource) {
        var source = source
        let usage = NodeUsage(duration: Seconds(1), busy: Seconds(1), cpuCount: 2)
        for second in 1...3 {
            source.sample(at: Seconds(Double(second)))
            _ = source.collect(usage, at: Seconds(Double(second)))
        }
    }
}
