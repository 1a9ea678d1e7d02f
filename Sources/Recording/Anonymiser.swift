internal import Accounting
internal import Engine
internal import Linux
internal import Metering
internal import Names

/// Replaces what names something in a recording, so that it can be given away: paths of cgroups, ids, names of pods,
/// images, processes and of the node, values of labels, and the words of messages.
///
/// Equal words stay equal and different ones different within one recording, and paths keep their form, so that replayed
/// workloads are of the same kinds and use the same energy. Replacements are counted, not computed from the words: they
/// cannot be tried out. Kept are times, amounts, numbers of up to five digits, the processor's name, and keys of labels.
package struct Anonymiser {
    private var replacements: [String: String] = [:]
    private var count = 0
    /// Where the cgroups are mounted, which stays: files are looked up below it.
    private var cgroupRoot = ""

    package init() {}

    package mutating func replaceNames(in header: inout RecordingHeader) {
        header.isAnonymised = true
        cgroupRoot = header.facts.cgroupRoot ?? ""
        for index in header.settings.indices where Self.namedSettings.contains(header.settings[index].key) {
            header.settings[index].text = words(header.settings[index].text)
        }
        header.facts.powerModel = header.facts.powerModel.map { file in
            file.mapError { HostError(code: $0.code, path: words($0.path), detail: Self.removed) }
        }
    }

    package mutating func replaceNames(in tick: inout RecordedTick) {
        tick.digest = nil
        tick.failure = tick.failure.map { _ in Self.removed }
        if var sample = tick.sample {
            // Which is what `tick` held: its arrays are not copied.
            tick.sample = nil
            for index in sample.created.indices { sample.created[index].path = words(sample.created[index].path) }
            for index in sample.renamed.indices { sample.renamed[index].path = words(sample.renamed[index].path) }
            for index in sample.processes.indices {
                sample.processes[index].comm = words(sample.processes[index].comm)
            }
            tick.sample = sample
        }
        replaceNames(in: &tick.names)
        for index in tick.meters.indices where Self.remoteMeters.contains(tick.meters[index].kind) {
            removeMessages(of: &tick.meters[index])
        }
        for index in tick.files.indices {
            tick.files[index].directory = file(tick.files[index].directory)
            tick.files[index].stat = tick.files[index].stat.map { stat in
                stat.mapError { HostError(code: $0.code, path: file($0.path), detail: Self.removed) }
            }
        }
        for index in tick.grounds.indices { tick.grounds[index].path = words(tick.grounds[index].path) }
    }

    private static let removed = "(removed)"
    private static let namedSettings: Set = ["node.name", "power.model"]
    /// Meters whose messages name other machines.
    private static let remoteMeters: Set = [SourceKind.redfish.rawValue, SourceKind.host.rawValue]

    private mutating func replaceNames(in names: inout RecordedNames) {
        names.changes = names.changes.map { change in
            switch change {
            case .set(let key, let facts, let id, let source):
                var replaced: [String: String] = [:]
                for (name, value) in facts.sorted(by: { $0.key < $1.key }) {
                    replaced[name] = Self.plainFacts.contains(name) ? value : words(value)
                }
                return .set(self.key(key), facts: replaced, id: words(id), source)
            case .remove(let key, let source): return .remove(self.key(key), source)
            case .touch(let key): return .touch(self.key(key))
            case .refuse: return change
            }
        }
        names.states = names.states.map {
            NameFeed.State(
                name: $0.name, isUp: $0.isUp, errors: $0.errors, lastError: $0.lastError.map { _ in Self.removed })
        }
        if names.logs?.problem != nil { names.logs?.problem = Self.removed }
        for index in names.onlyContainers.indices {
            names.onlyContainers[index].pod = words(names.onlyContainers[index].pod)
            names.onlyContainers[index].name = names.onlyContainers[index].name.map { words($0) }
        }
    }

    private mutating func file(_ path: String) -> String {
        path.hasPrefix(cgroupRoot) ? cgroupRoot + words(String(path.dropFirst(cgroupRoot.count))) : words(path)
    }

    private mutating func key(_ key: NameKey) -> NameKey { NameKey(kind: key.kind, id: words(key.id)) }

    private func removeMessages(of meter: inout RecordedMeter) {
        meter.openings = meter.openings.map { opening in
            switch opening {
            case .opened(var state):
                state.health.lastError = state.health.lastError.map { _ in Self.removed }
                state.health.remarks = []
                return .opened(state)
            case .failed(let diagnosis): return .failed(Diagnosis(diagnosis.code, Self.removed))
            }
        }
        for index in meter.readings.indices {
            let error = meter.readings[index].state.health.lastError
            meter.readings[index].state.health.lastError = error.map { _ in Self.removed }
            meter.readings[index].state.health.remarks = []
        }
    }

    /// Attributes whose values name nothing.
    private static let plainFacts: Set = [
        "k8s.pod.qos", "k8s.owner.kind", "k8s.pod.cpu.request", "k8s.pod.memory.request", "container.runtime.name",
    ]

    // MARK: Words

    /// The text with its words replaced, but for those that show what kind of thing it is. What separates them stays.
    package mutating func words(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if let length = Self.uuidLength(bytes[index...]) {
                result += uuid(bytes[index..<index + length])
                index += length
            } else if bytes[index...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "x")]) {
                // systemd's form of a character that unit names cannot have.
                result += bytes[index...].prefix(4)
                index += 4
            } else if Self.isWord(bytes[index]) {
                var end = index
                while end < bytes.count, Self.isWord(bytes[end]), end == index || Self.uuidLength(bytes[end...]) == nil
                {
                    end += 1
                }
                result += word(String(decoding: bytes[index..<end], as: UTF8.self)).utf8
                index = end
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func word(_ word: String) -> String {
        if Self.knownWords.contains(word.lowercased()) { return word }
        if word.utf8.count <= 5, word.utf8.allSatisfy(Self.isDigit) { return word }
        // A static pod's id follows without a separator.
        if word.hasPrefix("pod"), word.utf8.count >= 19, word.utf8.dropFirst(3).allSatisfy(Self.isHex) {
            return "pod" + hex(String(word.dropFirst(3)))
        }
        if word.utf8.count >= 12, word.utf8.allSatisfy(Self.isHex) { return hex(word) }
        return replacement(of: word) { "w\($0)" }
    }

    /// Ids with the same first 12 digits stay so: some sources have no more of them.
    private mutating func hex(_ id: String) -> String {
        let head = replacement(of: String(id.prefix(12))) { Self.hex($0, digits: 12) }
        return id.utf8.count == 12
            ? head : head + replacement(of: id) { Self.hex($0, digits: id.utf8.count - 12) }
    }

    private mutating func uuid(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let dash = UInt8(ascii: "-")
        let plain = String(decoding: bytes.map { $0 == UInt8(ascii: "_") ? dash : $0 }, as: UTF8.self)
        let replaced = replacement(of: plain.lowercased()) { "00000000-0000-4000-8000-" + Self.hex($0, digits: 12) }
        return zip(bytes, replaced.utf8).map { Self.isHex($0) ? $1 : $0 }
    }

    private mutating func replacement(of word: String, _ make: (Int) -> String) -> String {
        if let known = replacements[word] { return known }
        count += 1
        let made = make(count)
        replacements[word] = made
        return made
    }

    private static func hex(_ number: Int, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isHex(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return isDigit(byte) || lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return isDigit(byte) || lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || byte >= 0x80
    }

    /// 36 where the bytes begin with 8-4-4-4-12 hexadecimal digits, separated as pods and systemd write them.
    private static func uuidLength(_ bytes: ArraySlice<UInt8>) -> Int? {
        let dashes: Set = [8, 13, 18, 23]
        guard bytes.count >= 36 else { return nil }
        for (place, byte) in bytes.prefix(36).enumerated() {
            let isRight =
                dashes.contains(place) ? byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") : isHex(byte)
            guard isRight else { return nil }
        }
        return 36
    }

    /// Words of systemd, of container runtimes and of Kubernetes.
    private static let knownWords: Set = [
        "actions", "app", "background", "batch", "besteffort", "burstable", "conmon", "containerd", "cri", "crio",
        "docker", "garden", "guaranteed", "init", "job", "kube", "kubelet", "kubepods", "libpod", "libvirt", "lxc",
        "machine", "monitor", "mount", "nspawn", "payload", "pod", "podman", "qemu", "scope", "service", "session",
        "slice", "slurm", "slurmstepd", "socket", "step", "swap", "sys", "fs", "cgroup", "unified", "system",
        "systemd", "target", "task", "timer", "uid", "user",
    ]
}
