import Linux
import Metering
import TestSupport
import Testing

@testable import MeteringHTTP

/// The poller against a real server.
@Suite(.serialized) struct RedfishTests {
    private static let power = #"{"PowerControl": [{"PowerConsumedWatts": null}, {"PowerConsumedWatts": 344}]}"#

    private func bmc(power: String) throws -> FakeBMC {
        try FakeBMC(
            collection(["1"]) + #", "/redfish/v1/Chassis/1": {"Power": {"@odata.id": "/p"}}, "/p": \#(power)"#)
    }

    @Test func readsTheOldSchema() async throws {
        let answer = try await bmc(power: Self.power).ask()
        #expect(answer.watts == 344 && answer.error == nil && answer.remarks.isEmpty)
    }

    @Test func readsTheNewSchemaAndTheWidestChassis() async throws {
        let bmc = try FakeBMC(
            collection(["1", "Board"]) + """
                , "/redfish/v1/Chassis/1":
                  {"EnvironmentMetrics": {"@odata.id": "/e1"}, "Power": {"@odata.id": "/redfish/v1/Chassis/1/Power"}},
                "/e1": {"PowerWatts": {"Reading": 512.5, "DataSourceUri": "/x"}},
                "/redfish/v1/Chassis/Board": {"EnvironmentMetrics": {"@odata.id": "/e2"}},
                "/e2": {"PowerWatts": {"Reading": 200}}
                """)
        let answer = try await bmc.ask()
        #expect(answer.watts == 512.5)
        #expect(answer.remarks("reads /redfish/v1/Chassis/1, not /redfish/v1/Chassis/Board"), "\(answer.remarks)")
    }

    @Test func aSelfSignedCertificateIsRefusedUnlessConfiguredOtherwise() async throws {
        let bmc = try FakeBMC(service(("1", 344)), isPlain: false)
        let refused = try await bmc.ask { $0.authorityFile = nil }
        #expect(refused.watts == nil)
        #expect(refused.error?.contains("not signed by an authority") == true, "\(refused.error ?? "")")
        #expect(refused.error?.contains("--power.redfish.insecure") == true, "\(refused.error ?? "")")
        #expect(try await bmc.ask { ($0.authorityFile, $0.verifiesCertificate) = (nil, false) }.watts == 344)
        #expect(try await bmc.ask().watts == 344)
        // An authorities' file that was edited elsewhere, and one that is none.
        let text = try readText(bmc.certificate)
        try bmc.directory.write("\u{FEFF}" + text, to: "marked.pem")
        #expect(try await bmc.ask { $0.authorityFile = bmc.directory.path + "/marked.pem" }.watts == 344)
        let wrong = try await bmc.ask { $0.authorityFile = bmc.credentials }
        #expect(wrong.error?.contains("no certificate of an authority") == true, "\(wrong.error ?? "")")
    }

    @Test(arguments: [
        "\"junk\"", "{}", #"{"PowerControl": []}"#, #"{"PowerControl": [{"PowerConsumedWatts": "many"}]}"#,
        #"{"PowerWatts": {"Reading": null}}"#, #"{"__text": "<html>"}"#,
    ])
    func garbageIsAnErrorAndNoPower(_ document: String) async throws {
        let answer = try await bmc(power: document).ask()
        #expect(answer.watts == nil && answer.error?.contains("no chassis reports its power") == true)
    }

    // MARK: Around the JSON

    @Test(arguments: ["true", "\"deflate\""]) func compressedAnswersAreUnpacked(_ how: String) async throws {
        let bmc = try FakeBMC(
            """
            "/redfish/v1/Chassis": {"__gzip": \(how), "__body": {"Members": [{"@odata.id": "/c/1"}]}},
            "/c/1": {"__gzip": \(how), "__body": {"Power": {"@odata.id": "/c/1/Power"}}},
            "/c/1/Power": {"__gzip": \(how), "__body": {"PowerControl": [{"PowerConsumedWatts": 93}]}}
            """)
        #expect(try await bmc.ask().watts == 93)
    }

    /// 64 MiB of blanks make 64 KB.
    @Test func whatUnpacksToTooMuchIsRefused() async throws {
        let bmc = try FakeBMC()
        let (_, bomb) = try Child.run(
            [
                "python3", "-c",
                "import base64, gzip; print(base64.b64encode(gzip.compress(b' ' * (64 << 20))).decode())",
            ])
        try bmc.serve(
            """
            "/redfish/v1/Chassis": {"__headers": {"Content-Encoding": "gzip"}, "__base64": "\(bomb.dropLast())"}
            """)
        let answer = try await bmc.ask()
        #expect(answer.error?.contains("unpacks to too much") == true, "\(answer.error ?? "")")
    }

    @Test func byteOrderMarksAreRemoved() async throws {
        let power = #"{\"PowerControl\": [{\"PowerConsumedWatts\": 77}]}"#
        let bmc = try FakeBMC(
            collection(["1"])
                + #", "/redfish/v1/Chassis/1": {"__text": "\ufeff{\"Power\": {\"@odata.id\": \"/p\"}}"}, "#
                + #""/p": {"__text": "\ufeff\#(power)"}"#)
        #expect(try await bmc.ask().watts == 77)
    }

    @Test(arguments: [301, 302, 303, 307, 308]) func redirectsWithinTheServiceAreFollowed(_ status: Int) async throws {
        let bmc = try FakeBMC()
        func moved(_ path: String, to place: String) -> String {
            #""\#(path)": {"__status": \#(status), "__headers": {"Location": "\#(place)"}}"#
        }
        try bmc.serve(
            """
            \(moved("/redfish/v1/Chassis", to: "\(bmc.url)/redfish/v1/Chassis/")),
            "/redfish/v1/Chassis/": {"Members": [{"@odata.id": "\(bmc.url)/redfish/v1/Chassis/1"}]},
            \(moved("/redfish/v1/Chassis/1", to: "1/")),
            "/redfish/v1/Chassis/1/": {"Power": {"@odata.id": "Power"}},
            \(moved("/redfish/v1/Chassis/Power", to: "/redfish/v1/Chassis/1/Power/")),
            "/redfish/v1/Chassis/1/Power": {},
            \(moved("/redfish/v1/Chassis/1/Power/", to: "/p")),
            "/p": {"PowerControl": [{"PowerConsumedWatts": 120}]}
            """)
        let answer = try await bmc.ask()
        #expect(answer.watts == 120, "\(answer)")
    }

    /// Another host, port or scheme does not get the credentials.
    @Test(arguments: ["http://127.0.0.2:PORT/x", "http://127.0.0.1:1/x", "https://127.0.0.1:PORT/x", "//example.com/x"])
    func redirectsElsewhereAreNotFollowed(_ place: String) async throws {
        let bmc = try FakeBMC()
        let port = bmc.url.split(separator: ":").last.map(String.init) ?? ""
        let location = place.split(separator: "PORT", omittingEmptySubsequences: false).joined(separator: port)
        try bmc.serve(#""/redfish/v1/Chassis": {"__status": 308, "__headers": {"Location": "\#(location)"}}"#)
        let answer = try await bmc.ask()
        #expect(answer.error?.contains("does not get the credentials") == true, "\(answer.error ?? "")")
        #expect(try bmc.requests.count == 1)
    }

    @Test func redirectsInACircleEnd() async throws {
        let bmc = try FakeBMC(
            """
            "/redfish/v1/Chassis": {"__status": 301, "__headers": {"Location": "/redfish/v1/Chassis/"}},
            "/redfish/v1/Chassis/": {"__status": 301, "__headers": {"Location": "/redfish/v1/Chassis"}}
            """)
        #expect(try await bmc.ask().error?.contains("too many redirects") == true)
        #expect(try bmc.requests.count == 6)
    }

    @Test func pagesAreReadToTheirEnd() async throws {
        let bmc = try FakeBMC(
            """
            "/redfish/v1/Chassis": {"Members": [{"@odata.id": "/redfish/v1/Chassis/A"}],
              "Members@odata.nextLink": "/redfish/v1/Chassis?$skip=1"},
            "/redfish/v1/Chassis?$skip=1": {"Members": [{"@odata.id": "/redfish/v1/Chassis/B"}],
              "Members@odata.nextLink": "/redfish/v1/Chassis"},
            "/redfish/v1/Chassis/A": {},
            """ + single("B", 210))
        let answer = try await bmc.ask()
        #expect(answer.watts == 210 && answer.remarks("its pages do not end"), "\(answer)")
    }

    @Test func aLinkElsewhereIsNotFollowed() async throws {
        let bmc = try FakeBMC(
            #""/redfish/v1/Chassis": {"Members": [{"@odata.id": "//example.com/x"}, {"@odata.id": "/redfish/v1/Chassis/1"}]}, "#
                + single("1", 99))
        let answer = try await bmc.ask()
        #expect(answer.watts == 99 && answer.remarks("1 links that leave the service"), "\(answer)")
    }

    @Test func moreChassisThanAreReadAreNamed() async throws {
        let names = (0..<70).map { "C\($0)" }
        let bmc = try FakeBMC(
            collection(names) + ", " + single("C69", 300)
                + #", "/redfish/v1/Systems": {"Members": "/redfish/v1/Systems/1"}, "#
                + #""/redfish/v1/Systems/1": {"Links": {"Chassis": [{"@odata.id": "/redfish/v1/Chassis/C69"}]}}"#)
        let answer = try await bmc.ask()
        #expect(answer.watts == 300 && answer.remarks("6 more chassis than the 64"), "\(answer)")
    }
}
