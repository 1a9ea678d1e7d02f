import Attribution
package import Engine
import Linux
import Metering

/// What a recording begins with: the machine, and the settings that were in force.
package struct RecordingHeader: Sendable {
    /// Version of the program that recorded.
    package var program = ""
    /// Names, paths and messages were replaced.
    package var isAnonymised = false
    /// Settings that snapshots depend on, with the values in force.
    package var settings: [Setting] = []
    /// Names of ``SourceKind``: the meters that were configured, so that their absence is worth a notice.
    package var requestedMeters: [String] = []
    package var facts: MachineFacts

    package struct Setting: Sendable, Equatable {
        package var key = ""
        package var text = ""

        package init() {}

        package init(_ key: String, _ text: String) {
            self.key = key
            self.text = text
        }
    }

    package init(facts: MachineFacts) {
        self.facts = facts
    }
}

extension RecordingHeader {
    static var blank: RecordingHeader {
        let cpu = CPUModel(vendor: "", family: 0, model: 0, stepping: 0)
        return RecordingHeader(
            facts: MachineFacts(
                hardware: HardwareFacts(cpu: cpu, memoryBytes: nil, procfs: ""), threads: 1, sockets: [],
                cgroupRoot: nil))
    }
}

extension RecordCoder {
    mutating func header(_ header: inout RecordingHeader) throws(Malformed) {
        try text(&header.program)
        try flag(&header.isAnonymised)
        try list(&header.settings, blank: RecordingHeader.Setting()) { (coder, setting) throws(Malformed) in
            try coder.text(&setting.key)
            try coder.text(&setting.text)
        }
        try texts(&header.requestedMeters)
        try hardware(&header.facts.hardware)
        try small(&header.facts.threads)
        guard header.facts.threads > 0 else { throw Malformed() }
        var sockets = header.facts.sockets.sorted()
        try list(&sockets, blank: 0) { (coder, socket) throws(Malformed) in try coder.number(&socket) }
        header.facts.sockets = Set(sockets)
        try optional(&header.facts.cgroupRoot, blank: "") { (coder, root) throws(Malformed) in
            try coder.text(&root)
        }
        try optional(&header.facts.powerModel, blank: .success([])) { (coder, file) throws(Malformed) in
            try coder.file(&file)
        }
    }

    private mutating func hardware(_ hardware: inout HardwareFacts) throws(Malformed) {
        var (cpu, memory, procfs) = (hardware.cpu, hardware.memoryBytes, hardware.procfs)
        try text(&cpu.vendor)
        try text(&cpu.name)
        try small(&cpu.family)
        try small(&cpu.model)
        try small(&cpu.stepping)
        try optional(&cpu.part, blank: 0) { (coder, part) throws(Malformed) in try coder.small(&part) }
        try optional(&memory, blank: 0) { (coder, bytes) throws(Malformed) in try coder.number(&bytes) }
        try text(&procfs)
        hardware = HardwareFacts(cpu: cpu, memoryBytes: memory, procfs: procfs)
    }

    private mutating func file(_ file: inout Result<[UInt8], HostError>) throws(Malformed) {
        var (content, error) = ([UInt8](), HostError(code: .missing, path: "", detail: ""))
        var isRead = true
        switch file {
        case .success(let bytes): content = bytes
        case .failure(let failure): (isRead, error) = (false, failure)
        }
        try flag(&isRead)
        if isRead { try bytes(&content) } else { try self.error(&error) }
        file = isRead ? .success(content) : .failure(error)
    }
}
