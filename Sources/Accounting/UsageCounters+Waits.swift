extension UsageCounters {
    /// Waits by length: below 2^12 ns, below 2^13 ns, ... below 2^26 ns, and longer. Sixteen numbers.
    ///
    /// Four vectors and not one: that would have to begin at a multiple of its own size, and thousands of counters
    /// would take half as much memory again, most of it empty.
    package struct Waits: Sendable, Equatable {
        private var first = SIMD4<UInt64>.zero
        private var second = SIMD4<UInt64>.zero
        private var third = SIMD4<UInt64>.zero
        private var fourth = SIMD4<UInt64>.zero

        package init() {}

        package static let count = 16

        package subscript(index: Int) -> UInt64 {
            get {
                switch index / 4 {
                case 0: first[index]
                case 1: second[index % 4]
                case 2: third[index % 4]
                default: fourth[index % 4]
                }
            }
            set {
                switch index / 4 {
                case 0: first[index] = newValue
                case 1: second[index % 4] = newValue
                case 2: third[index % 4] = newValue
                default: fourth[index % 4] = newValue
                }
            }
        }

        /// All of them.
        package func wrappedSum() -> UInt64 { (first &+ second &+ third &+ fourth).wrappedSum() }

        static func &+= (sum: inout Self, other: Self) {
            sum.first &+= other.first
            sum.second &+= other.second
            sum.third &+= other.third
            sum.fourth &+= other.fourth
        }

        static func &-= (difference: inout Self, other: Self) {
            difference.first &-= other.first
            difference.second &-= other.second
            difference.third &-= other.third
            difference.fourth &-= other.fourth
        }
    }
}

/// The order of the state file: those that are mostly zero at the end.
extension UsageCounters {
    private static let count = 28

    /// A counter by its place in ``values``.
    private subscript(place: Int) -> UInt64 {
        switch place {
        case 0: voluntarySwitches
        case 1: involuntarySwitches
        case 2: waitNanoseconds
        case 3..<7: classNanoseconds[place - 3]
        case 7: sharedNanoseconds
        case 8..<12: counted[place - 8]
        default: waits[place - 12]
        }
    }

    /// Every counter.
    package var values: [UInt64] { (0..<Self.count).map { self[$0] } }

    /// The same without an allocation.
    package var numbers: InlineArray<28, UInt64> { InlineArray { self[$0] } }

    /// - Parameter values: as in ``values``; what is missing is zero.
    package init?(values: [UInt64]) {
        guard values.count <= Self.count else { return nil }
        self.init()
        let all = values + Array(repeating: 0, count: Self.count - values.count)
        voluntarySwitches = all[0]
        involuntarySwitches = all[1]
        waitNanoseconds = all[2]
        classNanoseconds = SIMD4(all[3..<7])
        sharedNanoseconds = all[7]
        counted = SIMD4(all[8..<12])
        for index in 0..<Waits.count { waits[index] = all[12 + index] }
    }
}
