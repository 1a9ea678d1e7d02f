internal import Workloads

extension CgroupIdentity {
    /// What the path contains, under OpenTelemetry's attribute names where they exist.
    var labels: [String: String] {
        var labels: [String: String] = [:]
        labels["container.id"] = containerID
        labels["container.runtime.name"] = kind == .container ? runtime : nil
        labels["job.id"] = jobID
        labels["job.system"] = kind == .job ? runtime : nil
        labels["user.id"] = userID.map { String($0) }
        labels["user.name"] = userName
        labels["k8s.pod.uid"] = podUID
        labels["k8s.pod.qos"] = qos
        labels["container.outer.id"] = outerContainerID
        labels["k8s.namespace.name"] = kind == .namespace ? name : nil
        return labels
    }
}
