/// A request that waits to be sent.
package struct PushItem: Sendable, Equatable {
    /// Which request it is, in one run of the agent.
    struct ID: Hashable {
        let number: UInt64
        let part: String
        /// Numbers of an earlier run are found when its directory can be opened: after some were given in memory.
        let isOnDisk: Bool
    }

    /// Counts up: the lowest is the oldest.
    package private(set) var number: UInt64
    /// Of a request that was divided: a letter for each division, `a` for the first half, `b` for the second one. Empty for
    /// a whole one.
    package let part: String
    /// Data points in it.
    package let points: Int
    /// Bytes, as they are sent.
    package let size: Int
    package let kind: PushKind
    /// nil where it is on the disk.
    let body: [UInt8]?

    var isOnDisk: Bool { body == nil }
    var id: ID { ID(number: number, part: part, isOnDisk: isOnDisk) }

    /// The same, once it is on the disk.
    var stored: PushItem {
        PushItem(number: number, part: part, points: points, size: size, kind: kind, body: nil)
    }

    func renumbered(_ number: UInt64) -> PushItem {
        var item = self
        item.number = number
        return item
    }

    /// What it is divided into, in its place.
    func halves(_ parts: [RequestDivision.Part]) -> [PushItem] {
        zip(["a", "b"], parts).map { letter, half in
            PushItem(
                number: number, part: part + letter, points: half.points, size: half.body.count, kind: kind,
                body: half.body)
        }
    }
}

/// Names of files: `NUMBER[PART]-POINTS.pb.gz`, which sort by age.
extension PushItem {
    /// No request has more data points, and so none is divided more often.
    private static let mostPoints = 10_000_000
    private static let mostDivisions = 24

    package var fileName: String { "\(stem).\(kind.suffix)" }

    /// Without the kind.
    var stem: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 20 - digits.count)) + digits + "\(part)-\(points)"
    }

    /// The request in a file of this name; nil for another name.
    package init?(fileName: String, size: Int) {
        let halves = fileName.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let kind = PushKind(suffix: halves[1]) else { return nil }
        self.init(stem: halves[0], kind: kind, size: size)
    }

    init?(stem: some StringProtocol, kind: PushKind, size: Int) {
        let fields = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count == 2 else { return nil }
        let (digits, part) = (fields[0].utf8.prefix(20), fields[0].utf8.dropFirst(20))
        guard digits.count == 20, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            part.count <= Self.mostDivisions, part.allSatisfy({ $0 == UInt8(ascii: "a") || $0 == UInt8(ascii: "b") }),
            // There is room to count on from it.
            let number = UInt64(fields[0].prefix(20)), number <= .max / 2,
            let points = Int(fields[1]), (0...Self.mostPoints).contains(points), String(points) == fields[1]
        else { return nil }
        self.init(
            number: number, part: String(fields[0].dropFirst(20)), points: points, size: size, kind: kind, body: nil)
    }
}
