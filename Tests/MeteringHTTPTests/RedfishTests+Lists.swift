import TestSupport
import Testing

@testable import MeteringHTTP

extension RedfishTests {
    /// What is wrong with the second page of the chassis, and what is said of it.
    @Test(arguments: [
        (#""/redfish/v1/Chassis?$skip=1": {"__status": 500}, "#, "/redfish/v1/Chassis?$skip=1", "HTTP 500"),
        (#""/redfish/v1/Chassis?$skip=1": {"__text": "<html>"}, "#, "?$skip=1", "not a collection"),
        (#""/redfish/v1/Chassis?$skip=1": {"__delay": 20}, "#, "?$skip=1", "no answer within 5 s"),
        ("", "https://bmc.internal/redfish/v1/Chassis?$skip=1", "on https://bmc.internal, is not followed"),
    ])
    func aBadPageSpoilsOnlyItself(_ documents: String, _ next: String, _ words: String) async throws {
        let bmc = try FakeBMC(
            #""/redfish/v1/Chassis": {"Members": [{"@odata.id": "/redfish/v1/Chassis/1"}], "Members@odata.count": 2, "#
                + #""Members@odata.nextLink": "\#(next)"}, "# + documents + single("1", 143))
        let answer = try await bmc.ask()
        #expect(answer.watts == 143 && answer.remarks(words), "\(answer)")
    }

    /// Links and redirects that are relative: to the page, and upwards.
    @Test(arguments: ["?$skip=1", "Chassis?$skip=1", "../v1/Chassis?$skip=1", "/redfish/x/../v1/Chassis?$skip=1"])
    func relativePagesAreFound(_ next: String) async throws {
        let bmc = try FakeBMC(
            #""/redfish/v1/Chassis": {"Members": [], "Members@odata.nextLink": "\#(next)"}, "#
                + #""/redfish/v1/Chassis?$skip=1": {"__status": 307, "__headers": {"Location": "?$skip=2"}}, "#
                + #""/redfish/v1/Chassis?$skip=2": {"Members": [{"@odata.id": "/redfish/v1/Chassis/1"}]}, "#
                + single("1", 141))
        #expect(try await bmc.ask().watts == 141)
    }

    @Test func membersThatAreCountedAndNotListedAreNamed() async throws {
        let bmc = try FakeBMC(
            #""/redfish/v1/Chassis": {"Members": [{"@odata.id": "/redfish/v1/Chassis/1"}], "Members@odata.count": 5}, "#
                + single("1", 145))
        let answer = try await bmc.ask()
        #expect(answer.watts == 145 && answer.remarks("lists 5 chassis, and 4 of them are not there"), "\(answer)")
    }

    @Test func anErrorIsOneWithStatus200Too() async throws {
        let bmc = try FakeBMC(
            collection(["1"]) + #", "/redfish/v1/Chassis/1": {"error": {"code": "Base.1.0.GeneralError"}}"#)
        #expect(try await bmc.ask().error?.contains("answers with an error (GeneralError)") == true)
    }

    /// Systems are read until this node's is found.
    @Test(arguments: [(12, 10), (45, 44)]) func manySystemsAreRead(_ count: Int, _ own: Int) async throws {
        func uuid(_ number: Int) -> String { "4c4c4544-004a-4610-8032-c4c04f3942\(number + 10)" }
        let names = (0..<count).map { "n\($0)" }
        let systems = names.indices.map { number in
            """
            , "/redfish/v1/Systems/n\(number)": {"UUID": "\(uuid(number))",
              "Links": {"Chassis": [{"@odata.id": "/redfish/v1/Chassis/n\(number)"}]}},
            \(single("n\(number)", Double(200 + number)))
            """
        }
        let list = names.map { #"{"@odata.id": "/redfish/v1/Systems/\#($0)"}"# }.joined(separator: ", ")
        let bmc = try FakeBMC(
            collection(names) + #", "/redfish/v1/Systems": {"Members": [\#(list)]}"# + systems.joined())
        let answer = try await bmc.ask {
            $0.systemUUID = uuid(own)
            $0.patience = .seconds(10)
        }
        #expect(answer.watts == Double(200 + own), "\(answer)")
        let unknown = try await bmc.ask { $0.patience = .seconds(10) }
        #expect(unknown.watts == nil && unknown.remarks("\(count - 8) of \(count) systems were not read"), "\(unknown)")
    }

    @Test func aPasswordThatMustBeChangedIsToldAsThat() async throws {
        let bmc = try FakeBMC(
            """
            "/redfish/v1/Chassis": {"__status": 403, "__body":
              {"error": {"@Message.ExtendedInfo": [{"MessageId": "Base.1.8.PasswordChangeRequired"}]}}}
            """)
        #expect(try await bmc.ask().error?.contains("asks for a new password") == true)
        try bmc.serve(
            """
            "/redfish/v1/Chassis": {"__status": 403, "__body":
              {"error": {"@Message.ExtendedInfo": [{"MessageId": "iLO.2.14.LicenseKeyRequired"}]}}}
            """)
        #expect(try await bmc.ask().error?.contains("may not read it (LicenseKeyRequired)") == true)
    }

    /// A connection that is closed after each answer, without a word about that.
    @Test func aConnectionThatIsClosedIsReplaced() async throws {
        let bmc = try FakeBMC(
            """
            "/redfish/v1/Chassis": {"__closes": true, "__body": {"Members": [{"@odata.id": "/c/1"}]}},
            "/c/1": {"__closes": true, "__body": {"Power": {"@odata.id": "/c/1/Power"}}},
            "/c/1/Power": {"__closes": true, "__body": {"PowerControl": [{"PowerConsumedWatts": 400}]}}
            """)
        let answer = try await bmc.ask(clock: VirtualClock(sleeps: 20))
        #expect(answer.watts == 400 && answer.errors == 0, "\(answer)")
    }
}
