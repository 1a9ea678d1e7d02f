internal import FoundationEssentials
internal import Glibc
internal import Linux

/// What a process finds on its host at startup, as plain values: all that the configuration takes from outside.
package struct HostEnvironment: Sendable {
    /// The environment variables.
    package var variables: [String: String] = [:]
    package var hostName = "localhost"
    package var isRoot = false
    /// Whether ``AgentDefaults/systemSocketPath`` exists.
    package var hasSystemSocket = false
    /// The file to read where none is named; nil where it does not exist.
    package var configurationFile: String?

    package init() {}

    /// Those of this process.
    package static func current() -> HostEnvironment {
        var environment = HostEnvironment()
        environment.variables = ProcessInfo.processInfo.environment
        environment.hostName = Linux.hostName()
        environment.isRoot = geteuid() == 0
        environment.hasSystemSocket = fileExists(AgentDefaults.systemSocketPath)
        if fileExists(AgentDefaults.configurationFile) {
            environment.configurationFile = AgentDefaults.configurationFile
        }
        return environment
    }

    /// Nil where it is not set, or empty.
    func variable(_ name: String) -> String? { variables[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The Unix socket of an agent for this user; nil for a user without a runtime directory on a system without an
    /// agent.
    package var socketPath: String? {
        if isRoot || hasSystemSocket { return AgentDefaults.systemSocketPath }
        return variable("XDG_RUNTIME_DIR").map { $0 + "/energyd.sock" }
    }

    /// The API server, from the variables that Kubernetes sets in every pod; nil outside of a pod.
    var apiServer: String? {
        variable("KUBERNETES_SERVICE_HOST").map { url($0, port: variable("KUBERNETES_SERVICE_PORT") ?? "443") }
    }

    /// The kubelet: a pod without the host's network reaches it at the node's address, which the manifest passes on.
    var kubelet: String { url(variable("NODE_IP") ?? "127.0.0.1", port: "10250") }

    private func url(_ host: String, port: String) -> String {
        "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
