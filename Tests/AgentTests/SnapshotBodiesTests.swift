import Engine
import Querying
import Snapshot
import SnapshotSamples
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Agent

/// What is rendered when, and what is kept of it.
@Suite(.timeLimit(.minutes(1))) struct SnapshotBodiesTests {
    typealias Format = SnapshotBodies.Format

    /// Renderings that wait until a test runs them.
    private final class Pieces: Sendable {
        private let waiting = Mutex<[@Sendable () -> Void]>([])

        func add(_ piece: @escaping @Sendable () -> Void) { waiting.withLock { $0.append(piece) } }

        func wait(for count: Int) async {
            while waiting.withLock({ $0.count }) < count { await Task.yield() }
        }

        var count: Int { waiting.withLock { $0.count } }

        func runOne() { waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }?() }
        func runAll() { while count > 0 { runOne() } }
    }

    private final class Names: Sendable {
        let values = Mutex<[String]>([])
    }

    private let hub = SnapshotHub(interval: .seconds(1))
    private let pieces = Pieces()
    private let metrics = Format(content: .metrics(.prometheus))
    private let json = Format(content: .json)

    private func publish(_ sequence: UInt64) {
        var snapshot = fullSnapshot()
        snapshot.sequence = sequence
        hub.publish(snapshot)
    }

    /// - Parameter isManual: where renderings wait for the test.
    private func bodies(limit: Int = 16 << 20, isManual: Bool = false) -> SnapshotBodies {
        SnapshotBodies(hub: hub, selection: MetricSelection(), limit: limit) { [pieces] piece in
            if isManual { pieces.add(piece) } else { piece() }
        }
    }

    private func query(_ number: Int) -> Format {
        var query = WorkloadQuery()
        query.limit = number
        return Format(content: .workloads(query))
    }

    private func event(_ number: Int) -> Format {
        var query = WorkloadQuery()
        query.limit = number
        return Format(content: .event(query))
    }

    private func sequence(_ bodies: SnapshotBodies, _ format: Format) async throws -> UInt64? {
        try await bodies.body(format)?.sequence
    }

    // MARK: Memory

    /// Kept by nobody but this, they must not stop what comes after them.
    @Test func outdatedBodiesDoNotFillTheMemory() async throws {
        let bodies = bodies(limit: 1)
        for tick in 1...3 as ClosedRange<UInt64> {
            publish(tick)
            for format in [json, Format(content: .metrics(.openMetrics)), metrics] {
                #expect(try await sequence(bodies, format) == tick)
            }
        }
        let most = bodies.heldBytes
        publish(4)
        #expect(try await sequence(bodies, metrics) == 4)
        #expect(bodies.heldBytes < most)
    }

    @Test func outdatedQueriesDoNotFillTheMemory() async throws {
        publish(1)
        let bodies = bodies(limit: 100_000)
        var number = 0
        var isFull = false
        while !isFull, number < 30 {
            number += 1
            do { _ = try await bodies.body(query(number)) } catch SnapshotBodies.Busy.agent { isFull = true }
        }
        #expect(isFull, "\(bodies.heldBytes) bytes of \(number)")
        // They have half of it: there is room for the rest.
        #expect(try await sequence(bodies, metrics) == 1)
        for tick in 2...3 as ClosedRange<UInt64> {
            publish(tick)
            #expect(try await sequence(bodies, metrics) == tick)
            #expect(try await sequence(bodies, query(1)) == tick)
        }
    }

    @Test func slowReadersShareTheLastBody() async throws {
        let bodies = bodies(limit: 1)
        publish(1)
        var first = try await bodies.body(metrics)
        publish(2)
        let second = try await bodies.body(metrics)
        #expect(first?.sequence == 1 && second?.sequence == 2)
        publish(3)
        #expect(try await sequence(bodies, metrics) == 2)
        await #expect(throws: SnapshotBodies.Busy.self) { _ = try await bodies.body(query(1)) }
        first = nil
        #expect(try await sequence(bodies, metrics) == 3)
    }

    /// All were accepted while there was room.
    @Test func answersThatDoNotFitAreNotMade() async throws {
        publish(1)
        let bodies = bodies(limit: 1, isManual: true)
        let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 1...5 {
                group.addTask {
                    do {
                        return try await bodies.body(query(number)) != nil
                    } catch SnapshotBodies.Busy.agent {
                        return false
                    }
                }
            }
            await pieces.wait(for: 5)
            pieces.runAll()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0 } == 1)
    }

    // MARK: Order

    @Test func aBoundedNumberOfQueriesWaits() async throws {
        let bodies = bodies(isManual: true)
        let most = SnapshotBodies.mostWaitingQueries
        try await withThrowingTaskGroup(of: UInt64?.self) { group in
            for number in 1...most {
                // Snapshots come and go meanwhile.
                publish(UInt64(number))
                group.addTask { try await sequence(bodies, query(number)) }
                await pieces.wait(for: number)
            }
            await #expect(throws: SnapshotBodies.Busy.agent) { _ = try await bodies.body(query(most + 1)) }
            // Whoever asks the same waits with the others; streams have places of their own.
            group.addTask { try await sequence(bodies, query(1)) }
            group.addTask { try await sequence(bodies, event(1)) }
            await pieces.wait(for: most + 1)
            pieces.runAll()
            for try await sequence in group { #expect(sequence == UInt64(most)) }
        }
        pieces.runAll()
        let again = Task { try await sequence(bodies, query(most + 1)) }
        await pieces.wait(for: 1)
        pieces.runAll()
        #expect(try await again.value == UInt64(most))
    }

    @Test func whatIsNoQueryIsNext() async throws {
        publish(1)
        let bodies = bodies(isManual: true)
        let finished = Names()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, (name, format)) in [
                ("query", query(1)), ("stream", event(1)), ("metrics", metrics), ("json", json),
            ].enumerated() {
                group.addTask {
                    _ = try await bodies.body(format)
                    finished.values.withLock { $0.append(name) }
                }
                await pieces.wait(for: place + 1)
            }
            for count in 1...4 {
                pieces.runOne()
                while finished.values.withLock({ $0.count }) < count { await Task.yield() }
            }
            try await group.waitForAll()
        }
        #expect(finished.values.withLock(\.self) == ["metrics", "json", "query", "stream"])
    }

    @Test func noOutdatedSnapshotIsRendered() async throws {
        let bodies = bodies(isManual: true)
        publish(1)
        let early = Task { try await sequence(bodies, query(1)) }
        await pieces.wait(for: 1)
        publish(2)
        let late = Task { try await sequence(bodies, query(1)) }
        pieces.runAll()
        // Rendered once for both, or, where the second came later, found.
        let sequences = [try await early.value, try await late.value]
        #expect(sequences == [2, 2] && pieces.count == 0)
    }

    @Test func queriesThatNobodyWaitsForAreSkipped() async throws {
        publish(1)
        let bodies = bodies(isManual: true)
        let gone = Task { try await bodies.body(query(1)) { true } }
        await pieces.wait(for: 1)
        let here = Task { try await sequence(bodies, query(2)) }
        await pieces.wait(for: 2)
        pieces.runOne()
        await #expect(throws: CancellationError.self) { _ = try await gone.value }
        #expect(try await here.value == 1)
        pieces.runAll()
        // With nothing behind it, one is answered: its client may have ended its side only.
        let alone = Task { try await bodies.body(query(1)) { true } }
        await pieces.wait(for: 1)
        pieces.runAll()
        #expect(try await alone.value?.sequence == 1)
    }
}
