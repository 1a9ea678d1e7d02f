package enum Fleet {
    /// Kind of the row of a whole node.
    static let kind = "node"
    /// The label with the name of the node that a row is from.
    static let nodeLabel = "host.name"
}
