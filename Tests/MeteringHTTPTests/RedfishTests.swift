import Attribution
import Metering
import TestSupport
import Testing
import Units

@testable import MeteringHTTP

/// A BMC of its own for each test: a real HTTPS server with a self-signed certificate.
private final class FakeBMC {
    let directory: TemporaryDirectory
    let url: String
    private let child: Child
    var certificate: String { directory.path + "/cert.pem" }

    init() throws {
        directory = try TemporaryDirectory()
        let made = try Child.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2", "-subj", "/CN=bmc", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", directory.path + "/key.pem",
            "-out", directory.path + "/cert.pem",
        ])
        guard made.code == 0 else { throw Failure("openssl: \(made.output)") }
        let script = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/bmc.py"
        child = try Child([
            "python3", script, directory.path + "/cert.pem", directory.path + "/key.pem", "reader:s3cret",
            directory.path,
        ])
        let child = child
        let port = try waitFor("the port of the fake BMC") {
            child.output.split(separator: "\n").first.flatMap { Int($0) }
        }
        url = "https://127.0.0.1:\(port)"
        try directory.write("reader:s3cret\n", to: "credentials")
        try put("redfish/v1/Chassis", #"{"Members":[{"@odata.id":"/redfish/v1/Chassis/1"}]}"#)
    }

    func put(_ path: String, _ document: String) throws {
        try directory.write(document, to: path.split(separator: "/").joined(separator: "_") + ".json")
    }

    /// The result of the first reading with these settings.
    func ask(_ change: (inout RedfishSettings) -> Void = { _ in }) async throws -> SourceAnswer {
        var settings = RedfishSettings(url: url)
        settings.credentialsFile = directory.path + "/credentials"
        settings.authorityFile = certificate
        change(&settings)
        // A clock that ends with the first pause.
        let poller = RedfishPoller(settings, clock: VirtualClock(sleeps: 0))
        var source = PolledSource(
            name: "redfish", zones: [Zone(.platform, source: "redfish", quality: .measured)], interval: Seconds(10),
            mailbox: poller.mailbox)
        await poller.run()
        let usage = NodeUsage(duration: Seconds(1), busy: Seconds(0), cpuCount: 1)
        source.sample(at: Seconds(0))
        _ = source.collect(usage, at: Seconds(0))
        let energy = source.collect(usage, at: Seconds(1)).first?.energy
        return SourceAnswer(watts: energy?.joules, error: source.health.lastError)
    }
}

private struct SourceAnswer {
    let watts: Double?
    let error: String?
}

@Suite(.serialized) struct RedfishTests {
    private static let power = #"{"PowerControl":[{"PowerConsumedWatts":null},{"PowerConsumedWatts":344}]}"#

    @Test func readsTheOldSchema() async throws {
        let bmc = try FakeBMC()
        try bmc.put("redfish/v1/Chassis/1", #"{"Power":{"@odata.id":"/redfish/v1/Chassis/1/Power"}}"#)
        try bmc.put("redfish/v1/Chassis/1/Power", Self.power)
        let answer = try await bmc.ask()
        #expect(answer.watts == 344 && answer.error == nil)
    }

    @Test func readsTheNewSchemaAndTheWidestChassis() async throws {
        let bmc = try FakeBMC()
        try bmc.put(
            "redfish/v1/Chassis",
            #"{"Members":[{"@odata.id":"/redfish/v1/Chassis/1"},{"@odata.id":"/redfish/v1/Chassis/Board"}]}"#)
        try bmc.put(
            "redfish/v1/Chassis/1",
            #"{"EnvironmentMetrics":{"@odata.id":"/e1"},"Power":{"@odata.id":"/redfish/v1/Chassis/1/Power"}}"#)
        try bmc.put("e1", #"{"PowerWatts":{"Reading":512.5,"DataSourceUri":"/x"}}"#)
        try bmc.put("redfish/v1/Chassis/Board", #"{"EnvironmentMetrics":{"@odata.id":"/e2"}}"#)
        try bmc.put("e2", #"{"PowerWatts":{"Reading":200}}"#)
        #expect(try await bmc.ask().watts == 512.5)
    }

    @Test func aSelfSignedCertificateIsRefusedUnlessConfiguredOtherwise() async throws {
        let bmc = try FakeBMC()
        try bmc.put("redfish/v1/Chassis/1", #"{"Power":{"@odata.id":"/p"}}"#)
        try bmc.put("p", Self.power)
        let refused = try await bmc.ask { $0.authorityFile = nil }
        #expect(refused.watts == nil)
        #expect(refused.error?.contains("--power.redfish.insecure") == true, "\(refused.error ?? "")")
        #expect(try await bmc.ask { ($0.authorityFile, $0.verifiesCertificate) = (nil, false) }.watts == 344)
    }

    @Test func refusedCredentialsAreCalledThat() async throws {
        let bmc = try FakeBMC()
        try bmc.directory.write("reader:wrong\n", to: "credentials")
        let answer = try await bmc.ask()
        #expect(answer.watts == nil && answer.error?.contains("refuses the credentials") == true)
        let missing = try await bmc.ask { $0.credentialsFile = "/nowhere" }
        #expect(missing.error?.contains("/nowhere") == true)
    }

    @Test(arguments: [
        "junk", "{}", #"{"PowerControl":[]}"#, #"{"PowerControl":[{"PowerConsumedWatts":"many"}]}"#,
        #"{"PowerWatts":{"Reading":null}}"#,
    ])
    func garbageIsAnErrorAndNoPower(_ document: String) async throws {
        let bmc = try FakeBMC()
        try bmc.put("redfish/v1/Chassis/1", #"{"Power":{"@odata.id":"/p"}}"#)
        try bmc.put("p", document)
        let answer = try await bmc.ask()
        #expect(answer.watts == nil && answer.error?.contains("no chassis reports its power") == true)
    }

    @Test func aLinkElsewhereIsNotFollowed() async throws {
        let bmc = try FakeBMC()
        try bmc.put("redfish/v1/Chassis", #"{"Members":[{"@odata.id":"//example.com/x"}]}"#)
        #expect(try await bmc.ask().error?.contains("not a path") == true)
    }

    @Test(arguments: ["bmc", "https://", "https://user:pw@bmc", "https://bmc/redfish/v1", "ftp://bmc", "https://b mc"])
    func whatIsNoAddressIsRefused(_ url: String) {
        #expect(!RedfishSettings.isValid(url: url))
        #expect(RedfishSettings.isValid(url: "https://bmc.example.com:8443"))
    }

    /// Expected values: `printf TEXT | base64`.
    @Test(arguments: [("root:calvin", "cm9vdDpjYWx2aW4="), ("a:b:c", "YTpiOmM="), (":", "Og=="), ("u:é", "dTrDqQ==")])
    func credentialsAreTheFirstLineOfTheirFile(_ line: String, _ code: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(line + "\nanother line\n", to: "password")
        var settings = RedfishSettings(url: "https://bmc")
        #expect(try settings.authorization() == nil)
        settings.credentialsFile = directory.path + "/password"
        #expect(try settings.authorization() == "Basic \(code)")
        try directory.write("no password\n", to: "password")
        #expect(throws: Diagnosis.self) { try settings.authorization() }
    }
}
