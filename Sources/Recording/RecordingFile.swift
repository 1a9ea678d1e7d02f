import Compression
import Ledger

/// The file of a recording: a line that names it, its version, then blocks.
///
///     block   length, checksum (64 bit both, little-endian), gzip of a header, or of some ticks
///
/// The first block is the header. A file that ends in the middle of a block, as after a crash, is whole up to there.
enum RecordingFile {
    static let magic = Array("energyd recording\n".utf8)
    static let version: UInt8 = 1
    /// Of a block, as it is in the file, and unpacked; a tick of 65,536 cgroups is smaller.
    static let largestBlock = 64 << 20
    static let largestContent = 256 << 20

    static func bytes(_ number: Int) -> [UInt8] { bytes(UInt64(number)) }

    static func bytes(_ number: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }

    static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    static func block(_ content: [UInt8]) -> [UInt8] {
        let packed = gzipped(content, level: 6)
        return bytes(packed.count) + bytes(checksum(packed[...])) + packed
    }
}

/// A recording that cannot be read.
package struct RecordingError: Error, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// The file does not begin like a recording.
        case notARecording
        case unsupportedVersion(UInt8)
        /// The block of this index is not what was written.
        case damaged(Int)
        /// It cannot be read any further.
        case unreadable(String)
    }

    package let code: Code

    package init(code: Code) {
        self.code = code
    }

    package var description: String {
        switch code {
        case .notARecording: "not a file of `energyctl record`"
        case .unsupportedVersion(let version):
            "a recording of version \(version), and this program reads version \(RecordingFile.version): use the "
                + "energyctl that recorded it, or a newer one"
        case .damaged(let index): "block \(index) of the recording is damaged: what is before it can be replayed"
        case .unreadable(let reason): reason
        }
    }
}

/// Turns ticks into the bytes of a recording.
package struct RecordingWriter {
    private var ticks = TickCoder(.writer())
    private var count = 0

    /// A block is written when it has as many bytes or ticks: what a crash can lose.
    private static let blockSize = 64 << 10
    private static let blockTicks = 60

    package init() {}

    /// The beginning of the file.
    package func begin(_ header: RecordingHeader) -> [UInt8] {
        var (coder, header) = (RecordCoder.writer(), header)
        // Writing does not throw.
        try? coder.header(&header)
        return RecordingFile.magic + [RecordingFile.version] + RecordingFile.block(coder.takeBytes())
    }

    /// Takes in a tick; the bytes of a block where one is complete, otherwise nothing.
    package mutating func append(_ tick: RecordedTick) -> [UInt8] {
        var tick = tick
        // Writing does not throw.
        try? ticks.tick(&tick)
        count += 1
        return ticks.coder.size >= Self.blockSize || count >= Self.blockTicks ? flush() : []
    }

    /// The bytes of what is left.
    package mutating func flush() -> [UInt8] {
        guard count > 0 else { return [] }
        count = 0
        return RecordingFile.block(ticks.coder.takeBytes())
    }
}

/// Where the ticks of a recorded machine come from.
package protocol RecordedTicks {
    var header: RecordingHeader { get }
    /// The next tick, the first being the start of the engine; nil after the last one.
    mutating func next() throws(RecordingError) -> RecordedTick?
}

/// Reads a recording, block by block.
package struct RecordingReader: RecordedTicks {
    /// The next bytes of a file, as many as there are up to the given number; throws where they cannot be read.
    package typealias Source = (_ count: Int) throws(RecordingError) -> [UInt8]

    package let header: RecordingHeader
    /// True once the file turned out to end in the middle of a block: the recorder did not end as it should.
    package private(set) var breaksOff = false
    private let read: Source
    private var ticks = TickCoder(.reader())
    private var index = 0

    /// Reads the header.
    package init(_ read: @escaping Source) throws(RecordingError) {
        self.read = read
        let head = try read(RecordingFile.magic.count + 1)
        guard head.starts(with: RecordingFile.magic), head.count > RecordingFile.magic.count else {
            throw RecordingError(code: .notARecording)
        }
        guard head.last == RecordingFile.version else {
            throw RecordingError(code: .unsupportedVersion(head.last ?? 0))
        }
        var isCut = false
        guard let content = try Self.block(0, read, &isCut) else { throw RecordingError(code: .damaged(0)) }
        var (coder, header) = (RecordCoder.reader(), RecordingHeader.blank)
        coder.begin(content)
        do {
            try coder.header(&header)
        } catch {
            throw RecordingError(code: .damaged(0))
        }
        guard coder.isAtEnd else { throw RecordingError(code: .damaged(0)) }
        self.header = header
    }

    /// The whole of a recording that is in memory.
    package init(_ bytes: [UInt8]) throws(RecordingError) {
        var rest = bytes[...]
        try self.init { (count) throws(RecordingError) in
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
    }

    /// The next tick; nil after the last one.
    package mutating func next() throws(RecordingError) -> RecordedTick? {
        if ticks.coder.isAtEnd {
            index += 1
            guard let content = try Self.block(index, read, &breaksOff) else { return nil }
            ticks.coder.begin(content)
        }
        var tick = RecordedTick()
        do {
            try ticks.tick(&tick)
        } catch {
            throw RecordingError(code: .damaged(index))
        }
        return tick
    }

    /// The content of a block; nil where the file ends.
    private static func block(
        _ index: Int, _ read: Source, _ breaksOff: inout Bool
    ) throws(RecordingError) -> [UInt8]? {
        let head = try read(16)
        if head.isEmpty { return nil }
        guard head.count == 16 else {
            breaksOff = true
            return nil
        }
        let number = RecordingFile.number(head[..<8])
        guard number > 0, number <= RecordingFile.largestBlock, let length = Int(exactly: number) else {
            throw RecordingError(code: .damaged(index))
        }
        let packed = try read(length)
        guard packed.count == length else {
            breaksOff = true
            return nil
        }
        guard checksum(packed[...]) == RecordingFile.number(head[8...]),
            let content = try? unpacked(packed, coding: "gzip", limit: RecordingFile.largestContent), !content.isEmpty
        else { throw RecordingError(code: .damaged(index)) }
        return content
    }
}
