import Attribution
import Linux
import TestSupport
import Testing

@testable import Metering

@Suite struct MachineTests {
    private func machine(_ cpuinfo: String, _ files: [String: String] = [:]) throws -> (TemporaryDirectory, HostPaths) {
        let directory = try TemporaryDirectory()
        try directory.write(cpuinfo, to: "proc/cpuinfo")
        for (file, text) in files { try directory.write(text, to: file) }
        return (directory, HostPaths(procfs: directory.path + "/proc", sysfs: directory.path + "/sys"))
    }

    private static let neoverse = "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: 0xd0c\n"
    private static let power9 =
        "processor\t: 0\ncpu\t\t: POWER9, altivec supported\nclock\t: 3800.0MHz\n\ntimebase\t: 512000000\nplatform\t: PowerNV\n"
    private static let mainframe =
        "vendor_id       : IBM/S390\n# processors    : 2\nprocessor 0: version = 00,  identification = 1234,  machine = 8561\n"
    private static let riscV = "processor\t: 0\nhart\t: 1\nisa\t: rv64imafdc\nmmu\t: sv39\nuarch\t: sifive,u74-mc\n"
    private static let zhaoxin =
        "processor : 0\nvendor_id : CentaurHauls\ncpu family : 7\nmodel : 59\nmodel name : ZHAOXIN KaiXian\nflags : fpu\n"
    private static let nehalem =
        "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 26\nmodel name : Xeon X5570\nflags : fpu\n"
    private static let skylake =
        "processor : 0\nvendor_id : GenuineIntel\ncpu family : 6\nmodel : 85\nmodel name : Xeon\nflags : fpu\n"
    private static let zen =
        "processor : 0\nvendor_id : AuthenticAMD\ncpu family : 25\nmodel : 1\nmodel name : EPYC\nflags : fpu\n"
    private static let hygon =
        "processor : 0\nvendor_id : HygonGenuine\ncpu family : 24\nmodel : 1\nmodel name : C86\nflags : fpu\n"

    @Test(
        arguments: [
            (neoverse, Machine.Architecture.arm, "Arm Neoverse-N1"), (power9, .power, "POWER9"),
            (mainframe, .mainframe, "IBM z15 (8561)"), (riscV, .riscV, "sifive,u74-mc"),
            (zhaoxin, .plainX86, "ZHAOXIN KaiXian"), (nehalem, .plainX86, "Xeon X5570"), (skylake, .x86, "Xeon"),
            (zen, .x86, "EPYC"), (hygon, .x86, "C86"),
            ("processor : 0\nCPU implementer : 0x41\nCPU part : 0xd08\nHardware : BCM2711\n", .arm, "Arm Cortex-A72"),
            ("processor : 0\nCPU implementer : 0xc0\nCPU part : 0xac3\n", .arm, "Ampere AmpereOne"),
            ("processor : 0\nCPU implementer : 0x41\nCPU part : 0xfff\n", .arm, "Arm part 0xfff"),
            (loongArch, .other, "Loongson-3C5000"), (sparc, .other, "UltraSparc T5 (Niagara5)"),
            ("system type : loongson\nprocessor : 0\ncpu model : Loongson-3\nisa : mips1 mips64r2\n", .other, ""),
            ("processor : 0\nhart : 2\nisa : rv64imafdc\n", .riscV, "RISC-V rv64imafdc"),
            ("processor : 0\ncpu : PPC970MP, altivec supported\n", .power, "PPC970MP"),
        ])
    func theProcessorIsNamedOnEveryArchitecture(_ cpuinfo: String, _ kind: Machine.Architecture, _ name: String) throws
    {
        let (directory, paths) = try machine(cpuinfo)
        let machine = Machine(paths)
        #expect(machine.architecture == kind && machine.name == name)
        _ = directory
    }

