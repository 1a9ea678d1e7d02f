import Settings

/// A valid text for every setting, other than its default.
let samples: [(setting: Setting, text: String)] = [
    (.procfs, "/p"), (.sysfs, "/s"), (.cgroupfs, "/c"), (.rootfs, "/r"), (.logs, "/l"), (.devfs, "/d"),
    (.interval, "250ms"), (.retention, "5m"), (.nodeName, "n1"), (.tier, "procfs"),
    (.processes, "off"), (.processLimit, "7"), (.cgroupLimit, "17"), (.tracksWaits, "on"), (.counters, "software"),
    (.counterBudget, "50"), (.names, "docker,systemd"), (.attribution, "cycles"), (.staticPolicy, "equal"),
    (.carbonZone, "DE"), (.carbonIntensity, "42.5"), (.pue, "1.5"), (.price, "0.3EUR"), (.powerSources, "perf,rapl"),
    (.attributesPlatform, "on"), (.idlePower, "dram=6.0,package=30.5"), (.hostTree, "/h"), (.powerModel, "/m"),
    (.redfishURL, "https://bmc"),
    (.redfishCredentials, "/cred"), (.redfishAuthority, "/ca"), (.redfishInsecure, "on"), (.redfishPlain, "on"),
    (.redfishInterval, "30s"), (.kubernetes, "kubelet"), (.kubernetesURL, "https://api:6443"),
    (.kubernetesToken, "/t"), (.kubernetesAuthority, "/k"), (.kubernetesLabels, "team,app.kubernetes.io/name"),
    (.kubernetesAnnotations, "a"), (.metricsLevels, "namespace,node"), (.metricsProcesses, "3"),
    (.metricsLabels, "default,container.image.name"), (.nameWait, "5s"), (.metricsZeroTime, "30s"),
    (.metricsConventions, "on"), (.metricsScope, "on"), (.metricsCreated, "on"), (.kepler, "legacy"),
    (.otlpEndpoint, "https://collector:4318/v1/metrics"), (.otlpHeaders, "a=..."), (.otlpHeadersFile, "/h"),
    (.otlpProtocol, "http/json"), (.otlpCompression, "none"), (.otlpInterval, "5s"), (.otlpTimeout, "3s"),
    (.otlpAuthority, "/ca"), (.otlpCertificate, "/cert"), (.otlpKey, "/key"), (.otlpResources, "on"),
    (.otlpQueue, "/q"), (.otlpQueueLimit, "12"), (.resourceAttributes, "a.b=c"),
    (.historyPath, "/history"), (.historySize, "64"), (.historyMinutes, "2d"), (.historyHours, "30d"), (.listen, ":1"),
    (.webHosts, "a.example,b"), (.webConfig, "/w"), (.webTokens, "/t1,/t2"), (.webReview, "on"),
    (.socket, "/sock"), (.socketMode, "0600"), (.runRequests, "off"), (.stateFile, "/state"),
    (.memoryLimit, "120"), (.logLevel, "debug"),
    (.logFormat, "json"),
]

/// A host with nothing particular.
func environment(_ variables: [String: String] = [:], file: String? = nil) -> HostEnvironment {
    var environment = HostEnvironment()
    environment.variables = variables
    environment.hostName = "host"
    environment.configurationFile = file
    return environment
}
