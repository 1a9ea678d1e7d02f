/// Whether and how labels, owners and requests of the node's pods are read from Kubernetes.
package struct KubernetesValues: Sendable, Equatable {
    package enum Source: String, CaseIterable, Sendable {
        case off
        /// The API server: list and watch of this node's pods.
        case api
        /// The kubelet's `/pods`, polled.
        case kubelet
    }

    package var source = Source.off
    /// `https://HOST:PORT`; empty where ``source`` is off, or only before ``Layers/resolve(flags:in:)`` derived it.
    package var url = ""
    package var tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token"
    package var authorityFile = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
    /// Names of labels and annotations that are kept; all others are dropped.
    package var labels: [String] = []
    package var annotations: [String] = []

    package init() {}
}
