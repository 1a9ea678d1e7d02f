internal import Attribution
internal import Linux

/// The configuration in force, and where each value comes from.
package struct ResolvedConfiguration: Sendable {
    package private(set) var values = AgentConfiguration()
    /// The file that was read; nil for none.
    package let file: String?
    /// What is set and not used.
    package internal(set) var remarks: [Remark] = []
    private var origins: [String: Origin] = [:]
    private var overridden: [String: [Origin]] = [:]

    init(file: String?) {
        self.file = file
    }

    package func origin(of setting: Setting) -> Origin { origins[setting.key] ?? .standard }

    /// Where lower layers set it too, the highest first.
    package func overridden(of setting: Setting) -> [Origin] { overridden[setting.key] ?? [] }

    /// Puts a value in force that wins over the other ones of `layers`.
    mutating func take(_ assignment: Assignment, over layers: [Assignment]) throws(ConfigurationError) {
        try assignment.apply(to: &values)
        origins[assignment.setting.key] = assignment.origin
        let rivals = Setting.rivals(of: assignment.setting.key)
        overridden[assignment.setting.key] = layers.filter {
            rivals.contains($0.setting.key) && $0.origin != assignment.origin
        }.map(\.origin).reversed()
    }

    /// Fills in the defaults that depend on the host.
    mutating func derive(from environment: HostEnvironment) {
        derive(.nodeName, from: environment.variable("NODE_NAME") == nil ? "name of the host" : "NODE_NAME") {
            $0.nodeName = environment.variable("NODE_NAME") ?? environment.hostName
        }
        derive(.logs, from: "below path.rootfs") { $0.paths.logs = $0.paths.rootfs + "/var/log" }
        derive(.socket, from: environment.isRoot ? "for root" : "for this user") {
            $0.web.socketPath = environment.socketPath
        }
        switch values.kubernetes.source {
        case .off: break
        case .api:
            derive(.kubernetesURL, from: "KUBERNETES_SERVICE_HOST") {
                $0.kubernetes.url = environment.apiServer ?? ""
            }
        case .kubelet:
            derive(.kubernetesURL, from: environment.variable("NODE_IP") == nil ? "this machine" : "NODE_IP") {
                $0.kubernetes.url = environment.kubelet
            }
        }
        deriveReviewURL(environment)
    }

    /// The API server that is asked about tokens of readers: the one that pods are read from, where it is one.
    private mutating func deriveReviewURL(_ environment: HostEnvironment) {
        let given = values.kubernetes.source == .kubelet ? "" : values.kubernetes.url
        values.web.reviewURL = given.isEmpty ? environment.apiServer ?? "" : given
    }

    private mutating func derive(
        _ setting: Setting, from source: String, _ change: (inout AgentConfiguration) -> Void
    ) {
        guard origins[setting.key] == nil else { return }
        change(&values)
        origins[setting.key] = .host(source)
    }

    /// Throws where settings contradict each other.
    func check() throws(ConfigurationError) {
        if values.attribution.staticPolicy == .requests, values.kubernetes.source == .off {
            throw refusal(
                .staticPolicy, "requests needs the CPU requests of pods: set --kubernetes to api or kubelet as well")
        }
        if values.kubernetes.source == .api, values.kubernetes.url.isEmpty {
            throw refusal(
                .kubernetes,
                "api needs an API server, and this is not a Kubernetes pod (KUBERNETES_SERVICE_HOST is not set): set "
                    + "--kubernetes.url, --kubernetes.token-file and --kubernetes.ca-file")
        }
        if values.web.reviewsTokens, values.web.reviewURL.isEmpty {
            throw refusal(
                .webReview,
                "this is not a Kubernetes pod (KUBERNETES_SERVICE_HOST is not set): set --kubernetes.url, "
                    + "--kubernetes.token-file and --kubernetes.ca-file")
        }
        if let url = values.power.redfish.url, BMCAddress(url)?.isPrivate == false, !values.power.redfish.allowsPlain {
            throw refusal(
                .redfishURL,
                "http:// sends the password in clear text: use https://, or set --power.redfish.allow-http")
        }
    }

    private func refusal(_ setting: Setting, _ reason: String) -> ConfigurationError {
        ConfigurationError("\(origin(of: setting).subject(setting)): \(reason)")
    }
}
