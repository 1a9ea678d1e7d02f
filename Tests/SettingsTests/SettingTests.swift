import Telemetry
import Testing

@testable import Settings

@Suite struct SettingTests {
    @Test func everySettingHasASample() {
        #expect(Setting.all.map(\.key) == samples.map(\.setting.key))
    }

    @Test func namesAreUnique() {
        #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
        #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
        #expect(Setting.interval.variable == "ENERGYD_SAMPLE_INTERVAL")
        #expect(Setting.socketMode.variable == "ENERGYD_WEB_SOCKET_MODE")
    }

    /// What is shown can be read back.
    @Test(arguments: samples.map(\.setting.key)) func whatIsShownCanBeReadAgain(_ key: String) throws {
        let (setting, text) = try #require(samples.first { $0.setting.key == key })
        var configuration = AgentConfiguration()
        try setting.apply(text, &configuration)
        #expect(configuration != AgentConfiguration())
        let shown = try #require(setting.show(configuration))
        #expect(shown == text)
        var again = AgentConfiguration()
        try setting.apply(shown, &again)
        #expect(again == configuration)
    }

    /// A default would be accepted if it was written down.
    @Test(arguments: Setting.all.map(\.key)) func defaultsAreValid(_ key: String) throws {
        let setting = try #require(Setting.named(key))
        guard let shown = setting.show(AgentConfiguration()) else { return }
        var configuration = AgentConfiguration()
        try setting.apply(shown, &configuration)
        #expect(setting.show(configuration) == shown)
    }

    @Test(arguments: [
        ("sample.interval", "10ms"), ("sample.interval", "2h"), ("sample.interval", "soon"),
        ("carbon.zone", "Atlantis"), ("carbon.intensity", "-1"), ("carbon.intensity", "nan"), ("carbon.pue", "0.9"),
        ("carbon.pue", "nan"), ("processes", "maybe"), ("processes.max", "0"), ("tier", "A"),
        ("power.sources", "rapl,nothing"), ("power.sources", "rapl,rapl"), ("power.idle", "0"), ("power.idle", "-3"),
        ("power.idle", "nan"), ("power.idle", "1e9"), ("power.idle", "package=30,package=31"), ("power.idle", "cpu=3"),
        ("power.idle", "package=30,"), ("power.idle", "psys=30"), ("power.redfish.url", "bmc"),
        ("power.redfish.url", "https://u:p@bmc"), ("power.redfish.url", "https://bmc/redfish"),
        ("power.redfish.interval", "10ms"), ("names", "docker,dokcer"), ("kubernetes", "on"),
        ("kubernetes.url", "http://api"), ("kubernetes.url", "https://u:p@api"), ("kubernetes.labels", "a b"),
        ("kubernetes.labels", "a.b,a-b"), ("kubernetes.labels", "a,,b"), ("metrics.level", "pods"),
        ("metrics.processes", "-1"), ("web.socket-mode", "888"), ("web.socket-mode", "0066"), ("retention", "-3"),
        ("web.listen-address", "nowhere"), ("scheduling", "maybe"), ("log.level", "loud"), ("log.format", "xml"),
        ("otlp.endpoint", "collector:4318"), ("otlp.endpoint", "grpc://collector:4317"), ("otlp.endpoint", "http://"),
        ("otlp.endpoint", "https://u:p@collector"), ("otlp.endpoint", "http://a:99999"),
        ("otlp.endpoint", "http://a b"),
        ("otlp.endpoint", "http://a/b#c"), ("otlp.headers", "a"), ("otlp.headers", ",,"), ("otlp.headers", "a b=c"),
        ("otlp.headers", "a=%0D%0Ab: c"), ("otlp.headers", "a=%4"), ("otlp.protocol", "grpc"),
        ("otlp.compression", "zstd"), ("otlp.interval", "10ms"), ("otlp.timeout", "0s"), ("otlp.queue-size", "0"),
        ("otlp.attributes", "a"), ("otlp.attributes", "=b"),
    ])
    func nonsenseIsRefused(_ key: String, _ text: String) throws {
        let setting = try #require(Setting.named(key))
        #expect(throws: Setting.Refusal.self) { try setting.check(text) }
    }

    @Test(arguments: Setting.all.map(\.key)) func anEmptyTextIsRefused(_ key: String) throws {
        let setting = try #require(Setting.named(key))
        #expect(throws: Setting.Refusal.self) { try setting.check("") }
    }

    /// A URL that is refused may hold a password.
    @Test func noPasswordIsRepeated() throws {
        for setting in [Setting.redfishURL, .kubernetesURL, .otlpEndpoint, .otlpHeaders] {
            do {
                try setting.check("https://root:calvin@bmc")
                Issue.record("accepted")
            } catch {
                #expect(!error.reason.contains("calvin"))
            }
        }
    }

