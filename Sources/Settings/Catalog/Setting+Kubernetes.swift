internal import Telemetry

extension Setting {
    package static let kubernetes = choice(
        "kubernetes", \.kubernetes.source,
        help: "Read labels, owners and requests of this node's pods from the API server (list and watch) or from the "
            + "kubelet. Names alone need neither.")

    package static let kubernetesURL = value(
        "kubernetes.url", \.kubernetes.url, valueName: "url", help: "URL of the API server or kubelet.",
        defaultText:
            "api: that of the pod's environment; kubelet: https://$NODE_IP:10250, else https://127.0.0.1:10250",
        show: { $0.isEmpty ? nil : $0 }
    ) { (text) throws(Refusal) in
        guard text.hasPrefix("https://"), text.utf8.count > 8, !text.contains("@") else {
            throw Refusal("must begin with https:// (the token is sent there) and contain no user or password")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    package static let kubernetesToken = path(
        "kubernetes.token-file", \.kubernetes.tokenFile, help: "File with the token; read again for every request.")

    package static let kubernetesAuthority = path(
        "kubernetes.ca-file", \.kubernetes.authorityFile,
        help: "PEM file of the authority that the server's certificate is verified against.")

    package static let kubernetesLabels = names(
        "kubernetes.labels", \.kubernetes.labels,
        help: "Pod labels to show and to sum by, such as team,cost-centre. All others are dropped.")

    package static let kubernetesAnnotations = names(
        "kubernetes.annotations", \.kubernetes.annotations,
        help: "Pod annotations to show. All others are dropped.")

    /// Names of labels or annotations that are kept.
    private static func names(_ key: String, _ path: any Path<[String]>, help: String) -> Setting {
        value(
            key, path, valueName: "list", help: help,
            show: { $0.isEmpty ? nil : $0.joined(separator: ",") }
        ) { (text) throws(Refusal) in
            let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard names.allSatisfy(isKubernetesName) else {
                throw Refusal(
                    "\(quoted(text)) is not a list of names, separated by commas, such as team,app.kubernetes.io/name")
            }
            // Prometheus labels have neither dots nor dashes.
            guard Set(names.map(Metric.prometheusLabel)).count == names.count else {
                throw Refusal(
                    "\(quoted(text)) contains two names that become the same Prometheus label, such as a.b and a-b")
            }
            return names
        }
    }

    /// An optional DNS subdomain of at most 253 characters, `/`, and at most 63 characters.
    private static func isKubernetesName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 317
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }
}
