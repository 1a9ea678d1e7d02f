import Testing

@testable import MeteringHTTP

@Suite struct RedfishPowerTests {
    private func watts(_ text: String) -> Double? { RedfishPower.watts(in: Array(text.utf8)) }

    @Test(arguments: [
        // The two schemas.
        (#"{"PowerControl": [{"PowerConsumedWatts": 344}]}"#, 344.0), (#"{"PowerWatts": {"Reading": 512.5}}"#, 512.5),
        // Types that are wrong and evident.
        (#"{"PowerControl": {"PowerConsumedWatts": "152", "PowerMetric": {"IntervalInMin": 0.0833}}}"#, 152),
        (#"{"PowerControl": [{"PowerConsumedWatts": "152"}]}"#, 152),
        (#"{"PowerControl": {"PowerConsumedWatts": 152}}"#, 152),
        (#"{"PowerControl": [{"PowerConsumedWatts": " 152.5 W "}]}"#, 152.5), (#"{"PowerWatts": "99 Watts"}"#, 99),
        (#"{"PowerWatts": 41}"#, 41), (#"{"PowerWatts": [{"Reading": "42"}]}"#, 42),
        (#"{"PowerControl": [{"PowerConsumedWatts": {"Reading": 43}}]}"#, 43),
        (#"[{"PowerControl": [{"PowerConsumedWatts": 44}]}]"#, nil),
        (#"{"PowerControl": [null, 5, "x", {"PowerConsumedWatts": 45}],}"#, 45),
        (#"{"PowerControl": [{"PowerConsumedWatts": 263}, {"PowerConsumedWatts": "N/A"}]}"#, 263),
        (#"{"PowerControl": [{"PowerConsumedWatts": N/A}, {"PowerConsumedWatts": 47}]}"#, 47),
        (#"{"PowerControl": [{"PowerConsumedWatts": NaN}, {"PowerConsumedWatts": 48}]}"#, 48),
        // Null and zero in front.
        (
            #"{"PowerControl": [{"PowerConsumedWatts": null}, {"PowerConsumedWatts": 0}, {"PowerConsumedWatts": 49}]}"#,
            49
        ),
        (#"{"PowerWatts": {"Reading": 0}, "PowerControl": [{"PowerConsumedWatts": 50}]}"#, 50),
        (#"{"PowerWatts": null, "PowerControl": [{"PowerConsumedWatts": 51}]}"#, 51),
        // A part is not the whole, even where the whole has no reading.
        (
            #"{"PowerControl": [{"Name": "Server Power Control", "PowerConsumedWatts": null}, {"Name": "CPU Sub-system Power", "PowerConsumedWatts": 90}]}"#,
            nil
        ),
        (
            #"{"PowerControl": [{"PhysicalContext": "CPUSubsystem", "PowerConsumedWatts": 90}, {"PowerConsumedWatts": 200}]}"#,
            200
        ),
        (#"{"PowerControl": [{"PhysicalContext": "PowerSupply", "PowerConsumedWatts": 152}]}"#, 152),
        // No power of a node.
        (#"{"PowerControl": [{"PowerConsumedWatts": 65535}]}"#, nil),
        (#"{"PowerControl": [{"PowerConsumedWatts": -5}]}"#, nil),
        (#"{"PowerControl": [{"PowerConsumedWatts": "152 V"}]}"#, nil),
        (#"{"PowerControl": [{"PowerConsumedWatts": true}]}"#, nil),
        (#"{"PowerControl": "x"}"#, nil), ("null", nil), ("[]", nil), ("", nil),
        // Vendors: iLO 4, iRMC, Inspur, iBMC.
        (#"{"PowerConsumedWatts": 93, "PowerControl": []}"#, 93),
        (
            #"{"Oem": {"ts_fujitsu": {"ChassisPowerConsumption": {"CurrentPowerConsumptionW": 150, "PeakPowerW": 195}}}}"#,
            150
        ),
        (#"{"PowerControl": [], "Oem": {"Public": {"TotalPower": 410}}}"#, 410),
        (
            #"{"PowerSupplies": [{"Oem": {"Huawei": {"PowerInputWatts": 120}}}, {"Oem": {"Huawei": {"PowerInputWatts": 101}}}]}"#,
            221
        ),
        // What supplies take in, where each tells it.
        (
            #"{"PowerSupplies": [{"PowerInputWatts": 120}, {"PowerInputWatts": 0}, {"Status": {"State": "Absent"}}]}"#,
            120
        ),
        (#"{"PowerSupplies": [{"PowerInputWatts": 120}, {"PowerInputWatts": null}]}"#, nil),
        (#"{"PowerSupplies": [{"LastPowerOutputWatts": 1600}]}"#, nil),
        // A sensor.
        (#"{"Reading": 301, "ReadingType": "Power", "ReadingUnits": "W"}"#, 301),
        (#"{"Reading": 41, "ReadingType": "Temperature", "ReadingUnits": "Cel"}"#, nil),
    ])
    func powerOfADocument(_ text: String, _ watts: Double?) {
        #expect(self.watts(text) == watts)
    }

    @Test func sensorsAreNamedByTheMetrics() throws {
        let text = #"{"PowerWatts": {"DataSourceUri": "/redfish/v1/Chassis/1/Sensors/total"}}"#
        #expect(
            RedfishPower.sensorLink(in: try #require(LooseJSON(Array(text.utf8))))
                == "/redfish/v1/Chassis/1/Sensors/total")
    }

    @Test(arguments: [
        (
            #"{"Members": [{"@odata.id": "/a"}, {"@odata.id": "/b/"}], "Members@odata.nextLink": "/c"}"#,
            ["/a", "/b/"], "/c"
        ),
        (#"{"Members": {"@odata.id": "/a"}}"#, ["/a"], nil), (#"{"Members": null}"#, [], nil),
        (#"{"Members": ["/a", 7, null, {}, {"@odata.id": 5}], "@odata.nextLink": {"@odata.id": "/c"}}"#, ["/a"], "/c"),
    ])
    func pagesOfACollection(_ text: String, _ members: [String], _ next: String?) throws {
        let page = try #require(RedfishPage(Array(text.utf8)))
        #expect(page.members == members && page.next == next)
    }

    @Test(arguments: ["{}", "[]", "<html>", "", #"{"Members": [{"@odata.id": "/a"#])
    func whatIsNoCollection(_ text: String) {
        #expect(RedfishPage(Array(text.utf8)) == nil)
    }
}
