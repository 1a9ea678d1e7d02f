internal import Linux

/// One of which nothing but its flag is known.
let unnamedHypervisor = "a hypervisor"

/// Whose guest this machine is, in a word; nil on bare metal, as far as is known.
///
/// x86 shows it by a flag of the CPU; other architectures by the device tree, `/sys/hypervisor`, DMI or, on IBM Z, in
/// `/proc/sysinfo`. Compare systemd's `src/basic/virt.c`.
func findHypervisor(_ paths: HostPaths, cpuinfo: String) -> String? {
    let vendor = read(paths.sysfs + "/class/dmi/id/sys_vendor") ?? ""
    let product = read(paths.sysfs + "/class/dmi/id/product_name") ?? ""
    // The same vendor rents out whole machines too: m6g.metal, c7g.metal-48xl.
    let isWhole = vendor == "Amazon EC2" && product.contains(".metal")
    let flags = lines(of: cpuinfo).lazy.prefix(64).first { $0.hasPrefix("flags") }
    let isFlagged = flags?.split(separator: " ").contains("hypervisor") == true
    // Without the flag, an x86 machine of a cloud is one of its whole ones.
    let byDMI = isWhole ? nil : guestName(vendor: vendor, product: product, isCloud: isFlagged || flags == nil)
    if let byDMI { return byDMI }
    if isXenControlDomain(paths) { return nil }
    // A paravirtual guest of Xen has no DMI.
    if read(paths.sysfs + "/hypervisor/type") == "xen" { return "Xen" }
    if isFlagged { return unnamedHypervisor }
    for root in [paths.procfs + "/device-tree", paths.sysfs + "/firmware/devicetree/base"] {
        if let compatible = read(root + "/hypervisor/compatible") {
            return compatible.contains("kvm")
                ? "KVM" : compatible.contains("xen") ? "Xen" : printable(compatible, limit: 40)
        }
        if fileExists(root + "/ibm,partition-name") { return "PowerVM" }
        if let guest = boardName(root) { return guest }
    }
    return byArchitecture(cpuinfo, sysinfo: read(paths.procfs + "/sysinfo"))
}

/// True in the domain that has Xen's hardware, BMC included: dom0. It is no guest, though Xen sets the flag of one.
func isXenControlDomain(_ paths: HostPaths) -> Bool {
    if read(paths.procfs + "/xen/capabilities")?.contains("control_d") == true { return true }
    guard read(paths.sysfs + "/hypervisor/type") == "xen",
        let features = read(paths.sysfs + "/hypervisor/properties/features"),
        let bits = UInt32(features.prefix { $0.isHexDigit }, radix: 16)
    else { return false }
    // XENFEAT_dom0, include/xen/interface/features.h.
    return bits & 1 << 11 != 0
}

/// The virtual board that a device tree describes; nil for real ones. QEMU hands its settings over in `fw-cfg@...`;
/// `linux,dummy-virt` is the board of Firecracker, Cloud Hypervisor, crosvm and kvmtool too.
private func boardName(_ root: String) -> String? {
    if ((try? listDirectory(root)) ?? []).contains(where: { $0.name.hasPrefix("fw-cfg@") }) { return "QEMU" }
    let boards = (read(root + "/compatible") ?? "").split(separator: " ")
    return boards.first { ["linux,dummy-virt", "riscv-virtio"].contains($0) }.map(String.init)
}

private func read(_ path: String) -> String? { (try? readText(path, limit: 4096))?.trimmingZeros }

/// POWER's guests are pSeries and its machines PowerNV; every Linux on IBM Z runs in a partition at least.
private func byArchitecture(_ cpuinfo: String, sysinfo: String?) -> String? {
    for line in lines(of: cpuinfo) where line.hasPrefix("platform") && line.contains("pSeries") {
        return cpuinfo.contains("emulated by qemu") ? "KVM" : "PowerVM"
    }
    if cpuinfo.hasPrefix("vendor_id") && cpuinfo.contains("IBM/S390") || sysinfo != nil {
        let program = lines(of: sysinfo ?? "").first { $0.hasPrefix("VM00 Control Program") } ?? ""
        return program.contains("KVM") ? "KVM" : program.contains("z/VM") ? "z/VM" : "a logical partition (LPAR)"
    }
    return nil
}

/// What DMI says of a guest; nil for the makers of real machines.
///
/// - Parameter isCloud: whether the name of a cloud is enough.
private func guestName(vendor: String, product: String, isCloud: Bool) -> String? {
    let clouds = [
        "Amazon EC2", "Google", "Alibaba Cloud", "Tencent Cloud", "Huawei Cloud", "DigitalOcean", "Hetzner", "UpCloud",
        "Vultr", "Akamai", "Linode", "Scaleway",
        // Sells machines as well; its guests are the product AHV.
        "Nutanix",
    ]
    let hypervisors = [
        "QEMU", "Xen", "VMware, Inc.", "innotek GmbH", "Bochs", "BHYVE", "Parallels", "KubeVirt",
        "OpenStack Foundation", "RDO", "Cloud Hypervisor", "Firecracker",
    ]
    let products = [
        "KVM", "Virtual Machine", "VirtualBox", "VMware", "HVM domU", "Standard PC", "OpenStack", "QEMU",
        "Apple Virtualization", "Parallels", "Bochs", "RHEV", "oVirt", "vServer", "AHV",
    ]
    if let name = hypervisors.first(where: vendor.hasPrefix) { return name }
    if let product = products.first(where: product.contains) { return "\(product), \(printable(vendor, limit: 40))" }
    guard isCloud, let name = clouds.first(where: vendor.hasPrefix) else { return nil }
    // Google's laptops and boards are real.
    return name == "Google" && !product.contains("Compute Engine") ? nil : name
}

extension String {
    /// Texts of the device tree end in a zero, and lists have zeros inside.
    fileprivate var trimmingZeros: String {
        String(decoding: utf8.map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
            .split(separator: " ").joined(separator: " ")
    }
}
