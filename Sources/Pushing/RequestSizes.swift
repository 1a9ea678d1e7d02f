/// How large requests may be: smaller once a collector refused one as too large, and the end of that where it refuses them
/// however small they are.
struct RequestSizes: Sendable {
    /// Bytes of a request before compression.
    private(set) var limit: Int
    private let largest: Int
    private let smallest: Int
    /// Whether it was in vain to divide, since the last export.
    private var isFutile = false

    /// - Parameters:
    ///   - largest: what is tried first.
    ///   - smallest: a collector that accepts no more than this is none.
    init(largest: Int, smallest: Int) {
        limit = largest
        self.largest = largest
        self.smallest = smallest
    }

    /// Before each export, in which it is tried again whether smaller requests are accepted.
    mutating func begin() { isFutile = false }

    mutating func accepted() { isFutile = false }

    /// Whether to divide a request that was too large. Once one of the smallest was, no other is divided until the next
    /// export or until one is accepted: otherwise a collector that accepts nothing would get all there is in small pieces.
    ///
    /// - Parameter size: bytes, before compression.
    mutating func shouldDivide(_ size: Int) -> Bool {
        if size <= smallest {
            isFutile = true
            limit = largest
        }
        guard !isFutile else { return false }
        limit = max(min(limit, size / 2), smallest)
        return true
    }
}
