package import ArgumentParser
package import Engine
internal import Glibc
package import Kubernetes
internal import Telemetry

/// Whether and how Kubernetes is asked for labels, owners and requests of the node's pods.
package struct KubernetesOptions: ParsableArguments {
    package enum Source: String, CaseIterable, ExpressibleByArgument, Sendable {
        case off, api, kubelet
    }

    @Option(
        name: .customLong("kubernetes"),
        help: ArgumentHelp(
            "Ask Kubernetes for labels, owners and requests: the API server (list and watch of this node's pods) or "
                + "the kubelet. Names alone need neither.", valueName: "off|api|kubelet"))
    package var source = Source.off

    @Option(
        name: .customLong("kubernetes.url"),
        help: ArgumentHelp(
            "The server. (default: that of the pod's environment, for the kubelet https://$NODE_IP:10250, else https://127.0.0.1:10250)",
            valueName: "url"))
    package var url: String?

    @Option(
        name: .customLong("kubernetes.token-file"),
        help: ArgumentHelp("File with the token, read anew for every request.", valueName: "file"))
    package var tokenFile = "/var/run/secrets/kubernetes.io/serviceaccount/token"

    @Option(
        name: .customLong("kubernetes.ca-file"),
        help: ArgumentHelp("Certificate authority that the server is checked by.", valueName: "file"))
    package var authorityFile = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"

    @Option(
        name: .customLong("kubernetes.labels"),
        help: ArgumentHelp(
            "Labels of pods to show and to add up by, such as team,cost-centre. All others are dropped.",
            valueName: "list"))
    package var labels: LabelNames = LabelNames()

    @Option(
        name: .customLong("kubernetes.annotations"),
        help: ArgumentHelp("Annotations of pods to show. All others are dropped.", valueName: "list"))
    package var annotations: LabelNames = LabelNames()

    package init() {}

    package mutating func validate() throws {
        if let url, !url.hasPrefix("https://") {
            throw ValidationError("--kubernetes.url must begin with https://: a token is sent there.")
        }
        if source == .api, url == nil, serverOfEnvironment == nil {
            throw ValidationError(
                "--kubernetes api: this is no pod of Kubernetes (KUBERNETES_SERVICE_HOST is not set); give "
                    + "--kubernetes.url, --kubernetes.token-file and --kubernetes.ca-file.")
        }
    }

    /// nil where Kubernetes is not to be asked.
    package func configuration(nodeName: String) -> KubernetesConfiguration? {
        let source: KubernetesConfiguration.Source
        switch self.source {
        case .off: return nil
        case .api: source = .api
        case .kubelet: source = .kubelet
        }
        let usual = source == .kubelet ? kubeletOfEnvironment : serverOfEnvironment ?? ""
        var configuration = KubernetesConfiguration(
            source: source, url: url ?? usual, nodeName: nodeName, tokenFile: tokenFile, authorityFile: authorityFile)
        configuration.labels = labels.names
        configuration.annotations = annotations.names
        return configuration
    }

    /// What pods are added up by; nil where Kubernetes is not to be asked.
    package var rollUps: RollUpDimensions? { source == .off ? nil : RollUpDimensions(labels: labels.names) }

    /// What Kubernetes tells every pod.
    private var serverOfEnvironment: String? {
        guard let host = variable("KUBERNETES_SERVICE_HOST") else { return nil }
        return url(host, port: variable("KUBERNETES_SERVICE_PORT") ?? "443")
    }

    /// A pod without the host's network reaches its kubelet by the node's address, which the manifest passes on.
    private var kubeletOfEnvironment: String { url(variable("NODE_IP") ?? "127.0.0.1", port: "10250") }

    private func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func url(_ host: String, port: String) -> String {
        "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

/// An allow-list of labels or annotations.
package struct LabelNames: ExpressibleByArgument, CustomStringConvertible, Sendable, Equatable {
    package let names: [String]

    package init() {
        names = []
    }

    /// Nil for names that Kubernetes would not take, and for two that are one as labels of Prometheus: `a.b` and `a-b`.
    package init?(argument: String) {
        let names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        func isAllowed(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "/"):
                true
            default: false
            }
        }
        let isValid = names.allSatisfy { !$0.isEmpty && $0.utf8.count <= 317 && $0.utf8.allSatisfy(isAllowed) }
        guard isValid, Set(names.map(Metric.prometheusLabel)).count == names.count else { return nil }
        self.names = names
    }

    package var description: String { names.joined(separator: ",") }
}