    @Test(
        arguments: [
            (skylake, [:], nil),
            (skylake.replacingFlags("fpu hypervisor"), [:], "a hypervisor"),
            (skylake, ["sys/class/dmi/id/sys_vendor": "QEMU\n"], "QEMU"),
            // A whole machine of a cloud is none.
            (skylake, ["sys/class/dmi/id/sys_vendor": "Alibaba Cloud\n"], nil),
            (
                neoverse,
                ["sys/class/dmi/id/sys_vendor": "Amazon EC2\n", "sys/class/dmi/id/product_name": "m6g.large\n"],
                "Amazon EC2"
            ),
            (
                neoverse,
                ["sys/class/dmi/id/sys_vendor": "Amazon EC2\n", "sys/class/dmi/id/product_name": "m6g.metal\n"], nil
            ),
            (
                neoverse,
                [
                    "sys/class/dmi/id/sys_vendor": "Microsoft Corporation\n",
                    "sys/class/dmi/id/product_name": "Virtual Machine\n",
                ], "Virtual Machine, Microsoft Corporation"
            ),
            (neoverse, ["sys/hypervisor/type": "xen\n"], "Xen"),
            (neoverse, ["proc/device-tree/hypervisor/compatible": "linux,kvm\0"], "KVM"),
            (neoverse, ["sys/firmware/devicetree/base/hypervisor/compatible": "xen,xen-4.16\0xen,xen\0"], "Xen"),
            (neoverse, [:], nil), (power9, [:], nil),
            (power9, ["proc/device-tree/ibm,partition-name": "lpar1\0"], "PowerVM"),
            (power9.replacingPlatform("pSeries\nmachine : CHRP IBM pSeries (emulated by qemu)"), [:], "KVM"),
            (mainframe, ["proc/sysinfo": "LPAR Name: A\nVM00 Control Program: z/VM    7.2.0\n"], "z/VM"),
            (mainframe, [:], "a logical partition (LPAR)"),
            // Xen's dom0 has the machine's BMC; a paravirtual guest has no DMI.
            (skylake.replacingFlags("fpu hypervisor"), ["proc/xen/capabilities": "control_d\n"], nil),
            (
                skylake.replacingFlags("fpu hypervisor"),
                ["sys/hypervisor/type": "xen\n", "sys/hypervisor/properties/features": "000228f0\n"], nil
            ),
            (
                neoverse,
                [
                    "sys/hypervisor/type": "xen\n", "sys/hypervisor/properties/features": "000228f0\n",
                    "sys/firmware/devicetree/base/hypervisor/compatible": "xen,xen-4.17\0xen,xen\0",
                ], nil
            ),
            (
                skylake.replacingFlags("fpu hypervisor"),
                ["sys/hypervisor/type": "xen\n", "sys/hypervisor/properties/features": "00002705\n"], "Xen"
            ),
            // dom0 of a Xen that is itself a guest.
            (
                skylake.replacingFlags("fpu hypervisor"),
                ["proc/xen/capabilities": "control_d\n", "sys/class/dmi/id/sys_vendor": "QEMU\n"], "QEMU"
            ),
            // Nothing but a device tree.
            (neoverse, ["proc/device-tree/compatible": "linux,dummy-virt\0"], "linux,dummy-virt"),
            (riscV, ["sys/firmware/devicetree/base/compatible": "riscv-virtio\0"], "riscv-virtio"),
            (neoverse, ["proc/device-tree/fw-cfg@9020000/compatible": "qemu,fw-cfg-mmio\0"], "QEMU"),
            (neoverse, ["proc/device-tree/compatible": "wiwynn,mtjade\0"], nil),
            (
                skylake,
                ["sys/class/dmi/id/sys_vendor": "Nutanix\n", "sys/class/dmi/id/product_name": "NX-3060-G5\n"], nil
            ),
            (
                skylake, ["sys/class/dmi/id/sys_vendor": "Nutanix\n", "sys/class/dmi/id/product_name": "AHV\n"],
                "AHV, Nutanix"
            ),
            (
                skylake.replacingFlags("fpu hypervisor"), ["sys/class/dmi/id/sys_vendor": "Nutanix\n"], "Nutanix"
            ),
        ] as [(String, [String: String], String?)])
    func guestsAreFoundWithoutAFlag(_ cpuinfo: String, _ files: [String: String], _ name: String?) throws {
        let (directory, paths) = try machine(cpuinfo, files)
        #expect(Machine(paths).hypervisor == name)
        _ = directory
    }

    /// No advice to load a driver that cannot be there.
    @Test(arguments: [neoverse, power9, mainframe, riscV, zhaoxin, nehalem])
    func withoutRAPLNoDriverIsAdvised(_ cpuinfo: String) throws {
        let (directory, paths) = try machine(cpuinfo)
        let refusals: [Diagnosis?] = [
            #expect(throws: Diagnosis.self) { try RAPLSource(paths: paths) },
            #expect(throws: Diagnosis.self) { try PerfSource(paths: paths) },
        ]
        for refusal in refusals {
            let text = try #require(refusal).description
            #expect(refusal?.code == .inapplicable && text.contains("has no RAPL"), "\(text)")
            #expect(!text.contains("intel_rapl") && !text.contains("modprobe rapl"), "\(text)")
        }
        #expect(refusals[0]?.finding.contains(Machine(paths).name) == true)
        _ = directory
    }