    /// What is shown is seen by everybody who may read the log or `energyd config`.
    @Test func secretsOfRequestsAreNotShown() throws {
        var configuration = AgentConfiguration()
        try Setting.otlpHeaders.apply("api-key=s3cret,x=%2Cs3cret", &configuration)
        try Setting.otlpEndpoint.apply("https://collector/v1/metrics?token=s3cret", &configuration)
        #expect(configuration.otlp.headers.map(\.value) == ["s3cret", ",s3cret"])
        #expect(configuration.otlp.endpoint?.hasSuffix("?token=s3cret") == true)
        #expect(Setting.otlpHeaders.show(configuration) == "api-key=...,x=...")
        #expect(Setting.otlpEndpoint.show(configuration) == "https://collector/v1/metrics?...")
    }

    /// Without a path it is that of a collector; with one it is taken as it is.
    @Test(arguments: [
        ("http://c:4318", "http://c:4318/v1/metrics"), ("https://c", "https://c/v1/metrics"),
        ("http://c:4318/", "http://c:4318/v1/metrics"), ("https://c/otlp/v1/metrics", "https://c/otlp/v1/metrics"),
        ("HTTP://[fd00::7]:4318", "http://[fd00::7]:4318/v1/metrics"),
    ])
    func endpointsHaveAPath(_ text: String, _ url: String) throws {
        var configuration = AgentConfiguration()
        try Setting.otlpEndpoint.apply(text, &configuration)
        #expect(configuration.otlp.endpoint == url)
    }

    @Test(arguments: ["a=1,b= 2 ", "a.b=x%2Cy%25z", "a=%20x%20", "a=", "é=1", "a=caf%C3%A9"])
    func attributesAreWrittenAsRead(_ text: String) throws {
        var configuration = AgentConfiguration()
        guard (try? Setting.resourceAttributes.apply(text, &configuration)) != nil else {
            #expect(text == "é=1")
            return
        }
        let shown = try #require(Setting.resourceAttributes.show(configuration))
        var again = AgentConfiguration()
        try Setting.resourceAttributes.apply(shown, &again)
        #expect(again == configuration, "\(shown)")
    }

    @Test func aTypoInTheCountryIsMetWithTheNearestOnes() throws {
        do {
            try Setting.carbonZone.check("Germany")
            Issue.record("accepted")
        } catch {
            #expect(error.reason.contains("DE"))
        }
    }
}

@Suite struct ValueTests {
    @Test func listenAddressesOfTheUsualForms() {
        #expect(ListenAddress(text: "127.0.0.1:9464") == .standard)
        #expect(ListenAddress(text: ":9464")?.isEveryInterface == true)
        #expect(ListenAddress(text: "[::1]:80")?.host == "::1")
        #expect(ListenAddress(text: "node:0")?.port == 0)
    }

    @Test(arguments: ["", "9464", "host", "host:", "host:99999", "::1:80", "host:-1", "host:http"])
    func otherAddressesAreRefused(_ text: String) {
        #expect(ListenAddress(text: text) == nil)
    }

    @Test(arguments: [("1s", 1000), ("500ms", 500), ("10m", 600_000), ("2", 2000), ("0.25s", 250), ("1h", 3_600_000)])
    func timesHaveUnits(_ text: String, _ milliseconds: Int) {
        #expect(TimeSpan(text: text)?.duration == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "s", "1x", "-1s", "nan", "infs", "1e300h"]) func otherTimesAreRefused(_ text: String) {
        #expect(TimeSpan(text: text) == nil)
    }

    @Test(arguments: [0, 1, 250, 1000, 1001, 60_000, 90_000, 3_600_000, 5_400_000]) func timesAreWrittenAsRead(
        _ milliseconds: Int
    ) {
        let time = TimeSpan(.milliseconds(milliseconds))
        #expect(TimeSpan(text: time.description) == time, "\(time)")
    }

    @Test func distances() {
        func distance(_ a: String, _ b: String) -> Int { editDistance(Array(a.utf8), Array(b.utf8)) }
        #expect(distance("", "abc") == 3 && distance("abc", "abc") == 0)
        #expect(distance("retenton", "retention") == 1 && distance("reteniton", "retention") == 1)
        #expect(nearest(to: "sample.intervall", among: Setting.all.map(\.key)) == "sample.interval")
        #expect(nearest(to: "favourite.colour", among: Setting.all.map(\.key)) == nil)
        #expect(nearest(to: "a", among: []) == nil)
    }
}
