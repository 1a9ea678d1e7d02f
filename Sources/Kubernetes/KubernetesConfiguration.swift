/// Where the pods of this node are read from, and what is kept of them.
package struct KubernetesConfiguration: Sendable, Equatable {
    package enum Source: String, Sendable, CaseIterable {
        /// The API server: list and watch of this node's pods.
        case api
        /// The kubelet's `/pods`, polled.
        case kubelet
    }

    package var source: Source
    /// `https://HOST:PORT`
    package var url: String
    package var nodeName: String
    /// Read for every request: Kubernetes replaces the token about every hour.
    package var tokenFile: String
    /// PEM file of the authority that the server's certificate must be signed by.
    package var authorityFile: String
    /// Names of labels and annotations that are kept; all others are dropped.
    package var labels: [String] = []
    package var annotations: [String] = []
    /// Pause after the first failure, s; it doubles with every further one, up to ``longestPause``.
    package var firstPause = 0.5
    package var longestPause = 60.0
    /// Time between two requests to the kubelet, s.
    package var pollInterval = 30.0
    /// Longest silence in the middle of a list.
    package var silence = Duration.seconds(20)
    /// The same of a watch; nil where that follows from what the server does.
    package var watchSilence: Duration?

    package init(source: Source, url: String, nodeName: String, tokenFile: String, authorityFile: String) {
        self.source = source
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.nodeName = nodeName
        self.tokenFile = tokenFile
        self.authorityFile = authorityFile
    }
}

extension KubernetesConfiguration {
    /// Selects this node's pods, as part of a query.
    var selector: String { "fieldSelector=spec.nodeName%3D\(Self.escaped(nodeName))" }

    /// `text` as a value in a query.
    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                return String(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }.joined()
    }
}
