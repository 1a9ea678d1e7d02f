extension Setting {
    /// A group of settings with what stands above it in help texts.
    package struct Section: Sendable {
        package let title: String
        package let settings: [Setting]
    }

    package static let pathSettings = [procfs, sysfs, cgroupfs, rootfs, logs, devfs]

    package static let powerSettings = [
        powerSources, attributesPlatform, idlePower, hostTree, powerModel, redfishURL, redfishCredentials,
        redfishAuthority, redfishInsecure, redfishPlain, redfishInterval,
    ]

    package static let measuringSettings = [
        interval, retention, nodeName, tier, processes, processLimit, cgroupLimit, tracksWaits, counters,
        counterBudget, names, attribution, staticPolicy, carbonZone, carbonIntensity, pue, price,
    ]

    package static let kubernetesSettings = [
        kubernetes, kubernetesURL, kubernetesToken, kubernetesAuthority, kubernetesLabels, kubernetesAnnotations,
    ]

    package static let metricSettings = [
        metricsLevels, metricsProcesses, metricsLabels, nameWait, metricsZeroTime, metricsConventions, metricsScope,
        metricsCreated, kepler,
    ]

    package static let otlpSettings = [
        otlpEndpoint, otlpHeaders, otlpHeadersFile, otlpProtocol, otlpCompression, otlpInterval, otlpTimeout,
        otlpAuthority, otlpCertificate, otlpKey, otlpResources, otlpQueue, otlpQueueLimit, resourceAttributes,
    ]

    package static let historySettings = [historyPath, historySize, historyMinutes, historyHours]

    package static let servingSettings = [
        listen, webHosts, webConfig, webTokens, webReview, socket, socketMode, runRequests, stateFile, memoryLimit,
        logLevel, logFormat,
    ]

    /// Every setting, in the order in which help and `energyd config` list them.
    package static let sections = [
        Section(title: "Paths", settings: pathSettings), Section(title: "Measuring", settings: measuringSettings),
        Section(title: "Power", settings: powerSettings), Section(title: "Kubernetes", settings: kubernetesSettings),
        Section(title: "Metrics", settings: metricSettings), Section(title: "OTLP", settings: otlpSettings),
        Section(title: "History", settings: historySettings), Section(title: "Agent", settings: servingSettings),
    ]

    package static let all = sections.flatMap(\.settings)

    /// Those of which at most one can be set.
    static let alternatives = [[carbonZone, carbonIntensity]]

    /// The setting and those that exclude it.
    package static func rivals(of key: String) -> [String] {
        [key] + (alternatives.first { $0.contains { $0.key == key } } ?? []).map(\.key)
    }

    private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// Nil for an unknown name.
    package static func named(_ key: String) -> Setting? { byKey[key] }
}
