import Snapshot
import Terminal

/// Several agents as one source. A node that is slow or down does not hold up the others.
actor FleetPoller {
    /// How long a reading waits for those that have not answered yet.
    private static let patience = Duration.seconds(1)
    /// An answer older than this stands for a node that does not answer.
    private static let tooOld = Duration.seconds(15)

    private struct State {
        let client: any SnapshotSource
        let address: String
        var isAsked = false
        var snapshot: Snapshot?
        var time = ContinuousClock.now
        var name: String?
        var problem: String?
    }

    private var states: [State]

    init(_ clients: [(address: String, client: any SnapshotSource)]) {
        states = clients.map { State(client: $0.client, address: $0.address) }
    }

    /// What every node has answered, or why it has not.
    func reports() async -> [NodeReport] {
        for index in states.indices where !states[index].isAsked {
            states[index].isAsked = true
            var client = states[index].client
            Task {
                do {
                    self.finish(index, try await client.next(), nil)
                } catch {
                    self.finish(index, nil, "\(error)")
                }
            }
        }
        let deadline = ContinuousClock.now + Self.patience
        while states.contains(where: \.isAsked), .now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(5))
        }
        return states.map { state in
            let isOld = state.time + Self.tooOld < .now
            return NodeReport(
                name: state.name ?? state.address, snapshot: isOld ? nil : state.snapshot,
                problem: state.problem ?? "no answer yet")
        }
    }

    private func finish(_ index: Int, _ snapshot: Snapshot?, _ problem: String?) {
        states[index].isAsked = false
        states[index].problem = problem
        states[index].snapshot = snapshot
        states[index].time = .now
        guard let name = snapshot?.node.name else { return }
        // Two nodes of one name are told apart by where they are.
        let isTaken = states.indices.contains { $0 != index && states[$0].name == name }
        states[index].name = isTaken ? "\(name) (\(states[index].address))" : name
    }

    func close() async {
        for var state in states.map(\.client) { await state.close() }
    }
}

struct FleetSource: SnapshotSource {
    private let poller: FleetPoller

    init(_ addresses: [AgentAddress], access: AgentAccess) throws {
        poller = FleetPoller(
            try addresses.map { (address: $0.description, client: try AgentClient($0, access: access)) })
    }

    mutating func next() async throws -> Snapshot {
        let reports = await poller.reports()
        guard let whole = Fleet.merged(reports) else {
            let tried = reports.map { $0.problem ?? $0.name }.joined(separator: "\n  tried ")
            throw SourceFailure("no agent answers\n  tried \(tried)\nCheck that energyd runs and listens there.")
        }
        return whole
    }

    mutating func close() async { await poller.close() }
}
