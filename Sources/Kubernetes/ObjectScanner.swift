/// Cuts a list of Kubernetes objects, or a stream of watch events, into single objects as the bytes arrive, so
/// that nothing larger than one object is ever buffered.
struct ObjectScanner {
    enum Shape {
        /// `{"kind": "PodList", "metadata": {...}, "items": [OBJECT, ...]}`
        case list
        /// One object after the other.
        case stream
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let shape: Shape
    private let limit: Int
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// The last string at depth 1: the key of what follows.
    private var key: [UInt8] = []
    private var isInItems = false
    private var object: [UInt8] = []
    /// Of a list, everything but its items.
    private(set) var envelope: [UInt8] = []
    /// True once a list is complete.
    private(set) var isComplete = false

    /// - Parameter limit: largest object, bytes; etcd accepts 1.5 MB.
    init(_ shape: Shape, limit: Int = 8 << 20) {
        self.shape = shape
        self.limit = limit
    }

    /// Calls `body` with every object that these bytes complete.
    mutating func feed(_ bytes: some Sequence<UInt8>, _ body: ([UInt8]) throws -> Void) throws {
        for byte in bytes {
            let wasInObject = !object.isEmpty
            try take(byte)
            guard wasInObject, object.count > 1, depth == home, !isInString else { continue }
            let whole = object
            object.removeAll(keepingCapacity: true)
            try body(whole)
        }
    }

    /// The depth at which objects begin.
    private var home: Int { shape == .list ? 2 : 0 }

    private mutating func take(_ byte: UInt8) throws {
        let begins = object.isEmpty && byte == UInt8(ascii: "{") && depth == home && (shape == .stream || isInItems)
        if begins || !object.isEmpty {
            guard object.count < limit else { throw Failure(description: "an object larger than \(limit) bytes") }
            object.append(byte)
        } else if shape == .list, isInItems, depth == home, byte != UInt8(ascii: "]") {
            // Between two items.
        } else if shape == .list {
            guard envelope.count < limit else { throw Failure(description: "the response is not a list") }
            envelope.append(byte)
        } else if byte > 0x20 {
            throw Failure(description: "the response is not a JSON object")
        }
        if isInString {
            takeInString(byte)
        } else {
            takeOutside(byte)
        }
    }

    private mutating func takeInString(_ byte: UInt8) {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        } else if depth == 1, key.count < 64 {
            key.append(byte)
        }
    }

    private mutating func takeOutside(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            if depth == 1 { key.removeAll(keepingCapacity: true) }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            if depth == 1, byte == UInt8(ascii: "["), key.elementsEqual("items".utf8) { isInItems = true }
            depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth = max(0, depth - 1)
            if depth == 1 { isInItems = false }
            if depth == 0 { isComplete = true }
        default: break
        }
    }
}
