internal import Linux

@testable internal import Settings

extension FuzzTarget {
    /// What operators write.
    static let settings = [
        FuzzTarget(
            "configuration-file", "a configuration file",
            texts: ["\u{FEFF}interval = 5s # often\ncarbon.zone = \"DE\"\n\nprocesses=on\n", "a = \"b\\\"c\\\\\""]
        ) { bytes in
            do throws(ConfigurationError) {
                for assignment in try ConfigurationFile.parse(bytes, path: "f") { apply(assignment) }
            } catch {
                require(!error.description.isEmpty, "an error says why")
            }
        },
        FuzzTarget(
            "setting", "the place of a setting in the list of all, and a value for it", largest: 512,
            texts: ["\u{1}5s", "\u{9}auto", "\u{14}127.0.0.1:9464"]
                + (0..<UInt8(60)).map { "\(Character(Unicode.Scalar($0)))10" }
        ) { bytes in
            guard let first = bytes.first else { return }
            let setting = Setting.all[Int(first) % Setting.all.count]
            apply(Assignment(setting, text(Array(bytes.dropFirst())), from: .environment("X")))
        },
    ]

    private static func apply(_ assignment: Assignment) {
        var configuration = AgentConfiguration()
        do throws(ConfigurationError) {
            try assignment.apply(to: &configuration)
        } catch {
            requirePrintable(error.description)
        }
    }
}
