import Glibc
import TestSupport
import Testing

/// The layers of the configuration, in the real programs.
@Suite struct ConfigTests {
    private struct Listing: Decodable {
        struct Entry: Decodable {
            var name: String
            var value: String?
            var source: String
            var place: String?
            var overrides: [String]
        }
        var file: String?
        var settings: [Entry]

        func setting(_ name: String) throws -> Entry { try #require(settings.first { $0.name == name }) }
    }

    private func file(_ text: String) throws -> (directory: TemporaryDirectory, path: String) {
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "energyd.conf")
        return (directory, directory.path + "/energyd.conf")
    }

    @Test func everyLayerIsShownWithItsOrigin() throws {
        let (directory, path) = try file("# node\ncarbon.zone = DE\nretention = 5m # short\n")
        let (code, output) = try Child.run([
            "env", "ENERGYD_CONFIG_FILE=\(path)", "ENERGYD_RETENTION=6m", Programs.energyd, "config", "--output=json",
            "--retention=7m", "--scheduling",
        ])
        #expect(code == 0)
        let listing = try decode(Listing.self, output)
        #expect(listing.file == path)
        let zone = try listing.setting("carbon.zone")
        #expect(zone.value == "DE" && zone.source == "file" && zone.place == "\(path):2")
        let retention = try listing.setting("retention")
        #expect(retention.value == "7m" && retention.place == "--retention")
        #expect(retention.overrides == ["ENERGYD_RETENTION", "\(path):3"])
        #expect(try listing.setting("scheduling").value == "on")
        _ = directory
    }

    /// What is in a file of credentials is never printed.
    @Test func secretsAreNotShown() throws {
        let (directory, path) = try file("")
        try directory.write("root:calvin\n", to: "password")
        let (code, output) = try Child.run([
            Programs.energyd, "config", "--config.file=\(path)", "--power.redfish.url=https://bmc",
            "--power.redfish.credentials=\(directory.path)/password",
        ])
        #expect(code == 0 && output.contains("\(directory.path)/password") && !output.contains("calvin"))
        let (wrong, refusal) = try Child.run([
            "env", "ENERGYD_POWER_REDFISH_URL=https://root:calvin@bmc", Programs.energyd, "config",
        ])
        #expect(wrong == 2 && refusal.contains("ENERGYD_POWER_REDFISH_URL") && !refusal.contains("calvin"))
    }

    @Test func aWrongFileEndsBothProgramsWithItsLine() throws {
        let (directory, path) = try file("retention = 5m\nretenton = 6m\n")
        let doctor = [Programs.energyctl, "doctor", "--settings-of=none"]
        for command in [[Programs.energyd], [Programs.energyd, "config"], doctor] {
            let (code, output) = try Child.run(command + ["--config.file=\(path)"], seconds: 30)
            #expect(code == 2)
            #expect(output.contains("\(path):2: unknown setting 'retenton': did you mean retention?"), "\(output)")
        }
        _ = directory
    }

    @Test func aWrongVariableEndsBothProgramsWithTheNearestName() throws {
        // Of its own: an agent that another test runs has settings that doctor would take.
        let doctor = [Programs.energyctl, "doctor", "--settings-of=none"]
        for command in [[Programs.energyd], [Programs.energyd, "config"], doctor] {
            let (code, output) = try Child.run(["env", "ENERGYD_RETENTON=5m"] + command, seconds: 30)
            #expect(code == 2)
            #expect(output.contains("ENERGYD_RETENTON") && output.contains("did you mean ENERGYD_RETENTION?"))
        }
    }

    @Test func helpTeachesTheLayers() throws {
        let (code, output) = try Child.run([Programs.energyd, "config", "--help"])
        #expect(code == 0)
        for words in ["ENERGYD_CARBON_ZONE=DE", "carbon.zone = DE", "/etc/energyd/energyd.conf", "EXAMPLES"] {
            #expect(output.contains(words), "\(words)")
        }
    }
}
