import Linux
import Settings
import Testing

@Suite struct DocumentTests {
    /// The table of docs/operations.md has a row for every setting: `--key`, or `.last` after another of its group.
    @Test(arguments: Setting.all.map(\.key)) func operationsListsEverySetting(key: String) throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let rows = try readText(root + "/docs/operations.md").split(separator: "\n").filter { $0.hasPrefix("| `--") }
        let last = key.split(separator: ".").last ?? ""
        #expect(rows.contains { $0.contains("`--\(key)`") || $0.contains("`.\(last)`") }, "--\(key) is not documented")
    }
}
