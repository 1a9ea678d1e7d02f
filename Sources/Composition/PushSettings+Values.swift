internal import Engine
internal import Linux
package import Pushing
package import Settings
package import Telemetry

extension PushSettings {
    /// Nil where metrics are not sent.
    package init?(_ values: OTLPValues) {
        guard let endpoint = values.endpoint else { return nil }
        self.init(endpoint: endpoint)
        headers = values.headers
        headersFile = values.headersFile
        encoding.format = values.wireProtocol == .json ? .json : .protobuf
        encoding.hasResourcePerWorkload = values.hasResourcePerWorkload
        compresses = values.packing == .gzip
        interval = values.interval
        timeout = values.timeout
        authorityFile = values.authorityFile
        certificateFile = values.certificateFile
        keyFile = values.keyFile
        queueDirectory = values.queueDirectory
        diskLimit = values.queueLimit << 20
        userAgent = "energyd/\(energydVersion)"
    }
}

extension Resource {
    /// Of this agent; attributes that are configured win.
    ///
    /// - Parameter isInPod: whether the node's name is that of a node of Kubernetes, wherever names come from.
    package init(_ values: AgentConfiguration, isInPod: Bool = false) {
        self.init()
        set("service.name", "energyd")
        set("service.version", energydVersion)
        set("service.instance.id", values.nodeName)
        set("host.name", values.nodeName)
        let kernel = KernelVersion.current
        set("host.arch", kernel?.architecture)
        set("os.type", "linux")
        set("os.description", kernel.map { "Linux \($0.release)" })
        if values.kubernetes.source != .off || isInPod { set("k8s.node.name", values.nodeName) }
        for attribute in values.otlp.attributes { set(attribute.name, attribute.value) }
    }
}
