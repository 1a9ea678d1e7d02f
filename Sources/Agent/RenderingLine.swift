/// The bodies that are to be rendered, one after the other, and who waits for each. Queries, which anybody can think of,
/// come after everything else, so that a scrape waits for one of them at most.
struct RenderingLine<Body: Sendable>: Sendable {
    typealias Format = SnapshotBodies.Format

    struct Reader: Sendable {
        let continuation: CheckedContinuation<Body, any Error>
        /// True when its client is gone.
        let hasLeft: @Sendable () -> Bool
    }

    private struct Rendering {
        let format: Format
        let sequence: UInt64
        var readers: [Reader]
    }

    private var waiting: [Format: [Reader]] = [:]
    /// The keys of ``waiting`` in the order in which they came.
    private var plain: [Format] = []
    private var queries: [Format] = []
    private var current: Rendering?

    /// Formats that wait or are being rendered. O(n).
    func count(where isCounted: (Format) -> Bool) -> Int {
        waiting.keys.count(where: isCounted) + (current.map { isCounted($0.format) ? 1 : 0 } ?? 0)
    }

    /// Adds a reader to a rendering that will show the latest snapshot; false where there is none.
    mutating func join(_ format: Format, at latest: UInt64, _ reader: Reader) -> Bool {
        if current?.format == format, current?.sequence == latest {
            current?.readers.append(reader)
            return true
        }
        guard waiting[format] != nil else { return false }
        waiting[format]?.append(reader)
        return true
    }

    /// Adds a rendering to the end of the line.
    mutating func add(_ format: Format, _ reader: Reader) {
        waiting[format] = [reader]
        if format.content.isQuery { queries.append(format) } else { plain.append(format) }
    }

    /// Takes what is next, nil for nothing, and the readers of queries that were left by all who waited for them. One that
    /// nothing waits behind is taken all the same: a client that has only ended its side of the connection may still read.
    mutating func begin(at sequence: UInt64) -> (next: Format?, left: [Reader]) {
        var left: [Reader] = []
        while !plain.isEmpty || !queries.isEmpty {
            let format = plain.isEmpty ? queries.removeFirst() : plain.removeFirst()
            let readers = waiting.removeValue(forKey: format) ?? []
            if format.content.isQuery, !queries.isEmpty, readers.allSatisfy({ $0.hasLeft() }) {
                left += readers
            } else {
                current = Rendering(format: format, sequence: sequence, readers: readers)
                return (format, left)
            }
        }
        return (nil, left)
    }

    /// Ends the rendering under way; returns who waits for it.
    mutating func end() -> [Reader] {
        defer { current = nil }
        return current?.readers ?? []
    }
}
