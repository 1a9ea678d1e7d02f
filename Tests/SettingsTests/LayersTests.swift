import Accounting
import Linux
import TestSupport
import Testing

@testable import Settings

@Suite struct LayersTests {
    private func file(_ text: String) throws -> (directory: TemporaryDirectory, path: String) {
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "energyd.conf")
        return (directory, directory.path + "/energyd.conf")
    }

    private func flag(_ setting: Setting, _ text: String) -> Assignment {
        Assignment(setting, text, from: .flag(setting.flag))
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    /// Every setting can be made in every layer, to the same effect.
    @Test(arguments: samples.map(\.setting.key)) func aSettingMeansTheSameInEveryLayer(_ key: String) throws {
        let (setting, text) = try #require(samples.first { $0.setting.key == key })
        let (directory, path) = try file("\(key) = \(text)\n")
        // Some can be made in a pod only.
        let pod = ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]
        let inFile = try Layers.resolve(flags: [], in: environment(pod, file: path))
        let inEnvironment = try Layers.resolve(
            flags: [], in: environment(pod.merging([setting.variable: text]) { $1 }))
        let asFlag = try Layers.resolve(flags: [flag(setting, text)], in: environment(pod))
        #expect(inFile.values == asFlag.values && inEnvironment.values == asFlag.values)
        #expect(try asFlag.values != Layers.resolve(flags: [], in: environment(pod)).values)
        #expect(inFile.origin(of: setting) == .file(path: path, line: 1))
        #expect(inEnvironment.origin(of: setting) == .environment(setting.variable))
        #expect(asFlag.origin(of: setting) == .flag("--" + key))
        _ = directory
    }

    /// Tokens of readers are reviewed by the server that pods are read from, where that is an API server.
    @Test(
        arguments: [
            ([], [:], nil), ([], ["KUBERNETES_SERVICE_HOST": "10.0.0.1"], "https://10.0.0.1:443"),
            ([(.kubernetesURL, "https://api:1")], [:], "https://api:1"),
            ([(.kubernetes, "kubelet")], ["KUBERNETES_SERVICE_HOST": "::1"], "https://[::1]:443"),
            ([(.kubernetes, "kubelet"), (.kubernetesURL, "https://kubelet:1")], [:], nil),
        ] as [([(Setting, String)], [String: String], String?)])
    func tokensAreReviewedByAnAPIServer(
        _ settings: [(Setting, String)], _ variables: [String: String], _ url: String?
    ) throws {
        let flags = settings.map { flag($0, $1) } + [flag(.webReview, "on")]
        let resolved = try? Layers.resolve(flags: flags, in: environment(variables))
        #expect(resolved?.values.web.reviewURL == url)
    }

    @Test func theHigherLayerWins() throws {
        let (directory, path) = try file("retention = 1m\nsample.interval = 2s\ncarbon.pue = 1.1\n")
        let variables = ["ENERGYD_RETENTION": "2m", "ENERGYD_SAMPLE_INTERVAL": "3s"]
        let resolved = try Layers.resolve(flags: [flag(.retention, "3m")], in: environment(variables, file: path))
        #expect(resolved.values.retention == .seconds(180))
        #expect(resolved.values.interval == .seconds(3))
        #expect(resolved.values.carbon.pue == 1.1)
        #expect(resolved.values.accounting.processLimit == 8192 && resolved.origin(of: .processLimit) == .standard)
        #expect(
            resolved.overridden(of: .retention) == [.environment("ENERGYD_RETENTION"), .file(path: path, line: 1)])
        #expect(resolved.file == path)
        _ = directory
    }

    @Test func theFileIsNamedByFlagThenVariableThenDefault() throws {
        let (first, one) = try file("node.name = one")
        let (second, two) = try file("node.name = two")
        let (third, three) = try file("node.name = three")
        let both = environment([Layers.fileVariable: two], file: three)
        #expect(try Layers.resolve(flags: [], file: one, in: both).values.nodeName == "one")
        #expect(try Layers.resolve(flags: [], in: both).values.nodeName == "two")
        #expect(try Layers.resolve(flags: [], in: environment(file: three)).values.nodeName == "three")
        #expect(try Layers.resolve(flags: [], file: "none", in: both).values.nodeName == "host")
        #expect(
            try Layers.resolve(flags: [], in: environment([Layers.fileVariable: "none"], file: three)).file == nil)
        _ = (first, second, third)
    }

    /// Also where a higher layer wins: it would fail on the day that one goes.
    @Test func aWrongValueIsRefusedWhereItStands() throws {
        let (directory, path) = try file("# comment\n\nretention = soon\n")
        let inFile = message { _ = try Layers.resolve(flags: [flag(.retention, "3m")], in: environment(file: path)) }
        #expect(inFile.hasPrefix("\(path):3: retention: 'soon'") && inFile.contains("such as 10m"))
        let variables = ["ENERGYD_RETENTION": "soon"]
        let inEnvironment = message {
            _ = try Layers.resolve(flags: [flag(.retention, "3m")], in: environment(variables))
        }
        #expect(inEnvironment.hasPrefix("environment variable ENERGYD_RETENTION: 'soon'"))
        #expect(
            message { _ = try Layers.resolve(flags: [flag(.retention, "soon")], in: environment()) }
                .hasPrefix("--retention: 'soon'"))
        _ = directory
    }

    @Test func anAlternativeOfAHigherLayerWins() throws {
        let (directory, path) = try file("carbon.zone = DE\n")
        let resolved = try Layers.resolve(flags: [flag(.carbonIntensity, "7")], in: environment(file: path))
        #expect(resolved.values.carbon.zone == nil && resolved.values.carbon.intensity == 7)
        #expect(resolved.overridden(of: .carbonIntensity) == [.file(path: path, line: 1)])
        let together = message {
            _ = try Layers.resolve(
                flags: [flag(.carbonIntensity, "7"), flag(.carbonZone, "DE")], in: environment())
        }
        #expect(
            together.contains("--carbon.zone") && together.contains("--carbon.intensity cannot be combined")
                || together.contains("--carbon.intensity") && together.contains("cannot be combined"))
        _ = directory
    }

    @Test func defaultsOfTheHost() throws {
        var root = environment(["NODE_NAME": "n7", "NODE_IP": "fd00::7"])
        root.isRoot = true
        let resolved = try Layers.resolve(flags: [flag(.kubernetes, "kubelet"), flag(.rootfs, "/host/")], in: root)
        #expect(resolved.values.nodeName == "n7" && resolved.origin(of: .nodeName) == .host("NODE_NAME"))
        #expect(resolved.values.web.socketPath == AgentDefaults.systemSocketPath)
        #expect(resolved.values.kubernetes.url == "https://[fd00::7]:10250")
        #expect(resolved.values.paths.logs == "/host/var/log")

        let user = try Layers.resolve(flags: [], in: environment(["XDG_RUNTIME_DIR": "/run/user/1", "NODE_NAME": ""]))
        #expect(user.values.nodeName == "host" && user.values.web.socketPath == "/run/user/1/energyd.sock")
        #expect(user.values.kubernetes.url.isEmpty)
        #expect(try Layers.resolve(flags: [], in: environment()).values.web.socketPath == nil)
        let pod = environment(["KUBERNETES_SERVICE_HOST": "10.0.0.1"])
        #expect(
            try Layers.resolve(flags: [flag(.kubernetes, "api")], in: pod).values.kubernetes.url
                == "https://10.0.0.1:443")
    }

    @Test func contradictionsAreRefused() {
        let requests = message { _ = try Layers.resolve(flags: [flag(.staticPolicy, "requests")], in: environment()) }
        #expect(requests.hasPrefix("--attribution.static: ") && requests.contains("--kubernetes"))
        let api = message {
            _ = try Layers.resolve(flags: [], in: environment(["ENERGYD_KUBERNETES": "api"]))
        }
        #expect(api.hasPrefix("environment variable ENERGYD_KUBERNETES: ") && api.contains("--kubernetes.url"))
    }

    @Test(arguments: ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80", "https://bmc"])
    func aPasswordMayGoToThisMachine(_ url: String) {
        #expect(throws: Never.self) { try Layers.resolve(flags: [flag(.redfishURL, url)], in: environment()) }
    }

    @Test(arguments: [
        "http://bmc.example.com", "http://127.0.0.1.example.com", "http://localhost.example.com", "http://127.1",
        "http://[::2]",
    ])
    func aPasswordIsSentInClearOnlyWhereThatIsWanted(_ url: String) {
        let refusal = message { _ = try Layers.resolve(flags: [flag(.redfishURL, url)], in: environment()) }
        #expect(refusal.contains("--power.redfish.allow-http"))
        #expect(throws: Never.self) {
            try Layers.resolve(flags: [flag(.redfishURL, url), flag(.redfishPlain, "on")], in: environment())
        }
    }
}

