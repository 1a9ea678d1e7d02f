/// How the body of a request is written.
package struct PushKind: Sendable, Equatable {
    /// For the header `Content-Type`; else JSON.
    package let isProtobuf: Bool
    package let isCompressed: Bool

    package init(isProtobuf: Bool, isCompressed: Bool) {
        self.isProtobuf = isProtobuf
        self.isCompressed = isCompressed
    }

    var suffix: String { (isProtobuf ? "pb" : "json") + (isCompressed ? ".gz" : "") }

    init?(suffix: some StringProtocol) {
        let all = [(true, true), (true, false), (false, true), (false, false)].map {
            PushKind(isProtobuf: $0, isCompressed: $1)
        }
        guard let kind = all.first(where: { $0.suffix == suffix }) else { return nil }
        self = kind
    }
}
