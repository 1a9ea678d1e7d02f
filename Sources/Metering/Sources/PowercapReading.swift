internal import Attribution
internal import FoundationEssentials

/// What a powercap tree showed at one moment, as it also goes from one process to another.
struct PowercapReading: Codable, Equatable, Sendable {
    /// One zone's counter.
    struct Counter: Codable, Equatable, Sendable {
        let zone: RAPLZone
        /// uJ; nil where it was not or could not be read.
        var energy: UInt64?
        /// Why it could not be read.
        var problem: String?
    }

    var counters: [Counter] = []
    /// What is peculiar about the tree, in words.
    var remarks: [String] = []
    /// Why there is nothing to be read; nil where there is.
    var refusal: Diagnosis?
    /// When it was read, s on the clock of ``HelperProcess/now``.
    var time = 0.0
    /// How long that took, s.
    var duration = 0.0
}

/// As one line.
extension PowercapReading {
    init(line: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(line))
    }

    /// Empty where it has no such form, which cannot happen: nothing in it is a number that JSON does not have.
    func line() -> [UInt8] { (try? JSONEncoder().encode(self)).map { [UInt8]($0) } ?? [] }
}

/// In its text form.
extension ZoneID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ZoneID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a zone")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
