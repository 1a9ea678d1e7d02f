/// Whom to ask for the pods of this node, and what to take over from the answer.
package struct KubernetesConfiguration: Sendable, Equatable {
    package enum Source: String, Sendable, CaseIterable {
        /// The API server: list and watch of this node's pods.
        case api
        /// The kubelet's `/pods`, asked again and again.
        case kubelet
    }

    package var source: Source
    /// `https://HOST:PORT`
    package var url: String
    package var nodeName: String
    /// Read anew for every request: the token in it is replaced about every hour.
    package var tokenFile: String
    /// The certificate authority that the server's certificate must be signed by.
    package var authorityFile: String
    /// Names of labels and annotations that are taken over; all others are dropped.
    package var labels: [String] = []
    package var annotations: [String] = []
    /// First pause after a failure, s; doubled with every further one.
    package var firstPause = 0.5
    package var longestPause = 60.0
    /// Time between two questions to the kubelet, s.
    package var pollInterval = 30.0

    package init(source: Source, url: String, nodeName: String, tokenFile: String, authorityFile: String) {
        self.source = source
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.nodeName = nodeName
        self.tokenFile = tokenFile
        self.authorityFile = authorityFile
    }
}
