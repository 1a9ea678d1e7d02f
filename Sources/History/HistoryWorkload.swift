/// What history knows a workload by: names that stay the same when pods are replaced and agents restart, never ids.
package struct HistoryWorkload: Hashable, Sendable, Codable {
    /// As in the snapshot (`container`, `pod`, `unit`, ...), or one of ``Part``.
    package var kind: String
    package var namespace: String?
    /// What created the pod: `Deployment`, ...
    package var ownerKind: String?
    package var ownerName: String?
    package var pod: String?
    package var container: String?
    /// Of a workload that is no part of a pod: its cgroup's path.
    package var path: String?
    /// Labels of the pod that the agent sums by.
    package var labels: [String: String] = [:]

    /// What of a node is no workload's.
    package enum Part: String, CaseIterable, Sendable {
        case idle, system, unattributed
        /// Counted by the agent, but not recorded when it ended: the time since the last minute that was written.
        case unrecorded
    }

    package init(kind: String) {
        self.kind = kind
    }

    package init(_ part: Part) {
        kind = part.rawValue
    }

    /// What users who are not root made in an hour, beyond those of their workloads that the hour has by name.
    static var otherOfUsers: HistoryWorkload {
        var other = HistoryWorkload(kind: "cgroup")
        other.path = "/(other)"
        return other
    }

    /// nil for a workload.
    package var part: Part? { Part(rawValue: kind) }

    /// The same without what changes with each replacement of a pod: what the hours of a year are kept by. Pods whose names
    /// end differently each time have a `*` there; those that keep their names have them.
    package var lasting: HistoryWorkload {
        guard let pod else { return self }
        var lasting = self
        lasting.pod = PodName.lasting(pod, ownerKind: ownerKind, ownerName: ownerName)
        return lasting
    }
}

/// The names that the controllers of Kubernetes give to pods.
enum PodName {
    /// Characters of generated suffixes: no vowels, nothing that looks like another character.
    /// k8s.io/apimachinery/pkg/util/rand
    private static let alphabet = Set("bcdfghjklmnpqrstvwxz2456789")
    /// Controllers whose pods keep their names, or have none to speak of.
    private static let steady: Set<String> = ["StatefulSet", "Node"]

    /// `web-*` for `web-7d9f8b6c5d-x2x4z`; the name itself where it stays.
    static func lasting(_ name: String, ownerKind: String?, ownerName: String?) -> String {
        if let ownerKind, steady.contains(ownerKind) { return name }
        if ownerKind != nil, let ownerName { return ownerName + "-*" }
        return generatedBase(of: name).map { $0 + "-*" } ?? name
    }

    /// Of a pod whose owner is not known: what stands before the generated suffixes; nil where there is none.
    private static func generatedBase(of name: String) -> String? {
        guard let suffix = name.lastIndex(of: "-") else { return nil }
        let random = name[name.index(after: suffix)...]
        guard random.count == 5, random.allSatisfy(alphabet.contains) else { return nil }
        let base = name[..<suffix]
        guard let inner = base.lastIndex(of: "-") else { return base.isEmpty ? nil : String(base) }
        let hash = base[base.index(after: inner)...]
        // The hash of a ReplicaSet's template, or the scheduled minute of a CronJob.
        let isHash = (6...10).contains(hash.count) && hash.allSatisfy(alphabet.contains)
        let isMinute = hash.count >= 8 && hash.allSatisfy { $0.isASCII && $0.isNumber }
        return String(isHash || isMinute ? base[..<inner] : base)
    }
}
