internal import Logging
internal import Telemetry

extension Setting {
    package static let listen = value(
        "web.listen-address", \.web.listen, valueName: "host:port",
        help: "Address to serve HTTP on; :9464 for every interface.", show: \.description
    ) { (text) throws(Refusal) in
        guard let address = ListenAddress(text: text) else {
            throw Refusal("\(quoted(text)) is not HOST:PORT, such as 127.0.0.1:9464 or :9464")
        }
        return address
    }

    package static let webHosts = value(
        "web.hosts", \.web.hosts, valueName: "names",
        help: "Further host names, separated by commas, that clients on a loopback address may use, such as that of a "
            + "proxy on this host which passes Host on. Others are refused: a web page could borrow them.",
        defaultText: "none", show: { $0.isEmpty ? "none" : $0.joined(separator: ",") }
    ) { (text) throws(Refusal) in
        if text == "none" { return [] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let isName = names.allSatisfy { name in
            !name.isEmpty
                && name.utf8.allSatisfy {
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._".utf8.contains($0)
                }
        }
        guard isName else { throw Refusal("\(quoted(text)) is not a list of host names without ports") }
        return names
    }

    package static let webConfig = path(
        "web.config.file", \.web.configFile,
        help:
            "File with TLS certificate, clients' authorities, users with bcrypt passwords and headers, in the form of "
            + "Prometheus' exporters; read again when it changes and on SIGHUP.", defaultText: "none")

    package static let webTokens = value(
        "web.token-files", \.web.tokenFiles, form: .path, valueName: "files",
        help: "Files with bearer tokens, separated by commas, one token on each line: a request with one of them is "
            + "answered. Read again when they change and on SIGHUP.",
        defaultText: "none", show: { $0.isEmpty ? nil : $0.joined(separator: ",") }
    ) { (text) throws(Refusal) in
        let files = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard files.allSatisfy({ !$0.isEmpty }) else { throw Refusal("\(quoted(text)) is not a list of files") }
        return files
    }

    package static let webReview = toggle(
        "web.token-review", \.web.reviewsTokens,
        help: "Ask Kubernetes about other bearer tokens (TokenReview), and whether their owner may get the path "
            + "(SubjectAccessReview on nonResourceURLs).")

    package static let socket = value(
        "web.socket", \.web.socketPath, form: .path, valueName: "path",
        help: "Unix socket for local clients; none turns it off.",
        defaultText: "\(AgentDefaults.systemSocketPath), for a user $XDG_RUNTIME_DIR/energyd.sock",
        show: { $0 ?? "none" }
    ) { (text) throws(Refusal) in text == "none" ? nil : try nonempty(text) }

    package static let socketMode = value(
        "web.socket-mode", \.web.socketMode, valueName: "mode",
        help:
            "Who may connect to the socket, as octal permissions: 0660 the agent's user and group (and root); 0600 its "
            + "user; 0666 every local user.", show: { "0" + String($0, radix: 8) }
    ) { (text) throws(Refusal) in
        guard let mode = UInt32(text, radix: 8), (0o600...0o777).contains(mode), mode & 0o600 == 0o600 else {
            throw Refusal("\(quoted(text)) is not octal permissions from 0600 to 0777, such as 0660")
        }
        return mode
    }

    package static let runRequests = toggle(
        "run.requests", \.web.makesRunCgroups,
        help: "Make cgroups for `energyctl run` of users who ask at the socket, below those that they are in.")

    package static let metricsLevels = value(
        "metrics.level", \.metrics.levels, valueName: "list",
        help: "What /metrics covers, separated by commas: all or some of \(knownLevels). JSON and energyctl top always "
            + "have everything.",
        show: {
            $0.count == MetricSelection.Level.allCases.count
                ? "all" : $0.map(\.rawValue).sorted().joined(separator: ",")
        }
    ) { (text) throws(Refusal) in
        if text == "all" { return Set(MetricSelection.Level.allCases) }
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let levels = words.compactMap { MetricSelection.Level(rawValue: String($0)) }
        guard levels.count == words.count else {
            throw Refusal("\(quoted(text)) is neither all nor a list of some of \(knownLevels), separated by commas")
        }
        return Set(levels)
    }

    private static let knownLevels = MetricSelection.Level.allCases.map(\.rawValue).joined(separator: ", ")

    package static let metricsProcesses = integer(
        "metrics.processes", \.metrics.processLimit, in: 0...1_000_000,
        help: "Process names in /metrics: those that used the most energy.")

    package static let metricsLabels = value(
        "metrics.labels", \.metrics.labels, valueName: "list",
        help: "Labels of the series of workloads, separated by commas: default, none, or names of attributes; ids are "
            + "always there. default,container.image.name has one more.",
        show: { $0.words.isEmpty ? "none" : $0.words.joined(separator: ",") }
    ) { (text) throws(Refusal) in
        if text == "none" { return .none }
        var unknown = ""
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard let labels = LabelSelection(words: words, unknown: &unknown) else {
            throw Refusal(
                "\(quoted(unknown)) is no label of workloads: there are default, "
                    + LabelSelection.known.joined(separator: ", "))
        }
        return labels
    }

    package static let nameWait = time(
        "metrics.name-wait", \.nameWait, in: .zero ... .seconds(600),
        help: "How long the name of a container or pod is waited for before /metrics has it under its id.")

    package static let metricsZeroTime = time(
        "metrics.start-at-zero", \.metrics.zeroTime, in: .zero ... .seconds(3600),
        help: "How long counters of a workload that has just come stay zero in /metrics, so that increase() counts it "
            + "from its beginning: 15 s more than the interval between scrapes; 0s turns it off.")

    package static let metricsConventions = toggle(
        "metrics.conventional-names", \.metrics.usesConventionalNames,
        help: "CPU time as container_cpu_time_seconds_total, k8s_pod_cpu_time_seconds_total and "
            + "process_cpu_time_seconds_total, which collectors of OpenTelemetry use too, in place of energyd_*.")

    package static let metricsScope = toggle(
        "metrics.scope", \.metrics.namesScope,
        help: "Labels otel_scope_name and otel_scope_version on every series of /metrics, as OpenTelemetry's rules for "
            + "Prometheus have them.")

    package static let metricsCreated = toggle(
        "metrics.created", \.metrics.tellsCreation,
        help: "A series NAME_created beside every counter in OpenMetrics: the Unix time since when it counts.")

    package static let kepler = choice(
        "compat.kepler", \.metrics.kepler,
        help:
            "Kepler's metrics in /metrics too, for its dashboards and rules: those of Kepler 0.10 and later (current), "
            + "those up to 0.9 (legacy), or both. Without a value it means current.")

    package static let memoryLimit = integer(
        "limits.memory", \.limits.memory, in: 48...1_000_000, valueName: "MiB",
        help:
            "Most resident memory in MiB, however many cgroups users make: workloads that do not fit are added up "
            + "as (other).")

    package static let logLevel = choice(
        "log.level", \.log.level, help: "Lowest level that is logged to standard error.")

    package static let logFormat = choice(
        "log.format", \.log.format,
        help: "Log format: text for people, json for programs, journald with the levels of systemd's journal; auto: "
            + "journald where standard error is the journal, else text.")
}
