/// What a processor is called, from the fields of `/proc/cpuinfo` of each architecture.
func processorName(_ field: (String) -> String?) -> String {
    // x86, and Arm kernels that were built to show it; LoongArch.
    if let name = field("model name") ?? field("Model Name") { return name }
    if let implementer = field("CPU implementer").flatMap(parseInteger),
        let part = field("CPU part").flatMap(parseInteger),
        let name = ArmCores.name(implementer: implementer, part: part)
    {
        return name
    }
    // IBM Z: "version = FF, identification = 0123, machine = 8561".
    if let type = field("processor 0")?.split(separator: " ").last, field("vendor_id") == "IBM/S390" {
        return "IBM \(mainframes[String(type)] ?? "Z") (\(type))"
    }
    // POWER: "POWER9, altivec supported".
    if let name = field("cpu")?.split(separator: ",").first { return "\(name)" }
    return field("uarch") ?? field("isa").flatMap { $0.hasPrefix("rv") ? "RISC-V \($0.prefix(24))" : nil } ?? field(
        "Hardware") ?? ""
}

/// Of IBM Z by machine type. https://www.ibm.com/support/pages/ibm-mainframe-life-cycle-history, 2025.
private let mainframes = [
    "2964": "z13", "2965": "z13s", "3906": "z14", "3907": "z14 ZR1", "8561": "z15", "8562": "z15 T02", "3931": "z16",
    "3932": "z16 A02", "9175": "z17",
]

/// Decimal, or hexadecimal with `0x`.
func parseInteger(_ text: String) -> Int? {
    text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
}
