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
        (
            #"{"PowerControl": [{"Name": "PSU1 Input Power", "PhysicalContext": "PowerSupply", "PowerConsumedWatts": 150}, {"Name": "PSU2 Input Power", "PhysicalContext": "PowerSupply", "PowerConsumedWatts": 152}]}"#,
            302
        ),
        (
            #"{"PowerControl": [{"Name": "PSU1", "PowerConsumedWatts": 150}, {"Name": "PSU2", "PowerConsumedWatts": null}]}"#,
            nil
        ),
        (
            #"{"PowerControl": [{"Name": "PSU1", "PowerConsumedWatts": 150}, {"Name": "Power Control", "PowerConsumedWatts": 140}]}"#,
            140
        ),
        (
            #"{"PowerControl": [{"Status": {"State": "Absent"}, "PowerConsumedWatts": 12}, {"Status": {"State": "Enabled"}, "PowerConsumedWatts": 500}]}"#,
            500
        ),
        (
            #"{"PowerControl": [{"Status": {"State": "disabled"}, "PowerConsumedWatts": 12}, {"PowerConsumedWatts": 501}]}"#,
            501
        ),
        (#"{"PowerWatts": {"Reading": 90, "PhysicalContext": "CPU"}}"#, nil),
        (#"{"PowerWatts": {"Reading": 90, "Status": {"State": "Disabled"}}}"#, nil),
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
        // Without mains it tells null and draws nothing; an empty bay tells what was there.
        (
            #"{"PowerSupplies": [{"PowerInputWatts": 300}, {"PowerInputWatts": null, "Status": {"State": "UnavailableOffline"}}]}"#,
            300
        ),
        (#"{"PowerSupplies": [{"PowerInputWatts": 211}, {"Status": {"State": "Disabled"}}]}"#, 211),
        (#"{"PowerSupplies": [null, {"PowerInputWatts": 202}, {"Status": {"State": "absent"}}]}"#, 202),
        (#"{"PowerSupplies": [{"PowerInputWatts": 202}, {"PowerInputWatts": 9, "Status": {"State": "Absent"}}]}"#, 202),
        (#"{"PowerSupplies": [{"PowerInputWatts": 202}, {"PowerInputWatts": -1}]}"#, nil),
        // Listed twice, and not all listed.
        (
            #"{"PowerSupplies": [{"MemberId": "0", "SerialNumber": "A", "PowerInputWatts": 200}, {"MemberId": "0", "SerialNumber": "A", "PowerInputWatts": 200}]}"#,
            200
        ),
        (
            #"{"PowerSupplies": [{"MemberId": "0", "SerialNumber": "A", "PowerInputWatts": 200}, {"MemberId": "0", "SerialNumber": "B", "PowerInputWatts": 200}]}"#,
            400
        ),
        (#"{"PowerSupplies": [{"PowerInputWatts": 120}], "PowerSupplies@odata.count": 2}"#, nil),
        (#"{"PowerSupplies": [{"PowerInputWatts": 120}], "PowerSupplies@odata.nextLink": "/x"}"#, nil),
        // The rating in place of a reading (iDRAC 7), and a real one above it: output and losses.
        (
            #"{"PowerSupplies": [{"PowerInputWatts": 900, "LastPowerOutputWatts": null, "InputRanges": [{"OutputWattage": 750}]}]}"#,
            nil
        ),
        (
            #"{"PowerSupplies": [{"PowerInputWatts": 800, "LastPowerOutputWatts": 740, "PowerCapacityWatts": 750}]}"#,
            800
        ),
        // Units.
        (#"{"PowerControl": [{"PowerConsumedWatts": "0.263 kW"}]}"#, 263),
        (#"{"PowerControl": [{"PowerConsumedWatts": "263000mW"}]}"#, 263),
        (#"{"PowerControl": [{"PowerConsumedWatts": "1 MW"}]}"#, nil),
        (#"{"PowerWatts": {"Reading": 0.162, "ReadingUnits": "kW"}}"#, 162),
        (#"{"Reading": 0.5, "ReadingType": "Power", "ReadingUnits": "kW"}"#, 500),
        (#"{"Reading": 16000, "ReadingType": "Power", "ReadingUnits": "mW"}"#, 16),
        (#"{"Reading": 163, "ReadingUnits": "Watts"}"#, 163), (#"{"Reading": 163, "ReadingType": "Power"}"#, 163),
        (#"{"Reading": 163, "ReadingType": "Power", "ReadingUnits": "VA"}"#, nil),
        (#"{"Reading": 163, "ReadingType": "EnergykWh", "ReadingUnits": "kW.h"}"#, nil), (#"{"Reading": 163}"#, nil),
        (#"{"Reading": 163, "ReadingType": "Power", "PhysicalContext": "Fan"}"#, nil),
        // A sensor.
        (#"{"Reading": 301, "ReadingType": "Power", "ReadingUnits": "W"}"#, 301),
        (#"{"Reading": 41, "ReadingType": "Temperature", "ReadingUnits": "Cel"}"#, nil),
    ])
    func powerOfADocument(_ text: String, _ watts: Double?) {
        #expect(self.watts(text) == watts)
    }

    /// What the other entry tells is of a part, whatever comes first.
    @Test(arguments: [
        ("Processor Power", "Total System Power"), ("Total Fan Power", "System Power Control"),
        ("HDD Backplane Power", "System Power Control"), ("Accelerator0 Power Control", "Node Power Control"),
        ("FanPower", "PowerControl"), ("Memory_Power", "x"), ("NVMe Drives", "Chassis"), ("foo", "Server Power"),
        ("CPU Sub-system Power", ""), ("PCIe Slot Power", "Power Control"), ("gpupower", "power"),
    ])
    func aPartIsNotTheWhole(_ part: String, _ whole: String) {
        func text(_ watts: String) -> String {
            #"{"PowerControl": [{"Name": "\#(part)", "PowerConsumedWatts": 30}, {"Name": "\#(whole)", "PowerConsumedWatts": \#(watts)}]}"#
        }
        #expect(self.watts(text("400")) == 400)
        // Not even where the whole has no reading.
        #expect(self.watts(text("null")) == nil)
    }

    /// A document of the chassis `/redfish/v1/Chassis/1` with the system `/redfish/v1/Systems/1`.
    private func watts(related: [(items: [String], name: String, watts: String)], systems: [String]? = nil) throws
        -> Double?
    {
        let controls = related.map { entry in
            let items = entry.items.map { #"{"@odata.id": "/redfish/v1/\#($0)"}"# }.joined(separator: ", ")
            return #"{"RelatedItem": [\#(items)], "Name": "\#(entry.name)", "PowerConsumedWatts": \#(entry.watts)}"#
        }
        let text = #"{"PowerControl": [\#(controls.joined(separator: ", "))]}"#
        let owner = RedfishOwner(
            chassis: "/redfish/v1/Chassis/1", systems: systems ?? ["/redfish/v1/Systems/1"],
            outer: "/redfish/v1/Chassis/Enclosure", origin: try #require(RedfishOrigin("https://bmc")),
            document: "/redfish/v1/Chassis/1/Power")
        return RedfishPower.reading(in: try #require(LooseJSON(Array(text.utf8))), of: owner)?.watts
    }

    @Test func whatAControlIsRelatedToCountsFirst() throws {
        let enclosure = (items: ["Chassis/Enclosure"], name: "Chassis Power Control", watts: "800")
        let own = (items: ["Systems/1/", "Chassis/1"], name: "Power Control", watts: "210")
        #expect(try watts(related: [enclosure, own]) == 210)
        #expect(try watts(related: [enclosure, (own.items, own.name, "null")]) == nil)
        #expect(try watts(related: [enclosure]) == nil)
        // The system before the chassis that may feed others; a part of the system is none of it.
        #expect(try watts(related: [(["Chassis/1"], "Chassis", "800"), (["Systems/1"], "Node 1", "210")]) == 210)
        #expect(try watts(related: [(["Systems/1/Processors/1"], "x", "90"), (["Chassis/1"], "y", "210")]) == 210)
        // Of several systems each is a part.
        let nodes = [(items: ["Systems/1"], name: "Node 1", watts: "210"), (["Systems/2"], "Node 2", "220")]
        let two = ["/redfish/v1/Systems/1", "/redfish/v1/Systems/2"]
        #expect(try watts(related: nodes, systems: two) == nil)
        #expect(try watts(related: nodes + [(["Chassis/1"], "x", "500")], systems: two) == 500)
        #expect(try watts(related: nodes, systems: []) == nil)
        #expect(try watts(related: [nodes[0]], systems: []) == 210)
        // A copied link to nowhere, of the only entry.
        #expect(try watts(related: [(["Chassis/1U"], "x", "344")]) == 344)
    }

    /// Where a place has told the power once, those after it are no substitute.
    @Test func aPlaceIsNotLeftForAnother() throws {
        let text = #"{"PowerControl": [{"PowerConsumedWatts": null}], "PowerSupplies": [{"PowerInputWatts": 1800}]}"#
        let document = try #require(LooseJSON(Array(text.utf8)))
        #expect(RedfishPower.reading(in: document)?.place == .supplies)
        #expect(RedfishPower.reading(in: document, upTo: .controls) == nil)
    }

    @Test(arguments: [
        ("/c/Sensors/power_total_power", true), ("/c/Sensors/SystemBoardPwrConsumption", true),
        ("/c/Sensors/total_fan_power", false), ("/c/Sensors/psu0_input_power", false),
        ("/c/Sensors/system_temp", false),
    ])
    func sensorsOfTheWhole(_ path: String, _ isTotal: Bool) {
        #expect(RedfishPower.isTotal(sensor: path) == isTotal)
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
