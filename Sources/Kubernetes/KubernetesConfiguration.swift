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

    package init(source: Source, url: String, nodeName: String, tokenFile: String, authorityFile: String) {
        self.source = source
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.nodeName = nodeName
        self.tokenFile = tokenFile
        self.authorityFile = authorityFile
    }
}
