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
            "web-configuration", "a file of --web.config.file, as YAML",
            texts: [
                "tls_server_config:\n  cert_file: 'a''b.pem' # c\n  cipher_suites: [a, \"b\"]\n  c:\n  - d\n",
                "---\nbasic_auth_users: {}\r\n\"k\\n\": x\n", "a:\n b:\n  c:\n   d:\n    e: 1\n",
            ]
        ) { bytes in
            do throws(PlainYAML.Failure) {
                _ = try PlainYAML(bytes)
            } catch {
                let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
                require((1...lines).contains(error.line), "line \(error.line) of \(lines)")
                requirePrintable(error.description)
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
