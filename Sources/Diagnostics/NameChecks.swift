package import Kubernetes
internal import Linux
internal import Logging
package import NIOCore
internal import Names
package import Settings

/// Whether the configured sources of names answer. Waits up to 5 s for Kubernetes.
package func nameChecks(
    _ values: AgentConfiguration, kubernetes: KubernetesConfiguration?, group: any EventLoopGroup
) async -> [Check] {
    let logs = values.names.logs ? [logCheck(values.paths)] : []
    guard let kubernetes else {
        let absent = "not used: pods have no labels, owners and requests (--kubernetes api or kubelet, in a cluster)"
        return logs + [Check("names", "kubernetes", .absent, absent)]
    }
    return logs + [await kubernetesCheck(kubernetes, group: group)]
}

private func logCheck(_ paths: HostPaths) -> Check {
    if let silence = PathProbe.silence(at: paths.logs, within: 2) {
        return Check(
            "names", "logs", .warn, "pod names cannot be read: \(silence)",
            remedy: "see what serves it, or point --path.logs at a directory on a disk of this machine")
    }
    let logs = LogDirectoryNames(logs: paths.logs)
    var table = NameTable()
    logs.update(&table, at: 0)
    guard let problem = logs.problem else {
        return Check("names", "logs", .ok, "the kubelet's directories below \(paths.logs) can be read")
    }
    guard problem.code != .missing else {
        return Check(
            "names", "logs", .absent,
            "\(problem.path) does not exist: this is not a Kubernetes node, or --path.logs is not its /var/log")
    }
    return Check(
        "names", "logs", .warn, "pod names cannot be read: \(problem)",
        remedy: "mount the host's /var/log/pods and /var/log/containers and point --path.logs at their parent")
}

private func kubernetesCheck(_ configuration: KubernetesConfiguration, group: any EventLoopGroup) async -> Check {
    let feed = NameFeed()
    let silent = Logger(label: "doctor") { _ in SwiftLogNoOpLogHandler() }
    let names = KubernetesNames(configuration, feed: feed, group: group, logger: silent)
    let state: NameFeed.State? = await withTaskGroup(of: Void.self) { group in
        group.addTask { await names.run() }
        defer { group.cancelAll() }
        for _ in 0..<50 {
            if let state = feed.states.first(where: { $0.name == configuration.source.rawValue }) { return state }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }
    if let state {
        guard let error = state.lastError, !state.isUp else {
            return Check("names", "kubernetes", .ok, "\(configuration.url): \(await names.count) pods on this node")
        }
        return Check(
            "names", "kubernetes", .fail, "\(configuration.url) cannot list this node's pods: \(error)",
            remedy: "check --kubernetes.url, --kubernetes.token-file, --kubernetes.ca-file, and the permissions in "
                + "deploy/kustomize/overlays")
    }
    return Check(
        "names", "kubernetes", .fail, "\(configuration.url) did not answer within 5 s",
        remedy: "check --kubernetes.url and whether a network policy lets the agent reach it")
}