@Suite struct EnvironmentLayerTests {
    private func read(_ variables: [String: String]) throws -> [String] {
        try EnvironmentLayer.read(environment(variables)).map(\.setting.key)
    }

    /// What Kubernetes, the systemd unit, scripts and tests set.
    @Test(arguments: [
        "ENERGYD_OPTIONS", "ENERGYD_ADDRESS", "ENERGYD_READY_TIMEOUT", "ENERGYD_BIN", "ENERGYD_BENCH_SECONDS",
        "ENERGYD_SERVICE_HOST", "ENERGYD_SERVICE_PORT", "ENERGYD_SERVICE_PORT_METRICS", "ENERGYD_PORT",
        "ENERGYD_PORT_9464_TCP", "ENERGYD_PORT_9464_TCP_PROTO", "ENERGYD_PORT_9464_TCP_PORT",
        "ENERGYD_PORT_9464_TCP_ADDR", "ENERGYD_AGENT_SERVICE_HOST", "ENERGYD_CONFIG_FILE", "ENERGYDX", "PATH",
    ])
    func variablesOfOtherProgramsAreIgnored(_ name: String) throws {
        #expect(try read([name: "x"]).isEmpty)
    }

    /// No setting looks like one of those.
    @Test(arguments: Setting.all.map(\.key)) func noSettingIsTakenForAnothers(_ key: String) throws {
        let setting = try #require(Setting.named(key))
        #expect(throws: ConfigurationError.self) { try read([setting.variable + "S": "x"]) }
        #expect(try read([setting.variable: "x"]) == [key])
    }

    @Test(arguments: [
        ("ENERGYD_SAMPLE_INTERVALL", "ENERGYD_SAMPLE_INTERVAL"), ("ENERGYD_CARBONZONE", "ENERGYD_CARBON_ZONE"),
        ("ENERGYD_CONFIGFILE", "ENERGYD_CONFIG_FILE"), ("ENERGYD_FAVOURITE_COLOUR", "energyd config"),
    ])
    func anUnknownOneIsMetWithTheNearestName(_ name: String, _ hint: String) {
        do {
            _ = try read([name: "x"])
            Issue.record("accepted")
        } catch {
            #expect("\(error)".contains(name) && "\(error)".contains(hint))
        }
    }

    @Test func anEmptyOneIsNotSet() throws {
        #expect(try read(["ENERGYD_RETENTION": "", "ENERGYD_NONSENSE": ""]).isEmpty)
    }
}
