internal import Linux

/// What to do about meters that are missing, by what the machine can have at all. nil where nothing would help.
extension Machine {
    /// Where power can come from on this machine instead.
    private var alternatives: String {
        if hypervisor != nil {
            return "no setting in the guest changes that; the host can share a powercap tree (--power.host)"
        }
        return switch architecture {
        case .x86, .plainX86: "power can come from a BMC (redfish, ipmi) or an ACPI meter (hwmon); else it is estimated"
        case .arm:
            "power can come from sensors (hwmon) or a BMC (redfish, ipmi) where the board has them; else it is estimated"
        case .power: "power can come from the service processor (modprobe ibmpowernv) or a BMC (redfish, ipmi)"
        case .mainframe, .riscV, .other:
            "power can come from a BMC (redfish, ipmi) where there is one; else it is estimated"
        }
    }

    private var guest: String {
        let name = hypervisor.flatMap { $0 == unnamedHypervisor ? nil : " (\($0))" }
        return "this is a virtual machine\(name ?? "")"
    }

    /// Why there are no RAPL zones below `root`, where none are hidden.
    func missingRAPL(root: String, others: String, mount: String) -> Diagnosis {
        let driver =
            hasTPMI
            ? "load the driver (modprobe intel_rapl_tpmi; on older kernels modprobe intel_rapl_msr)"
            : "load the driver (modprobe intel_rapl_msr; it serves AMD too)"
        switch architecture {
        case .x86 where isXenControlDomain:
            return Diagnosis(
                .inapplicable, "\(root): no RAPL zone: this is Xen's dom0, and Xen does not hand out the counters",
                remedy:
                    "power can come from the machine's BMC (redfish, ipmi) or an ACPI meter (hwmon); else it is estimated"
            )
        case .x86 where hypervisor == nil:
            return Diagnosis(
                .missing, "\(root): no RAPL zone\(others)", remedy: others.isEmpty ? "\(driver), or, \(mount)" : driver)
        case .x86:
            return Diagnosis(
                .inapplicable, "\(root): no RAPL zone: \(guest), and its host does not expose the counters",
                remedy: alternatives)
        default:
            return Diagnosis(
                .inapplicable, "\(processor) has no RAPL" + (hypervisor == nil ? "" : ", and \(guest)"),
                remedy: alternatives)
        }
    }

    /// What to do where the driver shows a part of a package and not the package.
    var withoutPackage: String { alternatives }

    /// Why the kernel has no perf events for power.
    func missingPerf(root: String) -> Diagnosis {
        guard architecture == .x86 else {
            return Diagnosis(.inapplicable, "\(processor) has no RAPL to count with perf")
        }
        guard hypervisor == nil else {
            return Diagnosis(.inapplicable, "\(root): no perf events for power: \(guest)")
        }
        guard !isXenControlDomain else {
            return Diagnosis(.inapplicable, "\(root): no perf events for power: Xen does not hand out the counters")
        }
        return Diagnosis(
            .missing, "\(root): the kernel has no perf events for power",
            remedy: "modprobe rapl (CONFIG_PERF_EVENTS_INTEL_RAPL; it serves AMD too)")
    }

    /// Why there is no IPMI device.
    func missingIPMI(_ device: String) -> Diagnosis {
        let found = "\(device): no IPMI device"
        if hypervisor != nil { return Diagnosis(.inapplicable, "\(found): \(guest), which has no BMC") }
        return switch architecture {
        case .x86, .plainX86:
            Diagnosis(
                .missing, found,
                remedy: "on a server with a BMC: modprobe ipmi_devintf ipmi_si; in a container, add the device")
        case .arm where hasACPI:
            Diagnosis(
                .missing, found,
                remedy: "on a server with a BMC: modprobe ipmi_devintf ipmi_ssif; in a container, add the device")
        case .power:
            Diagnosis(
                .missing, found,
                remedy: "on a server with a BMC: modprobe ipmi_devintf ipmi_powernv; in a container, add the device")
        // LoongArch's and RISC-V's servers have what other servers have.
        case .riscV where hasACPI, .other where hasACPI:
            Diagnosis(
                .missing, found,
                remedy: "on a server with a BMC: modprobe ipmi_devintf ipmi_si; in a container, add the device")
        case .arm, .mainframe, .riscV, .other: Diagnosis(.inapplicable, "\(found): such machines have no BMC")
        }
    }

    /// How to get a sensor that measures the node or its processors.
    var sensorRemedy: String? {
        guard hypervisor == nil else { return nil }
        return switch architecture {
        case .x86, .plainX86, .arm, .riscV, .other:
            hasACPI ? "on a server with an ACPI power meter: modprobe acpi_power_meter" : nil
        case .power: "modprobe ibmpowernv"
        case .mainframe: nil
        }
    }
}
