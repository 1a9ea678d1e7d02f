/// The parts of a pod object that are used.
///
/// Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
struct Pod: Decodable {
    struct Metadata: Decodable {
        var name: String?
        var namespace: String?
        var uid: String?
        var resourceVersion: String?
        var labels: [String: String]?
        var annotations: [String: String]?
        var ownerReferences: [OwnerReference]?
        /// `2026-11-26T09:50:14Z`
        var creationTimestamp: String?
    }

    struct OwnerReference: Decodable {
        var kind: String
        var name: String
        var controller: Bool?
    }

    struct Resources: Decodable {
        var requests: [String: Quantity]?
    }

    struct Container: Decodable {
        var name: String?
        var resources: Resources?
        /// `Always` for an init container that keeps running.
        var restartPolicy: String?
    }

    struct Spec: Decodable {
        var nodeName: String?
        var containers: [Container]?
        var initContainers: [Container]?
        /// Of the pod as a whole, since Kubernetes 1.32.
        var resources: Resources?
        /// What its runtime class needs besides.
        var overhead: [String: Quantity]?
    }

    struct ContainerStatus: Decodable {
        var name: String?
        var image: String?
        /// `containerd://ID`; missing before the container runs.
        var containerID: String?
        /// What the kubelet has set aside, while a change of the requests is under way.
        var allocatedResources: [String: Quantity]?
        /// What applies at present.
        var resources: Resources?
    }

    struct Condition: Decodable {
        var type: String?
        var status: String?
        var reason: String?
    }

    struct Status: Decodable {
        var phase: String?
        var qosClass: String?
        var conditions: [Condition]?
        /// `Infeasible`, before Kubernetes 1.33.
        var resize: String?
        /// Those of the pod as a whole.
        var allocatedResources: [String: Quantity]?
        var resources: Resources?
        var containerStatuses: [ContainerStatus]?
        var initContainerStatuses: [ContainerStatus]?
        var ephemeralContainerStatuses: [ContainerStatus]?
    }

    var metadata: Metadata
    var spec: Spec?
    var status: Status?
}

/// An amount as Kubernetes writes it: `250m`, `1.5`, `128Mi`, `1e9`; or a bare number.
///
/// Source: k8s.io/apimachinery/pkg/api/resource.
struct Quantity: Decodable, Equatable {
    let value: Double

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = .nan
        } else if let text = try? container.decode(String.self) {
            // An amount that cannot be parsed counts as not requested; the pod still gets its name.
            value = Self.parse(text) ?? .nan
        } else {
            value = try container.decode(Double.self)
        }
    }

    private static let suffixes: [(String, Double)] = [
        ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776), ("Pi", 0x1p50),
        ("Ei", 0x1p60),
        ("n", 1e-9), ("u", 1e-6), ("m", 1e-3), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15),
        ("E", 1e18),
    ]

    static func parse(_ text: String) -> Double? {
        func number(_ text: some StringProtocol) -> Double? {
            guard text.utf8.allSatisfy({ byte in "0123456789.eE+-".utf8.contains(byte) }) else { return nil }
            return Double(text).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        }
        if let value = number(text) { return value }
        for (suffix, factor) in suffixes where text.hasSuffix(suffix) {
            // Either an exponent or a suffix.
            let digits = text.dropLast(suffix.count)
            return digits.utf8.contains { "eE".utf8.contains($0) } ? nil : number(digits).map { $0 * factor }
        }
        return nil
    }
}
