/// Where the names that a reader wants stand in the ``NamedValues`` of one workload after another.
///
/// Remembers the last answer: the next workload usually shares its array of names, and then the answer costs one
/// comparison of pointers.
package struct NameOrder {
    package let wanted: [String]
    private var names: [String] = []
    private var places: [Int?]

    package init(_ wanted: [String]) {
        self.wanted = wanted
        places = Array(repeating: nil, count: wanted.count)
    }

    /// For each wanted name its index in `names`; nil where it is missing.
    package mutating func places(in names: [String]) -> [Int?] {
        if names != self.names {
            self.names = names
            places = wanted.map { names.firstIndex(of: $0) }
        }
        return places
    }
}
