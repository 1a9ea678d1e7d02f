/// Unpacks one stream of DEFLATE, RFC 1951. Every answer is small, so speed matters less than that nothing foreign can
/// do harm: the size of the result is bounded, and so is the time: O(bits read + bytes made).
struct Inflater {
    enum Failure: Error {
        /// No such stream, or cut off.
        case damaged
        case tooLarge
    }

    private let bytes: [UInt8]
    /// Of the next byte that is read.
    private(set) var position: Int
    private(set) var output: [UInt8] = []
    private let limit: Int
    private var hold = 0
    private var held = 0

    /// - Parameters:
    ///   - position: where the stream begins in `bytes`.
    ///   - limit: most bytes that may come out.
    init(_ bytes: [UInt8], from position: Int, limit: Int) {
        self.bytes = bytes
        self.position = position
        self.limit = limit
    }

    /// Unpacks to the end of the stream; the position is then that of the first byte after it.
    mutating func run() throws(Failure) {
        while true {
            let isLast = try take(1) == 1
            switch try take(2) {
            case 0: try copyStored()
            case 1: try decode(.fixedLengths, .fixedDistances)
            case 2:
                let (lengths, distances) = try readCodes()
                try decode(lengths, distances)
            default: throw .damaged
            }
            if isLast { return }
        }
    }

    /// The next bits, the first of them the lowest; at most 16.
    private mutating func take(_ count: Int) throws(Failure) -> Int {
        while held < count {
            guard position < bytes.count else { throw .damaged }
            hold |= Int(bytes[position]) << held
            position += 1
            held += 8
        }
        let value = hold & ((1 << count) - 1)
        hold >>= count
        held -= count
        return value
    }

    private mutating func append(_ byte: UInt8) throws(Failure) {
        guard output.count < limit else { throw .tooLarge }
        output.append(byte)
    }

    private mutating func copyStored() throws(Failure) {
        (hold, held) = (0, 0)
        let (size, inverse) = (try take(16), try take(16))
        guard size == inverse ^ 0xFFFF, bytes.count - position >= size else { throw .damaged }
        guard output.count + size <= limit else { throw .tooLarge }
        output += bytes[position..<(position + size)]
        position += size
    }

    private mutating func symbol(_ code: HuffmanCode) throws(Failure) -> Int {
        var (value, first, index) = (0, 0, 0)
        for length in 1...HuffmanCode.longest {
            value |= try take(1)
            let count = code.counts[length]
            if value - first < count { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw .damaged
    }

    private mutating func decode(_ lengths: HuffmanCode, _ distances: HuffmanCode) throws(Failure) {
        while true {
            let symbol = try symbol(lengths)
            if symbol < 256 {
                try append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return }
            guard symbol - 257 < Self.lengths.count else { throw .damaged }
            let length = Self.lengths[symbol - 257]
            let size = length.base + (try take(length.bits))
            let place = try self.symbol(distances)
            guard place < Self.distances.count else { throw .damaged }
            let distance = Self.distances[place].base + (try take(Self.distances[place].bits))
            guard distance <= output.count else { throw .damaged }
            for _ in 0..<size { try append(output[output.count - distance]) }
        }
    }

    /// The codes of a block that brings its own, themselves coded.
    private mutating func readCodes() throws(Failure) -> (HuffmanCode, HuffmanCode) {
        let (lengthCount, distanceCount, codeCount) = (try take(5) + 257, try take(5) + 1, try take(4) + 4)
        var sizes = [Int](repeating: 0, count: 19)
        for place in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(codeCount) {
            sizes[place] = try take(3)
        }
        guard let code = HuffmanCode(sizes) else { throw .damaged }
        var all: [Int] = []
        while all.count < lengthCount + distanceCount {
            switch try symbol(code) {
            case 16:
                guard let last = all.last else { throw .damaged }
                all += [Int](repeating: last, count: 3 + (try take(2)))
            case 17: all += [Int](repeating: 0, count: 3 + (try take(3)))
            case 18: all += [Int](repeating: 0, count: 11 + (try take(7)))
            case let size: all.append(size)
            }
        }
        guard all.count == lengthCount + distanceCount, let lengths = HuffmanCode(Array(all.prefix(lengthCount))),
            let distances = HuffmanCode(Array(all.dropFirst(lengthCount)))
        else { throw .damaged }
        return (lengths, distances)
    }

    private typealias Step = (base: Int, bits: Int)

    /// RFC 1951, section 3.2.5.
    private static let lengths: [Step] =
        (0..<8).map { (3 + $0, 0) }
        + (1...5).flatMap { bits in (0..<4).map { (3 + (4 + $0) << bits, bits) } } + [(258, 0)]
    private static let distances: [Step] =
        (0..<4).map { (1 + $0, 0) } + (1...13).flatMap { bits in (0..<2).map { (1 + (2 + $0) << bits, bits) } }
}

/// A Huffman code by the lengths of its words, RFC 1951, section 3.2.2.
struct HuffmanCode {
    static let longest = 15

    /// How many words there are of each length.
    private(set) var counts = [Int](repeating: 0, count: longest + 1)
    /// In the order of their words.
    private(set) var symbols: [Int]

    /// Nil where there are more words than fit; fewer are allowed.
    init?(_ lengths: [Int]) {
        for length in lengths { counts[length] += 1 }
        counts[0] = 0
        var free = 1
        for length in 1...Self.longest {
            free = free << 1 - counts[length]
            guard free >= 0 else { return nil }
        }
        symbols = (1...Self.longest).flatMap { length in lengths.indices.filter { lengths[$0] == length } }
    }

    private init(valid lengths: [Int]) {
        for length in lengths { counts[length] += 1 }
        counts[0] = 0
        symbols = (1...Self.longest).flatMap { length in lengths.indices.filter { lengths[$0] == length } }
    }

    static let fixedLengths = Self(
        valid: [(8, 144), (9, 112), (7, 24), (8, 8)].flatMap { [Int](repeating: $0.0, count: $0.1) })
    static let fixedDistances = Self(valid: [Int](repeating: 5, count: 30))
}
