package import Formatting
package import Snapshot

extension WorkloadQuery {
    /// Appends the answer as JSON: when it was measured, how many workloads match, and those that were asked for.
    /// O(n log n) in the number of workloads. Throws where a number is not finite, which JSON cannot express.
    package func write(answerFrom snapshot: Snapshot, to sink: ByteSink) throws {
        try JSONStream.write(answer(from: snapshot), to: sink)
    }

    private func answer(from snapshot: Snapshot) -> WorkloadAnswer {
        let workloads = snapshot.workloads
        let matching = workloads.indices.filter { place in
            (levels.isEmpty || levels.contains(workloads[place].kind)) && filter.matches(workloads[place])
        }
        let shown = order.sorted(matching, of: workloads).prefix(limit ?? .max)
        return WorkloadAnswer(
            head: WorkloadAnswerHead(
                schemaVersion: snapshot.schemaVersion, timestamp: snapshot.timestamp, unixTime: snapshot.unixTime,
                sequence: snapshot.sequence, windowSeconds: snapshot.windowSeconds, nodeName: snapshot.node.name,
                matched: matching.count),
            workloads: shown.map { WorkloadRow(workload: workloads[$0], fields: fields) })
    }
}

/// What an answer has beside the workloads.
package struct WorkloadAnswerHead: Codable, Sendable {
    let schemaVersion: Int
    let timestamp: String
    let unixTime: Double
    let sequence: UInt64
    let windowSeconds: Double
    let nodeName: String
    /// Workloads that match, whether the limit shows them or not.
    let matched: Int
}

private struct WorkloadAnswer: Encodable {
    let head: WorkloadAnswerHead
    let workloads: [WorkloadRow]

    private enum Key: CodingKey {
        case schemaVersion, timestamp, unixTime, sequence, windowSeconds, nodeName, matched, workloads
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(head.schemaVersion, forKey: .schemaVersion)
        try object.encode(head.timestamp, forKey: .timestamp)
        try object.encode(head.unixTime, forKey: .unixTime)
        try object.encode(head.sequence, forKey: .sequence)
        try object.encode(head.windowSeconds, forKey: .windowSeconds)
        try object.encode(head.nodeName, forKey: .nodeName)
        try object.encode(head.matched, forKey: .matched)
        try object.encode(workloads, forKey: .workloads)
    }
}
