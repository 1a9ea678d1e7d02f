import FoundationEssentials
import Linux
import Testing
import Workloads

/// A table of layouts from real systems with their expected reading, kept outside the repository.
private enum LayoutTable {
    static let path =
        #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined() + "/shared/data/cgroup-paths/paths.tsv"
    static var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// Our kind for the table's, which splits units and slices by what they are for.
    static let kinds: [String: CgroupIdentity.Kind] = [
        "container": .container, "pod": .pod, "vm": .vm, "service": .unit, "scope": .unit, "conmon": .unit,
        "user": .unit, "qos": .slice, "root": .cgroup,
    ]
}

@Suite struct LayoutTableTests {
    @Test(.enabled(if: LayoutTable.exists, "the table of layouts is not beside the repository"))
    func everyRowIsReadAsExpected() throws {
        let text = try String(contentsOfFile: LayoutTable.path, encoding: .utf8)
        let rows = text.split(whereSeparator: \.isNewline).dropFirst()
        try #require(!rows.isEmpty)
        for row in rows {
            let fields = row.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(fields.count == 7, "\(row)")
            func field(_ index: Int) -> String? { fields[index].isEmpty ? nil : fields[index] }
            let identity = CgroupIdentity(cgroupPath: fields[0])
            #expect(identity.kind == LayoutTable.kinds[fields[1]], "\(row)")
            #expect(identity.runtime == field(2), "\(row)")
            // A supervisor is no container: the id is a part of its name.
            if let id = field(3), fields[1] == "conmon" {
                #expect(identity.name.contains(id), "\(row)")
            } else if let id = field(3) {
                #expect((identity.containerID ?? identity.name) == id, "\(row)")
            }
            #expect(identity.podUID == field(4), "\(row)")
            #expect(identity.qos == field(5), "\(row)")
            #expect(identity.outerContainerID == field(6), "\(row)")
        }
    }
}
