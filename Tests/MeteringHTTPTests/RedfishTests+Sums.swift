import Linux
import TestSupport
import Testing

@testable import MeteringHTTP

extension RedfishTests {
    /// A chassis that tells its power by these supplies only.
    private func supplies(_ list: String, _ each: [(path: String, state: String, watts: String)]) -> String {
        collection(["1"]) + """
            , "/redfish/v1/Chassis/1": {"PowerSubsystem": {"@odata.id": "/s"}},
            "/s": {"PowerSupplies": {"@odata.id": "/p"}}, "/p": \(list)
            """
            + each.map {
                """
                , "\($0.path)": {"Status": {"State": "\($0.state)"}, "Metrics": {"@odata.id": "\($0.path)/m"}},
                "\($0.path)/m": {"InputPowerWatts": {"Reading": \($0.watts)}}
                """
            }.joined()
    }

    private func members(_ paths: [String]) -> String {
        #""Members": [\#(paths.map { #"{"@odata.id": "\#($0)"}"# }.joined(separator: ", "))]"#
    }

    @Test func everySupplyIsInTheSum() async throws {
        let paths = (0..<18).map { "/p/\($0)" }
        let bmc = try FakeBMC(supplies("{\(members(paths))}", paths.map { ($0, "Enabled", "10") }))
        #expect(try await bmc.ask().watts == 180)
    }

    /// A sum of some is none.
    @Test(arguments: [
        #""Members@odata.nextLink": "https://elsewhere/p?$skip=1""#, #""Members@odata.nextLink": "/nowhere""#,
        #""Members@odata.count": 2"#,
    ])
    func aSumThatLacksASupplyIsNoPower(_ more: String) async throws {
        let bmc = try FakeBMC(supplies("{\(members(["/p/0"])), \(more)}", [("/p/0", "Enabled", "120")]))
        let answer = try await bmc.ask()
        #expect(answer.watts == nil && answer.error?.contains("not all of its power supplies") == true, "\(answer)")
    }

    @Test(arguments: [
        ("UnavailableOffline", "null", 210.0), ("Disabled", "null", 210), ("absent", "null", 210),
        ("Enabled", "null", nil), ("Enabled", "-1", nil), ("StandbySpare", "0", 210),
    ])
    func aSupplyWithoutMainsDrawsNothing(_ state: String, _ watts: String, _ sum: Double?) async throws {
        let bmc = try FakeBMC(
            supplies("{\(members(["/p/0", "/p/1"]))}", [("/p/0", "Enabled", "210"), ("/p/1", state, watts)]))
        #expect(try await bmc.ask().watts == sum)
    }

    /// Thirty readings later at the latest.
    @Test func aSupplyThatIsAddedCounts() async throws {
        let one = supplies("{\(members(["/p/0"]))}", [("/p/0", "Enabled", "120")])
        let two = supplies("{\(members(["/p/0", "/p/1"]))}", [("/p/0", "Enabled", "120"), ("/p/1", "Enabled", "90")])
        let bmc = try FakeBMC(one)
        let table = bmc.table
        let clock = VirtualClock(sleeps: 40) { sleeps in
            if sleeps == 35 { try? replaceFile(table, "{\(two)}") }
        }
        _ = try await bmc.ask(clock: clock)
        #expect(try bmc.requests.contains { $0.hasPrefix("/p/1/m ") })
    }

    /// Null now and then: what stands elsewhere in the document is something else.
    @Test func aReadingThatIsMissingIsNotReplaced() async throws {
        func documents(_ watts: String) -> String {
            collection(["1"]) + """
                , "/redfish/v1/Chassis/1": {"Power": {"@odata.id": "/p"}}, "/p": {"PowerControl":
                [{"PowerConsumedWatts": \(watts)}], "PowerSupplies": [{"PowerInputWatts": 900}, {"PowerInputWatts": 900}]}
                """
        }
        let bmc = try FakeBMC(documents("200"))
        let (table, without) = (bmc.table, documents("null"))
        let clock = VirtualClock(sleeps: 8) { sleeps in
            if sleeps == 8 { try? replaceFile(table, "{\(without)}") }
        }
        let answer = try await bmc.ask(clock: clock)
        #expect(answer.watts == 200 && answer.errors > 2, "\(answer)")
    }

    @Test func aSensorOfTheWholeIsReadWhereNothingElseTells() async throws {
        let bmc = try FakeBMC(
            collection(["1"]) + """
                , "/redfish/v1/Chassis/1": {"EnvironmentMetrics": {"@odata.id": "/e"}, "Sensors": {"@odata.id": "/t"}},
                "/e": {"PowerLimitWatts": {"SetPoint": 0}},
                "/t": {\(members(["/t/total_fan_power", "/t/power_total_power"]))},
                "/t/total_fan_power": {"Reading": 30, "ReadingType": "Power", "ReadingUnits": "W"},
                "/t/power_total_power": {"Reading": 1232, "ReadingType": "Power", "ReadingUnits": "W"}
                """)
        #expect(try await bmc.ask().watts == 1232)
    }
}
