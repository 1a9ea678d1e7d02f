package import Kubernetes
package import Settings

extension KubernetesConfiguration {
    /// The API server that readers' tokens are reviewed by; nil where they are not.
    package init?(reviews values: AgentConfiguration) {
        guard values.web.reviewsTokens else { return nil }
        self.init(
            source: .api, url: values.web.reviewURL, nodeName: values.nodeName,
            tokenFile: values.kubernetes.tokenFile, authorityFile: values.kubernetes.authorityFile)
    }

    /// Nil where Kubernetes is not used.
    package init?(_ values: AgentConfiguration) {
        let source: Source
        switch values.kubernetes.source {
        case .off: return nil
        case .api: source = .api
        case .kubelet: source = .kubelet
        }
        self.init(
            source: source, url: values.kubernetes.url, nodeName: values.nodeName,
            tokenFile: values.kubernetes.tokenFile, authorityFile: values.kubernetes.authorityFile)
        labels = values.kubernetes.labels
        annotations = values.kubernetes.annotations
    }
}
