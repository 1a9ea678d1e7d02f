import FoundationEssentials
import Settings
import Testing

@Suite struct ListingTests {
    private let resolved = {
        try Layers.resolve(
            flags: [Assignment(.retention, "3m", from: .flag("--retention"))],
            in: environment(["ENERGYD_RETENTION": "2m", "ENERGYD_POWER_REDFISH_CREDENTIALS": "/run/secret"]))
    }

    @Test func theTableNamesEverySettingWithItsOrigin() throws {
        let lines = try resolved().table.split(separator: "\n")
        for setting in Setting.all { #expect(lines.contains { $0.hasPrefix(setting.key + " ") }, "\(setting.key)") }
        #expect(lines.first == "# file: none")
        let retention = try #require(lines.first { $0.hasPrefix("retention ") })
        #expect(retention.hasSuffix("  flag --retention (over ENERGYD_RETENTION)") && retention.contains(" 3m "))
        let name = try #require(lines.first { $0.hasPrefix("node.name ") })
        #expect(name.contains(" host ") && name.hasSuffix("name of the host"))
        #expect(lines.first { $0.hasPrefix("power.sources ") }?.contains("rapl,perf") == true)
    }

    @Test func jsonHasTheSame() throws {
        struct Answer: Decodable {
            struct Entry: Decodable {
                var name: String
                var value: String?
                var source: String
                var place: String?
                var overrides: [String]
            }
            var settings: [Entry]
        }
        let json = try JSONEncoder().encode(try resolved().document)
        let answer = try JSONDecoder().decode(Answer.self, from: json)
        #expect(answer.settings.map(\.name) == Setting.all.map(\.key))
        let retention = try #require(answer.settings.first { $0.name == "retention" })
        #expect(retention.value == "3m" && retention.source == "flag" && retention.place == "--retention")
        #expect(retention.overrides == ["ENERGYD_RETENTION"])
        #expect(answer.settings.first { $0.name == "tier" }?.source == "default")
    }
}
