import Linux
import Settings
import Testing

/// docs/operations.md has every setting.
@Suite struct DocumentTests {
    private static let rows: [Substring] = {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let text = (try? readText(root + "/docs/operations.md")) ?? ""
        return text.split(separator: "\n").filter { $0.hasPrefix("| `--") }
    }()

    /// By its whole name, or as `.suffix` in the row of its siblings.
    @Test(arguments: Setting.all.map(\.key)) func everySettingIsDocumented(_ key: String) {
        let dot = key.lastIndex(of: ".") ?? key.startIndex
        #expect(
            Self.rows.contains {
                $0.contains("`--\(key)`") || $0.contains("`--\(key[..<dot]).") && $0.contains("`\(key[dot...])`")
            })
    }

    /// Where the setting has one default for all hosts, the row has it.
    @Test(arguments: ["sample.interval", "retention", "processes.max", "cgroups.max", "web.listen-address", "tier"])
    func theDefaultIsTheDocumentedOne(_ key: String) throws {
        let standard = try #require(Setting.named(key)?.standard)
        let row = try #require(Self.rows.first { $0.contains("`--\(key)`") })
        #expect(row.contains("| `\(standard)` |") || row.contains("| \(standard) |"))
    }
}
