internal import Telemetry

extension Setting {
    package static let otlpEndpoint = value(
        "otlp.endpoint", \.otlp.endpoint, valueName: "url",
        help: "Where metrics are sent by OTLP over HTTP, such as http://collector:4318; without a path, /v1/metrics is "
            + "added. Nothing is sent without it.",
        show: { $0.map(EndpointText.shown) }
    ) { (text) throws(Refusal) in try EndpointText(text).url }

    package static let otlpHeaders = value(
        "otlp.headers", \.otlp.headers, valueName: "list",
        help:
            "Headers of every request, NAME=VALUE separated by commas. Other users of the machine can read flags: put "
            + "secrets into --otlp.headers-file.",
        defaultText: "none", show: { $0.isEmpty ? nil : $0.map { "\($0.name)=..." }.joined(separator: ",") }
    ) { (text) throws(Refusal) in
        // The text is not repeated in the message: it may hold a secret.
        guard let headers = NamedValueList.parse(text), !headers.isEmpty else {
            throw Refusal("is not a list of NAME=VALUE")
        }
        return headers
    }

    package static let otlpHeadersFile = path(
        "otlp.headers-file", \.otlp.headersFile,
        help: "File with further headers, NAME: VALUE on each line; read again before every request.")

    package static let otlpProtocol = value(
        "otlp.protocol", \.otlp.wireProtocol, valueName: "http/protobuf|http/json", help: "How requests are written.",
        show: \.rawValue
    ) { (text) throws(Refusal) in
        if let value = OTLPValues.WireProtocol(rawValue: text) { return value }
        throw Refusal(
            text == "grpc"
                ? "OTLP over gRPC is not spoken: use http/protobuf, and the collector's HTTP receiver (port 4318)"
                : "\(quoted(text)) is not one of http/protobuf, http/json")
    }

    package static let otlpCompression = choice(
        "otlp.compression", \.otlp.packing, help: "How requests are compressed.")

    package static let otlpInterval = time(
        "otlp.interval", \.otlp.interval, in: .seconds(1) ... .seconds(3600), help: "Time between two exports.")

    package static let otlpTimeout = time(
        "otlp.timeout", \.otlp.timeout, in: .milliseconds(100) ... .seconds(300), help: "How long a request may take.")

    package static let otlpAuthority = path(
        "otlp.ca", \.otlp.authorityFile,
        help: "PEM file of the authorities that the collector's certificate is verified against.",
        defaultText: "those of the system")

    package static let otlpCertificate = path(
        "otlp.client-certificate", \.otlp.certificateFile,
        help: "PEM file of the certificate that the agent shows to the collector (mTLS).")

    package static let otlpKey = path(
        "otlp.client-key", \.otlp.keyFile, help: "PEM file of its private key.")

    package static let otlpResources = toggle(
        "otlp.resource-per-workload", \.otlp.hasResourcePerWorkload,
        help: "Send every workload as a resource of its own, as processors such as k8sattributes expect; else its "
            + "attributes are on the data points.")

    package static let otlpQueue = path(
        "otlp.queue", \.otlp.queueDirectory, valueName: "dir",
        help: "Directory where requests wait while the collector cannot be reached, so that they survive a restart.",
        defaultText: "memory, 8 MiB")

    package static let otlpQueueLimit = integer(
        "otlp.queue-size", \.otlp.queueLimit, in: 1...100_000, valueName: "MiB",
        help: "Most MiB of requests in the directory; where it is full, the oldest ones are dropped.")

    package static let resourceAttributes = value(
        "otlp.attributes", \.otlp.attributes, valueName: "list",
        help: "Further attributes of the agent's resource, in OTLP and in target_info: NAME=VALUE separated by commas, "
            + "such as deployment.environment.name=prod.",
        defaultText: "none",
        show: { $0.isEmpty ? nil : NamedValueListText.text($0) }
    ) { (text) throws(Refusal) in
        guard let list = NamedValueList.parse(text), !list.isEmpty else {
            throw Refusal("\(quoted(text)) is not a list of NAME=VALUE")
        }
        return list
    }
}

extension Setting {
    /// The address of a collector as it may be shown: a query may hold a token.
    package static func shownEndpoint(_ url: String) -> String { EndpointText.shown(url) }
}

/// The address of a collector.
struct EndpointText {
    let url: String

    /// Throws for anything but `http(s)://HOST[:PORT][/PATH]`. The text is not repeated: it may hold a password.
    init(_ text: String) throws(Setting.Refusal) {
        let refusal = Setting.Refusal("must be http://HOST:PORT or https://HOST:PORT, with a path or without")
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else {
            throw refusal
        }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        let path = rest.dropFirst(authority.count)
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isPlain, Self.isHost(authority), !path.contains("#") else { throw refusal }
        url = path.isEmpty || path == "/" ? "\(scheme)\(authority)/v1/metrics" : scheme + rest
    }

    private static func isHost(_ authority: Substring) -> Bool {
        guard !authority.contains("@") else { return false }
        var host = authority
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            let port = host[host.index(after: end)...]
            return host.count > 2 && (port.isEmpty || port.first == ":" && UInt16(port.dropFirst()) != nil)
        }
        if let colon = host.lastIndex(of: ":") {
            guard UInt16(host[host.index(after: colon)...]) != nil else { return false }
            host = host[..<colon]
        }
        return !host.isEmpty && !host.contains(":")
    }

    /// Without what may be a token in a query.
    static func shown(_ url: String) -> String { url.firstIndex(of: "?").map { url[..<$0] + "?..." } ?? url }
}
