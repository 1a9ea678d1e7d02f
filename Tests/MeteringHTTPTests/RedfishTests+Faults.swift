import Glibc
import Metering
import TestSupport
import Testing

@testable import MeteringHTTP

extension RedfishTests {
    /// What is wrong with one of two chassis.
    @Test(arguments: [
        (#"{"__status": 404}"#, "HTTP 404"), (#"{"__status": 403}"#, "HTTP 403"), (#"{"__status": 500}"#, "HTTP 500"),
        (#"{"__status": 503, "__headers": {"Retry-After": "5"}}"#, "HTTP 503"),
        (#"{"__text": "<html>"}"#, "not a chassis"),
        (#"{"__raw": "aGVsbG8gd29ybGQNCg0K"}"#, "not HTTP"), (#"{"__raw": ""}"#, "closed the connection"),
    ])
    func oneBadChassisSpoilsOnlyItself(_ document: String, _ words: String) async throws {
        let bmc = try FakeBMC(
            collection(["Bad", "1"]) + #", "/redfish/v1/Chassis/Bad": \#(document), "# + single("1", 198))
        let answer = try await bmc.ask()
        #expect(answer.watts == 198 && answer.errors == 0, "\(answer)")
        #expect(answer.remarks("skipped", "/redfish/v1/Chassis/Bad", words), "\(answer.remarks)")
    }

    /// One that answers late, falls silent or trickles does not delay the others.
    @Test(arguments: [
        #"{"__delay": 20}"#, #"{"__stall": true, "__body": [1]}"#, #"{"__drip": true, "__body": "xxxxxxxxxx"}"#,
    ])
    func aSlowChassisIsNotWaitedFor(_ document: String) async throws {
        let bmc = try FakeBMC(
            collection(["Slow", "1"]) + #", "/redfish/v1/Chassis/Slow": \#(document), "# + single("1", 198))
        let began = ContinuousClock.now
        let answer = try await bmc.ask()
        #expect(answer.watts == 198 && answer.remarks("/redfish/v1/Chassis/Slow", "not answered yet"), "\(answer)")
        #expect(ContinuousClock.now - began < .seconds(10))
    }

    /// It is tried again, and then it counts.
    @Test func aBadChassisIsTriedAgain() async throws {
        let bmc = try FakeBMC(
            collection(["1", "2"]) + #", "/redfish/v1/Chassis/2": {"__status": 503}, "#
                + single("1", 1080, #""ChassisType": "Enclosure", "#))
        // Readings at 0, 10, ... s; the chassis is due again after 60 s.
        let clock = VirtualClock(sleeps: 8)
        let first = try await bmc.ask(clock: VirtualClock(sleeps: 0))
        #expect(first.watts == 1080 && first.remarks("nothing confirms that"), "\(first)")
        _ = try await bmc.ask(clock: clock)
        #expect(try bmc.requests.count { $0.hasPrefix("/redfish/v1/Chassis/2 ") } == 3)
    }

    /// No search begins before it was tried again, with more time: until then there is no reading, and none of a part.
    @Test(arguments: [#"{"__status": 503}"#, #"{"Power": {"@odata.id": "/p"}}"#])
    func theNodesOwnChassisIsTriedAgain(_ document: String) async throws {
        let links = ["1", "2"].map { #"{"@odata.id": "/redfish/v1/Chassis/\#($0)"}"# }.joined(separator: ", ")
        let rest =
            collection(["1", "2"]) + #", "/redfish/v1/Systems": {"Members": [{"@odata.id": "/s"}]}, "#
            + #""/s": {"Links": {"Chassis": [\#(links)]}}, "/p": {"__status": 503}, "#
            + single("2", 14, #""ChassisType": "Module", "#)
        let bmc = try FakeBMC(rest + #", "/redfish/v1/Chassis/1": \#(document)"#)
        let early = try await bmc.ask(clock: VirtualClock(sleeps: 5))
        #expect(early.watts == nil && early.error?.contains("/redfish/v1/Chassis/1") == true, "\(early)")
        #expect(try bmc.requests.count { $0.hasPrefix("/redfish/v1/Chassis ") } == 1)

        let directory = bmc.directory
        let clock = VirtualClock(sleeps: 15) { left in
            // From a minute after the search on, with time for a real server to answer.
            if left == 10 { try? directory.write("{\(rest), \(single("1", 310))}", to: "table") }
            if left < 10 { usleep(50_000) }
        }
        let late = try await bmc.ask(clock: clock)
        #expect(late.watts == 310, "\(late)")
        #expect(try bmc.requests.count { $0.hasPrefix("/redfish/v1/Chassis ") } == 2)
    }

    @Test func aNullOrZeroDoesNotStick() async throws {
        let bmc = try FakeBMC(
            collection(["1"]) + """
                , "/redfish/v1/Chassis/1": {"EnvironmentMetrics": {"@odata.id": "/e"}, "Power": {"@odata.id": "/p"}},
                "/e": {"PowerWatts": {"Reading": 0}}, "/p": {"PowerControl": [{"PowerConsumedWatts": 0}, {"PowerConsumedWatts": 88}]}
                """)
        #expect(try await bmc.ask().watts == 88)
    }

    /// Sums what the supplies take in where nothing else tells the power.
    @Test func powerSuppliesAreAddedUp() async throws {
        let bmc = try FakeBMC(
            collection(["1"]) + """
                , "/redfish/v1/Chassis/1": {"PowerSubsystem": {"@odata.id": "/s"}},
                "/s": {"PowerSupplies": {"@odata.id": "/s/p"}},
                "/s/p": {"Members": [{"@odata.id": "/s/p/0"}, {"@odata.id": "/s/p/1"}, {"@odata.id": "/s/p/2"}]},
                "/s/p/0": {"Metrics": {"@odata.id": "/s/p/0/m"}}, "/s/p/0/m": {"InputPowerWatts": {"Reading": 120.5}},
                "/s/p/1": {"Metrics": {"@odata.id": "/s/p/1/m"}}, "/s/p/1/m": {"InputPowerWatts": {"Reading": 0}},
                "/s/p/2": {"Status": {"State": "Absent"}}
                """)
        #expect(try await bmc.ask().watts == 120.5)
    }

    // MARK: Credentials

    @Test func refusedCredentialsAreCalledThat() async throws {
        let bmc = try FakeBMC(service(("1", 100)))
        try bmc.directory.write("reader:wrong\n", to: "credentials")
        let answer = try await bmc.ask()
        #expect(answer.watts == nil && answer.error?.contains("refuses the credentials") == true)
        let missing = try await bmc.ask { $0.credentialsFile = "/nowhere" }
        #expect(missing.error?.contains("/nowhere") == true)
    }

    /// BMCs lock accounts: one request an attempt, four attempts in the first hour, then one an hour.
    @Test func refusedCredentialsAreNotTriedIntoALockOut() async throws {
        let names = (0..<20).map { "C\($0)" }
        let bmc = try FakeBMC(collection(names))
        try bmc.directory.write("reader:wrong\n", to: "credentials")
        // The file is looked at every 5 s.
        _ = try await bmc.ask(clock: VirtualClock(sleeps: 3600 / 5))
        #expect(try bmc.requests.count == 4)
        _ = try await bmc.ask(clock: VirtualClock(sleeps: 5 * 3600 / 5))
        #expect(try bmc.requests.count == 4 + 8)
    }

    /// As soon as they have changed.
    @Test func newCredentialsAreTriedAtOnce() async throws {
        let bmc = try FakeBMC(service(("1", 100)))
        try bmc.directory.write("reader:wrong\n", to: "credentials")
        let path = bmc.credentials
        let clock = VirtualClock(sleeps: 4) { sleeps in
            if sleeps == 2 { try? replaceFile(path, "reader:s3cret\n") }
        }
        #expect(try await bmc.ask(clock: clock).watts == 100)
        #expect(clock.now.offset <= .seconds(30))
    }

    /// Expected values: `printf TEXT | base64`.
    @Test(arguments: [
        ("root:calvin\n", "cm9vdDpjYWx2aW4="), ("a:b:c", "YTpiOmM="), (":\n", "Og=="), ("u:é\n", "dTrDqQ=="),
        ("monitor:secret\r\n", "bW9uaXRvcjpzZWNyZXQ="), ("\u{FEFF}monitor:secret\n", "bW9uaXRvcjpzZWNyZXQ="),
        ("monitor:secret \t\r\n", "bW9uaXRvcjpzZWNyZXQ="), ("\r\nmonitor:secret\rmore", "bW9uaXRvcjpzZWNyZXQ="),
        ("monitor:sec ret\n", "bW9uaXRvcjpzZWMgcmV0"),
    ])
    func credentialsAreTheFirstLineOfTheirFile(_ text: String, _ code: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "password")
        #expect(try RedfishCredentials(file: nil).authorization() == nil)
        let credentials = RedfishCredentials(file: directory.path + "/password")
        #expect(try credentials.authorization() == "Basic \(code)")
        try directory.write("no password\n", to: "password")
        #expect(throws: Diagnosis.self) { try credentials.authorization() }
    }

    /// A password is bytes, and a file of the other system has two of them for each.
    @Test func credentialsNeedNotBeUTF8() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/password"
        try writeFile(path, bytes: Array("u:".utf8) + [0xE9, 0x0A])
        #expect(try RedfishCredentials(file: path).authorization() == "Basic dTrp")
        try writeFile(path, bytes: [0xFF, 0xFE] + "root:calvin\r\n".utf8.flatMap { [$0, 0] })
        #expect(try RedfishCredentials(file: path).authorization() == "Basic cm9vdDpjYWx2aW4=")
    }

    /// A pipe must not keep us waiting.
    @Test func credentialsAreARegularFile() {
        #expect(throws: Diagnosis.self) { try RedfishCredentials(file: "/dev/zero").authorization() }
    }
}
