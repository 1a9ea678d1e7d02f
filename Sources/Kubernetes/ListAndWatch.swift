/// What a list says about itself, beside its pods.
struct ListEnvelope: Decodable {
    struct Metadata: Decodable {
        var resourceVersion: String?
        /// Names the next page; empty or nil at the last.
        var next: String?
        enum CodingKeys: String, CodingKey { case resourceVersion, next = "continue" }
    }
    var metadata: Metadata?
}

/// One event of a watch, without what its pod says.
struct WatchEvent: Decodable {
    struct Versioned: Decodable {
        var metadata: Pod.Metadata?
        /// Of an error.
        var code: Int?
    }
    var type: String
    var object: Versioned
}

/// The pod of an event.
struct PodEvent: Decodable {
    var object: Pod
}
