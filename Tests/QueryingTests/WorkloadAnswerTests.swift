import Formatting
import FoundationEssentials
import Querying
import Snapshot
import SnapshotSamples
import Testing

@Suite struct WorkloadAnswerTests {
    private struct Answer: Decodable {
        let sequence: UInt64
        let matched: Int
        let workloads: [Snapshot.Workload]
    }

    private func json(_ text: String, of snapshot: Snapshot = fullSnapshot()) throws -> [UInt8] {
        let query = try WorkloadQuery(QueryString(text))
        return try ByteSink.collect { try query.write(answerFrom: snapshot, to: $0) }
    }

    private func answer(_ text: String, of snapshot: Snapshot = fullSnapshot()) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(json(text, of: snapshot)))
    }

    @Test func withoutParametersItIsEveryWorkload() throws {
        let snapshot = fullSnapshot()
        let all = try answer("")
        #expect(all.matched == snapshot.workloads.count && all.sequence == snapshot.sequence)
        #expect(all.workloads.sorted { $0.id < $1.id } == snapshot.workloads.sorted { $0.id < $1.id })
        let energies = all.workloads.map { $0.energyMicrojoules ?? 0 }
        #expect(energies == energies.sorted(by: >) && energies.first ?? 0 > 0)
    }

    @Test func levelsAndConditionsSelect() throws {
        let snapshot = fullSnapshot()
        for kind in WorkloadQuery.kinds {
            let expected = snapshot.workloads.filter { $0.kind == kind }.count
            #expect(try answer("level=\(kind)").matched == expected, "\(kind)")
        }
        let one = try #require(snapshot.workloads.first { $0.labels["k8s.namespace.name"] != nil })
        let namespace = try #require(one.labels["k8s.namespace.name"])
        let matching = try answer("filter=namespace=\(namespace)").workloads
        #expect(matching.contains { $0.id == one.id })
        #expect(matching.allSatisfy { $0.labels["k8s.namespace.name"] == namespace })
        let others = try answer("filter=namespace!=\(namespace)").matched
        #expect(others + matching.count == snapshot.workloads.count)
        #expect(try answer("filter=id=\(one.id)").workloads.map(\.id) == [one.id])
        let upper = one.name.uppercased().filter { $0.isLetter || $0.isNumber || $0 == "-" }
        #expect(try answer("filter=name~\(upper)").workloads.contains { $0.id == one.id })
    }

    @Test func thereIsOneOrderInBothDirections() throws {
        var snapshot = fullSnapshot()
        snapshot.workloads[0].powerWatts = nil
        let unknown = snapshot.workloads[0].id
        for sort in ["power", "-power"] {
            let workloads = try answer("sort=\(sort)", of: snapshot).workloads
            #expect(workloads.last?.powerWatts == nil)
            let watts = workloads.compactMap(\.powerWatts)
            #expect(watts == (sort == "power" ? watts.sorted() : watts.sorted(by: >)))
        }
        #expect(try answer("sort=power", of: snapshot).workloads.contains { $0.id == unknown })
        let names = try answer("sort=name").workloads.map(\.name)
        #expect(names == names.sorted())
        // The order of the snapshot does not matter.
        for key in WorkloadOrder.words {
            let query = "sort=\(key)&fields=id"
            var turned = snapshot
            turned.workloads.reverse()
            #expect(try json(query, of: snapshot) == json(query, of: turned), "\(key)")
        }
    }

    @Test func fieldsAndLimitMakeItSmaller() throws {
        let text = String(decoding: try json("fields=name,id&limit=1&sort=name"), as: UTF8.self)
        #expect(text.hasPrefix(#"{"schemaVersion":1,"timestamp":"#))
        let row = text.split(separator: #""workloads":["#)[1]
        #expect(row.hasPrefix(#"{"id":"#) && row.hasSuffix("}]}") && row.contains(#","name":"#))
        #expect(!row.contains("zones") && row.count { $0 == "{" } == 1)
    }

    /// A field that the snapshot gets must be in the list of fields.
    @Test func everyFieldOfAWorkloadCanBeAsked() throws {
        var snapshot = fullSnapshot()
        snapshot.workloads[0].since = 1
        snapshot.workloads[0].isAwaitingName = true
        let keys = try snapshot.workloads.reduce(into: Set<String>()) { keys, workload in
            struct AnyKey: CodingKey {
                let stringValue: String
                var intValue: Int? { nil }
                init(stringValue: String) { self.stringValue = stringValue }
                init?(intValue: Int) { nil }
            }
            struct Keys: Decodable {
                let names: [String]
                init(from decoder: any Decoder) throws {
                    names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
                }
            }
            keys.formUnion(try JSONDecoder().decode(Keys.self, from: JSONEncoder().encode(workload)).names)
        }
        #expect(keys.union(["energyMicrojoules"]) == Set(WorkloadField.allCases.map(\.rawValue)))
    }
}