    @Test func driversAreAdvisedWhereTheyHelp() throws {
        let (_, intel) = try machine(Self.skylake)
        #expect(explainMissingRAPL(root: "x", paths: intel).remedy?.contains("modprobe intel_rapl_msr") == true)
        let (power, paths) = try machine(Self.power9)
        #expect(Machine(paths).missingIPMI("/dev/ipmi0").remedy?.contains("ipmi_powernv") == true)
        #expect(Machine(paths).sensorRemedy == "modprobe ibmpowernv")
        let (arm, guest) = try machine(Self.neoverse, ["sys/class/dmi/id/sys_vendor": "Amazon EC2\n"])
        #expect(Machine(guest).missingIPMI("/dev/ipmi0").code == .inapplicable && Machine(guest).sensorRemedy == nil)
        let rapl = explainMissingRAPL(root: "x", paths: guest)
        #expect(rapl.finding.contains("Amazon EC2") && rapl.remedy?.contains("--power.host") == true)
        _ = (power, arm)
    }

    private static let loongArch =
        "system type : generic\n\nprocessor : 0\nCPU Family : Loongson-64bit\nModel Name : Loongson-3C5000\nISA : loongarch64\n"
    private static let sparc = "cpu : UltraSparc T5 (Niagara5)\nprom : OBP 4.38.1\ntype : sun4v\n"

    /// Servers of other architectures have BMCs and ACPI meters too.
    @Test func serversAreAdvisedWhatServersHave() throws {
        for cpu in [Self.loongArch, Self.riscV] {
            let (server, paths) = try machine(cpu, ["sys/firmware/acpi/x": ""])
            #expect(Machine(paths).missingIPMI("/dev/ipmi0").remedy?.contains("ipmi_si") == true)
            #expect(Machine(paths).sensorRemedy?.contains("acpi_power_meter") == true)
            let (board, without) = try machine(cpu)
            #expect(Machine(without).missingIPMI("/dev/ipmi0").code == .inapplicable)
            #expect(Machine(without).sensorRemedy == nil)
            _ = (server, board)
        }
        let (sparc, paths) = try machine(Self.sparc)
        #expect(Machine(paths).sensorRemedy == nil)
        _ = sparc
    }

    @Test func xensControlDomainHasABMCAndNoRAPL() throws {
        let (directory, paths) = try machine(
            Self.skylake.replacingFlags("fpu hypervisor"), ["proc/xen/capabilities": "control_d\n"])
        let machine = Machine(paths)
        #expect(machine.missingIPMI("/dev/ipmi0").remedy?.contains("ipmi_si") == true)
        let refusals = [explainMissingRAPL(root: "x", paths: paths), machine.missingPerf(root: "x")]
        for refusal in refusals {
            #expect(refusal.code == .inapplicable && refusal.finding.contains("Xen"))
            #expect(!refusal.description.contains("modprobe") && !refusal.finding.contains("virtual machine"))
        }
        _ = directory
    }

    @Test(arguments: [173, 175]) func processorsWithTPMINeedAnotherDriver(_ model: Int) throws {
        let text = Self.skylake.split(separator: "\n").map { $0.hasPrefix("model :") ? "model : \(model)" : String($0) }
        let (directory, paths) = try machine(text.joined(separator: "\n"))
        #expect(explainMissingRAPL(root: "x", paths: paths).remedy?.contains("intel_rapl_tpmi") == true)
        let (other, usual) = try machine(Self.skylake)
        #expect(explainMissingRAPL(root: "x", paths: usual).remedy?.contains("tpmi") == false)
        _ = (directory, other)
    }

    @Test func aBoardIsNamedByItsDeviceTree() throws {
        let (directory, paths) = try machine(
            "processor\t: 0\n", ["proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0"])
        #expect(cpuModelName(paths) == "Raspberry Pi 4 Model B Rev 1.4")
        _ = directory
    }

    private func cpuModelName(_ paths: HostPaths) -> String { HardwareFacts(paths).cpu.name }
}

extension String {
    fileprivate func replacingFlags(_ flags: String) -> String {
        split(separator: "\n").map { $0.hasPrefix("flags") ? "flags : \(flags)" : String($0) }.joined(separator: "\n")
    }

    fileprivate func replacingPlatform(_ text: String) -> String {
        split(separator: "\n").map { $0.hasPrefix("platform") ? "platform : \(text)" : String($0) }.joined(
            separator: "\n")
    }
}
